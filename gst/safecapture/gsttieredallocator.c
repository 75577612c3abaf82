/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttieredallocator-private.h"

GST_DEBUG_CATEGORY (gst_tiered_allocator_debug);
#define GST_CAT_DEFAULT gst_tiered_allocator_debug

enum
{
  PROP_0,
  PROP_PROFILE,
  PROP_TIERS,
  PROP_LOCK_MEMORY,
  PROP_METERING,
  PROP_QUOTAS,
  PROP_STATE,
  PROP_FALLBACK,
};

G_DEFINE_TYPE_WITH_CODE (GstTieredAllocator, gst_tiered_allocator,
    GST_TYPE_ALLOCATOR,
    GST_DEBUG_CATEGORY_INIT (gst_tiered_allocator_debug, "tieredallocator", 0,
        "static tiered allocator"));

GstTieredAllocator *
gst_tiered_allocator_new (void)
{
  GstTieredAllocator *self = g_object_new (GST_TYPE_TIERED_ALLOCATOR, NULL);

  return gst_object_ref_sink (self);
}

void
gst_tiered_allocator_set_quota (GstTieredAllocator * self,
    GstTieredClass slot_class, guint slots)
{
  g_return_if_fail (GST_IS_TIERED_ALLOCATOR (self));
  g_return_if_fail ((guint) slot_class < SC_CLASSES);

  GST_OBJECT_LOCK (self);
  self->quotas[slot_class] = slots;
  if (self->region != NULL)
    (void) sc_arena_set_quota (self->region->arena, (ScClass) slot_class,
        slots);
  GST_OBJECT_UNLOCK (self);
}

static void
set_quotas_locked (GstTieredAllocator * self, const gchar * text)
{
  g_clear_pointer (&self->bad_quotas, g_free);
  if (!gst_tiered_quotas_parse (text, self->quotas, NULL))
    self->bad_quotas = g_strdup (text);
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
  } else if (id == PROP_METERING) {
    self->metering = g_value_get_enum (value);
  } else if (id == PROP_QUOTAS) {
    set_quotas_locked (self, g_value_get_string (value));
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

  if (id == PROP_STATE) {
    g_value_set_enum (value, gst_tiered_allocator_get_state (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_PROFILE)
    g_value_set_enum (value, self->profile);
  else if (id == PROP_TIERS)
    g_value_set_string (value, self->tiers);
  else if (id == PROP_LOCK_MEMORY)
    g_value_set_boolean (value, self->lock_memory);
  else if (id == PROP_METERING)
    g_value_set_enum (value, self->metering);
  else if (id == PROP_QUOTAS)
    g_value_take_string (value, self->bad_quotas != NULL
        ? g_strdup (self->bad_quotas)
        : gst_tiered_quotas_to_string (self->quotas));
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
  (void) gst_tiered_allocator_stop_quietly (self);
  G_OBJECT_CLASS (gst_tiered_allocator_parent_class)->dispose (object);
}

static void
gst_tiered_allocator_finalize (GObject * object)
{
  GstTieredAllocator *self = GST_TIERED_ALLOCATOR (object);

  g_free (self->tiers);
  g_free (self->bad_quotas);
  g_free (self->record);
  g_clear_pointer (&self->last_outstanding, gst_structure_free);
  g_clear_pointer (&self->meter, g_atomic_rc_box_release);
  g_mutex_clear (&self->watch_lock);
  G_OBJECT_CLASS (gst_tiered_allocator_parent_class)->finalize (object);
}

static void
gst_tiered_allocator_init (GstTieredAllocator * self)
{
  GST_ALLOCATOR (self)->mem_type = GST_TIERED_MEMORY_TYPE;
  sc_pool_state_log_init (&self->state);
  atomic_init (&self->notified, 0);
  atomic_init (&self->fallback, FALSE);
  atomic_init (&self->fallbacks, 0);
  g_mutex_init (&self->watch_lock);
  gst_tiered_memory_init (GST_ALLOCATOR (self));
}

static void
gst_tiered_allocator_class_init (GstTieredAllocatorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_tiered_allocator_set_property;
  object_class->get_property = gst_tiered_allocator_get_property;
  object_class->dispose = gst_tiered_allocator_dispose;
  object_class->finalize = gst_tiered_allocator_finalize;
  gst_tiered_memory_install (GST_ALLOCATOR_CLASS (klass));

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
   * GstTieredAllocator:metering:
   *
   * Whether latencies and the history are recorded, from the next start on.  Their
   * memory, about a megabyte, is allocated at that start, apart from the arena.
   */
  g_object_class_install_property (object_class, PROP_METERING,
      g_param_spec_enum ("metering", "Metering",
          "Record latencies and the history (about 1 MiB, apart from the arena)",
          GST_TYPE_TIERED_METERING, GST_TIERED_METERING_AUTO,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredAllocator:quotas:
   *
   * CLASS=SLOTS, parted by commas: the most slots that buffers of a class may
   * have at once.  Classes left out have no quota.  As
   * gst_tiered_allocator_set_quota() for each class, from the next start on.
   */
  g_object_class_install_property (object_class, PROP_QUOTAS,
      g_param_spec_string ("quotas", "Quotas",
          "The most slots that a class of buffers may have at once, e.g. "
          "\"conversion=8,scratch=4\"; classes left out have no quota", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredAllocator:state:
   *
   * What the allocator is at.  Notified by the thread that starts, stops or shuts
   * it down, or takes a snapshot, without any lock; what pools and data threads
   * change is notified with the next snapshot.
   */
  g_object_class_install_property (object_class, PROP_STATE,
      g_param_spec_enum ("state", "State", "What the allocator is at",
          GST_TYPE_TIERED_STATE, GST_TIERED_STATE_UNINITIALIZED,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
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
