/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredallocator-private.h"

#include <stdatomic.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (tiered_allocator_debug);
#define GST_CAT_DEFAULT tiered_allocator_debug

struct _GstTieredAllocator
{
  GstAllocator parent;

  /* Under the object lock. */
  GstTieredProfile profile;
  gchar *tiers;
  gboolean lock_memory;
  guint starts;
  GstTieredRegion *region;      /* while starts > 0 */
  ScTiers started_tiers;        /* of the region */
  ScArenaStats last_stats;      /* of the last region */
  GstTieredChoose choose;       /* while on demand */
  gpointer choose_data;
  ScTiers chosen_tiers;
  gboolean demand_started;      /* one of the starts */

  _Atomic gboolean fallback;
  _Atomic guint64 fallbacks;    /* of the run, as last_stats */
};

enum
{
  PROP_0,
  PROP_PROFILE,
  PROP_TIERS,
  PROP_LOCK_MEMORY,
  PROP_FALLBACK,
};

G_DEFINE_TYPE_WITH_CODE (GstTieredAllocator, gst_tiered_allocator,
    GST_TYPE_ALLOCATOR,
    GST_DEBUG_CATEGORY_INIT (tiered_allocator_debug, "tieredallocator", 0,
        "static tiered allocator"));

GType
gst_tiered_profile_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_PROFILE_STANDARD,
        "4096 bytes x 256, 65536 x 64, 1048576 x 16 (21.3 MiB)", "standard"},
    {GST_TIERED_PROFILE_EMBEDDED,
        "4096 bytes x 6, 2048 x 2 (32768 bytes in all)", "embedded"},
    {GST_TIERED_PROFILE_CUSTOM, "As the tiers property says", "custom"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredProfile", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static gboolean
parse_tiers (const gchar * text, ScTiers * tiers, GError ** error)
{
  ScTiersFault fault;
  gsize offset = 0;

  if (text == NULL) {
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "Profile custom needs the tiers property. Set for example "
        "tiers=\"4096x64,65536x16\".");
    return FALSE;
  }
  fault = sc_tiers_parse (text, tiers, &offset);
  if (fault == SC_TIERS_OK)
    return TRUE;
  g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
      "The tiers \"%s\" cannot be used: at byte %" G_GSIZE_FORMAT " (\"%s\") "
      "%s.", text, offset, text + offset, sc_tiers_fault_text (fault));
  return FALSE;
}

static gboolean
get_tiers_locked (GstTieredAllocator * self, ScTiers * tiers, GError ** error)
{
  if (self->region != NULL) {
    *tiers = self->started_tiers;
    return TRUE;
  }
  if (self->chosen_tiers.count > 0) {
    *tiers = self->chosen_tiers;
    return TRUE;
  }
  switch (self->profile) {
    case GST_TIERED_PROFILE_EMBEDDED:
      *tiers = sc_tiers_embedded;
      return TRUE;
    case GST_TIERED_PROFILE_CUSTOM:
      return parse_tiers (self->tiers, tiers, error);
    default:
      *tiers = sc_tiers_standard;
      return TRUE;
  }
}

gboolean
gst_tiered_allocator_get_tiers (GstTieredAllocator * self, ScTiers * tiers,
    GError ** error)
{
  gboolean ret;

  GST_OBJECT_LOCK (self);
  ret = get_tiers_locked (self, tiers, error);
  GST_OBJECT_UNLOCK (self);
  return ret;
}

GstTieredAllocator *
gst_tiered_allocator_new (void)
{
  GstTieredAllocator *self = g_object_new (GST_TYPE_TIERED_ALLOCATOR, NULL);

  return gst_object_ref_sink (self);
}

static GstTieredRegion *
new_region_locked (GstTieredAllocator * self, GstTieredPrepare prepare,
    gpointer data, GError ** error)
{
  GstTieredRegion *region;
  ScTiers tiers;

  if (!get_tiers_locked (self, &tiers, error))
    return NULL;
  region = gst_tiered_region_new (GST_ALLOCATOR (self), &tiers,
      self->lock_memory, error);
  if (region == NULL)
    return NULL;
  self->started_tiers = tiers;
  atomic_store_explicit (&self->fallbacks, 0, memory_order_relaxed);
  if (prepare != NULL)
    prepare (region, data);
  return region;
}

/* @lock_error: (out): of a region that was made */
static gboolean
start_locked (GstTieredAllocator * self, GstTieredPrepare prepare,
    gpointer data, gint * lock_error, GError ** error)
{
  if (self->region == NULL) {
    self->region = new_region_locked (self, prepare, data, error);
    if (self->region == NULL)
      return FALSE;
    *lock_error = self->region->lock_error;
  }
  self->starts++;
  return TRUE;
}

static void
warn_if_not_locked (GstTieredAllocator * self, gint lock_error)
{
  if (lock_error != 0)
    GST_WARNING_OBJECT (self, "cannot lock the arena in memory: %s",
        g_strerror (lock_error));
}

gboolean
gst_tiered_allocator_start_prepared (GstTieredAllocator * self,
    GstTieredPrepare prepare, gpointer data, GError ** error)
{
  gint lock_error = 0;
  gboolean ret;

  GST_OBJECT_LOCK (self);
  ret = start_locked (self, prepare, data, &lock_error, error);
  GST_OBJECT_UNLOCK (self);
  warn_if_not_locked (self, lock_error);
  return ret;
}

gboolean
gst_tiered_allocator_start (GstTieredAllocator * self, GError ** error)
{
  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  return gst_tiered_allocator_start_prepared (self, NULL, NULL, error);
}

guint
gst_tiered_allocator_stop (GstTieredAllocator * self)
{
  GstTieredRegion *region = NULL;
  guint outstanding = 0;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  GST_OBJECT_LOCK (self);
  if (self->starts > 0 && --self->starts == 0)
    region = g_steal_pointer (&self->region);
  if (region != NULL) {
    outstanding = gst_tiered_region_close (region);
    sc_arena_read_stats (region->arena, &self->last_stats);
  }
  GST_OBJECT_UNLOCK (self);

  if (region != NULL)
    gst_tiered_region_unref (region);
  if (outstanding > 0)
    GST_INFO_OBJECT (self, "stopped with %u slots still out", outstanding);
  return outstanding;
}

GstTieredRegion *
gst_tiered_allocator_enter_region (GstTieredAllocator * self)
{
  GstTieredRegion *region;

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? gst_tiered_region_enter (self->region)
      : NULL;
  GST_OBJECT_UNLOCK (self);
  return region;
}

GstTieredRegion *
gst_tiered_allocator_peek_region (GstTieredAllocator * self)
{
  return g_atomic_pointer_get (&self->region);
}

GstTieredRegion *
gst_tiered_allocator_get_region (GstTieredAllocator * self)
{
  GstTieredRegion *region;

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? gst_tiered_region_ref (self->region) : NULL;
  GST_OBJECT_UNLOCK (self);
  return region;
}

gsize
gst_tiered_allocator_get_max_size (GstTieredAllocator * self)
{
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL))
    return 0;
  return sc_tiers_slot_size (&tiers, tiers.count - 1);
}

guint
gst_tiered_allocator_count_slots (GstTieredAllocator * self, gsize size)
{
  guint slots = 0;
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL))
    return 0;
  for (guint i = 0; i < tiers.count; i++)
    if (size <= sc_tiers_slot_size (&tiers, i))
      slots += tiers.tiers[i].slots;
  return slots;
}

gboolean
gst_tiered_allocator_get_tier (GstTieredAllocator * self, guint tier,
    guint * slot_size, guint * slots)
{
  ScTiers tiers;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), FALSE);

  if (!gst_tiered_allocator_get_tiers (self, &tiers, NULL)
      || tier >= tiers.count)
    return FALSE;
  if (slot_size != NULL)
    *slot_size = sc_tiers_slot_size (&tiers, tier);
  if (slots != NULL)
    *slots = tiers.tiers[tier].slots;
  return TRUE;
}

gsize
gst_tiered_allocator_get_alignment (GstTieredAllocator * self)
{
  ScTiers tiers;

  return gst_tiered_allocator_get_tiers (self, &tiers, NULL)
      ? tiers.alignment : sc_tiers_standard.alignment;
}

gsize
gst_tiered_allocator_get_reserved (GstTieredAllocator * self)
{
  gsize size;

  GST_OBJECT_LOCK (self);
  size = self->region != NULL ? self->region->size : 0;
  GST_OBJECT_UNLOCK (self);
  return size;
}

void
gst_tiered_allocator_count_fallback (GstTieredAllocator * self)
{
  atomic_fetch_add_explicit (&self->fallbacks, 1, memory_order_relaxed);
}

/* ---- on demand ---- */

void
gst_tiered_allocator_begin_demand (GstTieredAllocator * self,
    GstTieredChoose choose, gpointer data)
{
  GST_OBJECT_LOCK (self);
  g_free (self->choose_data);
  self->choose = choose;
  self->choose_data = data;
  GST_OBJECT_UNLOCK (self);
}

gboolean
gst_tiered_allocator_change_demand (GstTieredAllocator * self,
    GstTieredChoose choose, void (*change) (gpointer data, gpointer user_data),
    gpointer user_data)
{
  gboolean changes;

  GST_OBJECT_LOCK (self);
  changes = self->choose == choose && self->region == NULL;
  if (changes)
    change (self->choose_data, user_data);
  GST_OBJECT_UNLOCK (self);
  return changes;
}

static void
choose_locked (GstTieredAllocator * self, gsize size)
{
  if (self->choose != NULL && self->region == NULL)
    self->choose (self->choose_data, size, &self->chosen_tiers);
}

void
gst_tiered_allocator_demand (GstTieredAllocator * self, gsize size)
{
  GST_OBJECT_LOCK (self);
  choose_locked (self, size);
  GST_OBJECT_UNLOCK (self);
}

void
gst_tiered_allocator_end_demand (GstTieredAllocator * self)
{
  gboolean started;

  GST_OBJECT_LOCK (self);
  started = self->demand_started;
  self->demand_started = FALSE;
  self->choose = NULL;
  g_clear_pointer (&self->choose_data, g_free);
  GST_OBJECT_UNLOCK (self);
  if (started)
    (void) gst_tiered_allocator_stop (self);
}

/* The region to allocate @size bytes from, started on demand. */
static GstTieredRegion *
demand_region (GstTieredAllocator * self, gsize size)
{
  GstTieredRegion *region = NULL;
  GError *error = NULL;
  gint lock_error = 0;

  GST_OBJECT_LOCK (self);
  if (self->region == NULL && self->choose != NULL) {
    choose_locked (self, size);
    self->demand_started = start_locked (self, NULL, NULL, &lock_error,
        &error);
  }
  if (self->region != NULL)
    region = gst_tiered_region_enter (self->region);
  GST_OBJECT_UNLOCK (self);

  warn_if_not_locked (self, lock_error);
  if (error != NULL)
    GST_WARNING_OBJECT (self, "%s", error->message);
  g_clear_error (&error);
  return region;
}

gint
gst_tiered_allocator_get_lock_error (GstTieredAllocator * self)
{
  gint lock_error;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), 0);

  GST_OBJECT_LOCK (self);
  lock_error = self->region != NULL ? self->region->lock_error : 0;
  GST_OBJECT_UNLOCK (self);
  return lock_error;
}

static void
add_tiers (GstStructure * stats, const ScArenaStats * figures)
{
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < figures->count; i++) {
    const ScTierStats *tier = &figures->tiers[i];
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, gst_structure_new ("tier",
            "slot-size", G_TYPE_UINT64, (guint64) tier->slot_size,
            "slots", G_TYPE_UINT64, (guint64) tier->slots,
            "in-use", G_TYPE_UINT64, (guint64) tier->in_use,
            "peak", G_TYPE_UINT64, (guint64) tier->peak,
            "acquired", G_TYPE_UINT64, tier->acquired,
            "released", G_TYPE_UINT64, tier->released,
            "failures", G_TYPE_UINT64, tier->failures,
            "borrows", G_TYPE_UINT64, tier->borrows, NULL));
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (stats, "tiers", &array);
}

void
gst_tiered_allocator_add_stats (GstTieredAllocator * self,
    GstStructure * stats)
{
  guint64 slots = 0, in_use = 0, acquired = 0, released = 0, failures = 0;
  guint64 borrows = 0;
  GstTieredRegion *region;
  ScArenaStats f;

  g_return_if_fail (GST_IS_TIERED_ALLOCATOR (self));
  g_return_if_fail (stats != NULL);

  GST_OBJECT_LOCK (self);
  region = self->region != NULL ? gst_tiered_region_ref (self->region) : NULL;
  f = self->last_stats;
  GST_OBJECT_UNLOCK (self);
  if (region != NULL) {
    sc_arena_read_stats (region->arena, &f);
    gst_tiered_region_unref (region);
  }

  for (guint i = 0; i < f.count; i++) {
    slots += f.tiers[i].slots;
    in_use += f.tiers[i].in_use;
    acquired += f.tiers[i].acquired;
    released += f.tiers[i].released;
    failures += f.tiers[i].failures;
    borrows += f.tiers[i].borrows;
  }
  gst_structure_set (stats, "slots", G_TYPE_UINT64, slots,
      "in-use", G_TYPE_UINT64, in_use, "acquired", G_TYPE_UINT64, acquired,
      "released", G_TYPE_UINT64, released, "failures", G_TYPE_UINT64, failures,
      "borrows", G_TYPE_UINT64, borrows,
      "too-large", G_TYPE_UINT64, f.too_large,
      "waits", G_TYPE_UINT64, f.waits, "timeouts", G_TYPE_UINT64, f.timeouts,
      "fallbacks", G_TYPE_UINT64, atomic_load_explicit (&self->fallbacks,
          memory_order_relaxed),
      "foreign-releases", G_TYPE_UINT64, f.foreign,
      "double-releases", G_TYPE_UINT64, f.doubled,
      "corrupted-headers", G_TYPE_UINT64, f.corrupted,
      "overruns", G_TYPE_UINT64, f.overruns, NULL);
  add_tiers (stats, &f);
}

GstStructure *
gst_tiered_allocator_get_stats (GstTieredAllocator * self)
{
  GstStructure *stats;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (self), NULL);

  stats = gst_structure_new_empty ("application/x-tieredallocator-stats");
  gst_tiered_allocator_add_stats (self, stats);
  return stats;
}

static void
clear_outside (GstMemory * memory, gsize size, GstMemoryFlags flags)
{
  guint8 *data = ((GstTieredMemory *) memory)->data;

  if (flags & GST_MEMORY_FLAG_ZERO_PREFIXED)
    memset (data, 0, memory->offset);
  if (flags & GST_MEMORY_FLAG_ZERO_PADDED)
    memset (data + memory->offset + size, 0,
        memory->maxsize - memory->offset - size);
  GST_MINI_OBJECT_FLAGS (memory) |= flags
      & (GST_MEMORY_FLAG_ZERO_PREFIXED | GST_MEMORY_FLAG_ZERO_PADDED);
}

static GstMemory *
alloc_from_region (GstTieredRegion * region, gsize size,
    const GstAllocationParams * params)
{
  gsize total = size + params->prefix + params->padding;
  GstMemory *memory;
  ScSlot slot;

  /* Overflowed sums are not larger than their parts. */
  if (total < size || total - size < params->prefix
      || params->align >= region->alignment
      || sc_arena_acquire (region->arena, total, SC_CLASS_PRIMARY, &slot) < 0)
    return NULL;
  memory = gst_tiered_region_take_memory (region, &slot, params->prefix, size);
  clear_outside (memory, size, params->flags);
  return memory;
}

static GstMemory *
alloc_from_system (GstTieredAllocator * self, gsize size,
    GstAllocationParams * params)
{
  /* By name: the default allocator can be anything, this one too. */
  GstAllocator *system = gst_allocator_find (GST_ALLOCATOR_SYSMEM);
  GstMemory *memory = gst_allocator_alloc (system, size, params);

  gst_tiered_allocator_count_fallback (self);
  gst_object_unref (system);
  return memory;
}

static GstMemory *
tiered_allocator_alloc (GstAllocator * allocator, gsize size,
    GstAllocationParams * params)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (allocator);
  gboolean fallback = atomic_load_explicit (&self->fallback,
      memory_order_relaxed);
  GstTieredRegion *region = demand_region (self, size + params->prefix
      + params->padding);
  GstMemory *memory = NULL;

  if (region != NULL) {
    memory = alloc_from_region (region, size, params);
    gst_tiered_region_leave (region);
  } else if (!fallback) {
    GST_WARNING_OBJECT (allocator, "is not started");
  }
  if (G_UNLIKELY (memory == NULL)) {
    GST_DEBUG_OBJECT (allocator, "no slot for %" G_GSIZE_FORMAT " bytes, "
        "alignment %" G_GSIZE_FORMAT, size, params->align);
    if (fallback)
      memory = alloc_from_system (self, size, params);
  }
  return memory;
}

/* A share; a slot's own memory is a part of its unit. */
static void
tiered_allocator_free (GstAllocator * allocator, GstMemory * memory)
{
  GstTieredMemory *self = (GstTieredMemory *) memory;

  if (self->unit == NULL)
    g_free (self);
}

static gpointer
tiered_memory_map (GstMemory * memory, gsize maxsize, GstMapFlags flags)
{
  return ((GstTieredMemory *) memory)->data;
}

static void
tiered_memory_unmap (GstMemory * memory)
{
}

static GstMemory *
tiered_memory_share (GstMemory * memory, gssize offset, gssize size)
{
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;
  GstTieredMemory *share = g_new0 (GstTieredMemory, 1);

  if (size == -1)
    size = (gssize) memory->size - offset;
  share->data = ((GstTieredMemory *) memory)->data;
  gst_memory_init (&share->parent, GST_MINI_OBJECT_FLAGS (parent)
      | GST_MINI_OBJECT_FLAG_LOCK_READONLY, memory->allocator, parent,
      memory->maxsize, memory->align, memory->offset + (gsize) offset,
      (gsize) size);
  return &share->parent;
}

static GstMemory *
tiered_memory_copy (GstMemory * memory, gssize offset, gssize size)
{
  GstMapInfo from, to;
  GstMemory *copy;

  if (!gst_memory_map (memory, &from, GST_MAP_READ))
    return NULL;
  if (size == -1)
    size = from.size > (gsize) offset ? (gssize) from.size - offset : 0;
  copy = gst_allocator_alloc (NULL, (gsize) size, NULL);
  if (copy != NULL && gst_memory_map (copy, &to, GST_MAP_WRITE)) {
    memcpy (to.data, from.data + offset, (gsize) size);
    gst_memory_unmap (copy, &to);
  }
  gst_memory_unmap (memory, &from);
  return copy;
}

/* Whether two shares lie one behind the other in the same slot. */
static gboolean
tiered_memory_is_span (GstMemory * first, GstMemory * second, gsize * offset)
{
  GstTieredMemory *a = (GstTieredMemory *) first;
  GstTieredMemory *b = (GstTieredMemory *) second;

  if (offset != NULL)
    *offset = first->offset - first->parent->offset;
  return a->data == b->data && first->offset + first->size == second->offset;
}

static void
gst_tiered_allocator_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (object);
  gboolean started;

  GST_OBJECT_LOCK (self);
  started = self->starts > 0;
  if (id == PROP_PROFILE) {
    self->profile = g_value_get_enum (value);
  } else if (id == PROP_TIERS) {
    g_free (self->tiers);
    self->tiers = g_value_dup_string (value);
    if (self->tiers != NULL)
      self->profile = GST_TIERED_PROFILE_CUSTOM;
  } else if (id == PROP_LOCK_MEMORY) {
    self->lock_memory = g_value_get_boolean (value);
  } else if (id == PROP_FALLBACK) {
    atomic_store_explicit (&self->fallback, g_value_get_boolean (value),
        memory_order_relaxed);
    started = FALSE;            /* counts at once */
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
  if (started)
    GST_INFO_OBJECT (self, "%s takes effect at the next start", pspec->name);
}

static void
gst_tiered_allocator_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_PROFILE)
    g_value_set_enum (value, self->profile);
  else if (id == PROP_TIERS)
    g_value_set_string (value, self->tiers);
  else if (id == PROP_LOCK_MEMORY)
    g_value_set_boolean (value, self->lock_memory);
  else if (id == PROP_FALLBACK)
    g_value_set_boolean (value, atomic_load_explicit (&self->fallback,
            memory_order_relaxed));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* Not in finalize: the units' memories reference us while they are freed. */
static void
gst_tiered_allocator_dispose (GObject * object)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (object);

  gst_tiered_allocator_end_demand (self);
  /* Nothing is out: what is out references us. */
  self->starts = MIN (self->starts, 1);
  (void) gst_tiered_allocator_stop (self);
  G_OBJECT_CLASS (gst_tiered_allocator_parent_class)->dispose (object);
}

static void
gst_tiered_allocator_finalize (GObject * object)
{
  g_free (GST_TIERED_ALLOCATOR (object)->tiers);
  G_OBJECT_CLASS (gst_tiered_allocator_parent_class)->finalize (object);
}

static void
gst_tiered_allocator_init (GstTieredAllocator * self)
{
  GstAllocator *allocator = GST_ALLOCATOR (self);

  atomic_init (&self->fallback, FALSE);
  atomic_init (&self->fallbacks, 0);
  allocator->mem_type = GST_TIERED_MEMORY_TYPE;
  allocator->mem_map = tiered_memory_map;
  allocator->mem_unmap = tiered_memory_unmap;
  allocator->mem_share = tiered_memory_share;
  allocator->mem_copy = tiered_memory_copy;
  allocator->mem_is_span = tiered_memory_is_span;
}

static void
gst_tiered_allocator_class_init (GstTieredAllocatorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAllocatorClass *allocator_class = GST_ALLOCATOR_CLASS (klass);

  object_class->set_property = gst_tiered_allocator_set_property;
  object_class->get_property = gst_tiered_allocator_get_property;
  object_class->dispose = gst_tiered_allocator_dispose;
  object_class->finalize = gst_tiered_allocator_finalize;
  allocator_class->alloc = tiered_allocator_alloc;
  allocator_class->free = tiered_allocator_free;

  /**
   * GstTieredAllocator:profile:
   *
   * Which tiers are carved at the next start.
   */
  g_object_class_install_property (object_class, PROP_PROFILE,
      g_param_spec_enum ("profile", "Profile",
          "Which slot sizes, and how many of each, are reserved at start",
          GST_TYPE_TIERED_PROFILE, GST_TIERED_PROFILE_STANDARD,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredAllocator:tiers:
   *
   * SIZExCOUNT, parted by commas; sizes in bytes.  Setting it selects profile
   * custom.
   */
  g_object_class_install_property (object_class, PROP_TIERS,
      g_param_spec_string ("tiers", "Tiers",
          "Slot sizes in bytes and their counts, e.g. \"4096x64,65536x16\"; "
          "setting it selects profile custom", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredAllocator:lock-memory:
   *
   * Whether the arena is locked, so that it is never swapped out.  Refused, it
   * works on unlocked: see gst_tiered_allocator_get_lock_error().
   */
  g_object_class_install_property (object_class, PROP_LOCK_MEMORY,
      g_param_spec_boolean ("lock-memory", "Lock memory",
          "Lock the slots in memory (mlock) at start, so that they are never "
          "swapped out", FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredAllocator:fallback:
   *
   * Whether gst_allocator_alloc() gives ordinary system memory where no slot is
   * free, large enough or sufficiently aligned.  Counted as `fallbacks`.
   */
  g_object_class_install_property (object_class, PROP_FALLBACK,
      g_param_spec_boolean ("fallback", "Fallback",
          "Give system memory where there is no slot, and count it (for "
          "elements that do not expect to run out)", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}
