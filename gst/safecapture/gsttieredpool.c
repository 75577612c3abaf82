/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The base class counts the buffers that are out and lets a pool stop only when
 * there are none: so from start to stop, and in every acquire and release, the
 * region is there.  Its own queue of buffers is not used.
 */
#include "gsttieredpool.h"

#include "gsttieredallocator-private.h"
#include "gsttieredpool-config.h"

#include <errno.h>

#include "sc-prefetch.h"

GST_DEBUG_CATEGORY_STATIC (tiered_pool_debug);
#define GST_CAT_DEFAULT tiered_pool_debug

#define LOAD(cell) atomic_load_explicit (&(cell), memory_order_relaxed)

struct _GstTieredPool
{
  GstBufferPool parent;

  GstTieredAllocator *allocator;        /* construct only */
  gint tier;                    /* construct only */

  /* Settings: any thread. */
  _Atomic gboolean fallback;
  _Atomic GstTieredOnExhausted on_exhausted;
  _Atomic GstClockTime acquire_timeout;

  /* From set_config, which the base class refuses while buffers are out. */
  GstTieredLayout layout;

  /* From start to stop. */
  GstTieredRegion *region;

  /* The arena's waits look at it; the base class's flag is private to it. */
  atomic_bool flushing;
};

enum
{
  PROP_0,
  PROP_ALLOCATOR,
  PROP_TIER,
  PROP_FALLBACK,
  PROP_ON_EXHAUSTED,
  PROP_ACQUIRE_TIMEOUT,
};

G_DEFINE_TYPE_WITH_CODE (GstTieredPool, gst_tiered_pool, GST_TYPE_BUFFER_POOL,
    GST_DEBUG_CATEGORY_INIT (tiered_pool_debug, "tieredpool", 0,
        "static tiered buffer pool"));

GType
gst_tiered_on_exhausted_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_TIERED_ON_EXHAUSTED_WAIT,
        "Wait for a buffer to come back, at most acquire-timeout", "wait"},
    {GST_TIERED_ON_EXHAUSTED_DROP, "Leave the data out and count it", "drop"},
    {GST_TIERED_ON_EXHAUSTED_ERROR, "Stop with an error", "error"},
    {0, NULL, NULL},
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstTieredOnExhausted", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

GstBufferPool *
gst_tiered_pool_new (GstTieredAllocator * allocator)
{
  GstBufferPool *self = g_object_new (GST_TYPE_TIERED_POOL,
      "allocator", allocator, NULL);

  return gst_object_ref_sink (self);
}

GstBufferPool *
gst_tiered_pool_new_for_tier (GstTieredAllocator * allocator, guint tier)
{
  guint slot_size, slots;
  GstStructure *config;
  GstBufferPool *self;

  g_return_val_if_fail (GST_IS_TIERED_ALLOCATOR (allocator), NULL);

  if (!gst_tiered_allocator_get_tier (allocator, tier, &slot_size, &slots))
    return NULL;
  self = g_object_new (GST_TYPE_TIERED_POOL, "allocator", allocator, "tier",
      (gint) tier, NULL);
  gst_object_ref_sink (self);
  config = gst_buffer_pool_get_config (self);
  gst_buffer_pool_config_set_params (config, NULL, slot_size, 0, slots);
  (void) gst_buffer_pool_set_config (self, config);
  return self;
}

GstTieredAllocator *
gst_tiered_pool_get_allocator (GstTieredPool * self)
{
  g_return_val_if_fail (GST_IS_TIERED_POOL (self), NULL);

  return self->allocator;
}

static const gchar **
gst_tiered_pool_get_options (GstBufferPool * pool)
{
  return gst_tiered_pool_config_options ();
}

static gboolean
gst_tiered_pool_set_config (GstBufferPool * pool, GstStructure * config)
{
  GstTieredPool *self = GST_TIERED_POOL (pool);
  GstTieredPoolTerms terms = { self->allocator, self->tier, LOAD (self->fallback)
  };
  gboolean as_asked = gst_tiered_pool_config_correct (&terms, config,
      &self->layout);

  if (!as_asked)
    GST_DEBUG_OBJECT (self, "corrected to %" GST_PTR_FORMAT, config);
  return GST_BUFFER_POOL_CLASS (gst_tiered_pool_parent_class)->set_config
      (pool, config) && as_asked;
}

/* No buffer's meta is made later than this, unless the pool shares its arena. */
static void
dress_region (GstTieredRegion * region, gpointer self)
{
  gst_tiered_layout_dress_all (&GST_TIERED_POOL (self)->layout, region);
}

static gboolean
gst_tiered_pool_start (GstBufferPool * pool)
{
  GstTieredPool *self = GST_TIERED_POOL (pool);
  GError *error = NULL;

  if (!gst_tiered_allocator_start_prepared (self->allocator, dress_region, self,
          &error)) {
    GST_ERROR_OBJECT (self, "%s", error->message);
    g_error_free (error);
    return FALSE;
  }
  self->region = gst_tiered_allocator_get_region (self->allocator);
  return TRUE;
}

static gboolean
gst_tiered_pool_stop (GstBufferPool * pool)
{
  GstTieredPool *self = GST_TIERED_POOL (pool);

  (void) gst_tiered_allocator_stop_quietly (self->allocator);
  g_clear_pointer (&self->region, gst_tiered_region_unref);
  return TRUE;
}

static gsize
requested_size (GstTieredPool * self, GstBufferPoolAcquireParams * params)
{
  if (params != NULL && params->format == GST_FORMAT_BYTES
      && params->stop > params->start)
    return (gsize) (params->stop - params->start);
  return self->layout.size;
}

static int
acquire_slot (GstTieredPool * self, gsize size,
    GstBufferPoolAcquireFlags flags, ScSlot * slot)
{
  gboolean dont_wait = (flags & GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT) != 0;
  ScArena *arena = self->region->arena;

  if (dont_wait && (flags & GST_TIERED_POOL_ACQUIRE_FLAG_PROBE) != 0)
    return sc_arena_try_acquire (arena, size, SC_CLASS_PRIMARY, slot);
  if (dont_wait || LOAD (self->fallback)
      || LOAD (self->on_exhausted) != GST_TIERED_ON_EXHAUSTED_WAIT)
    return sc_arena_acquire (arena, size, SC_CLASS_PRIMARY, slot);
  return sc_arena_acquire_wait (arena, size, SC_CLASS_PRIMARY,
      atomic_load_explicit (&self->acquire_timeout, memory_order_relaxed),
      &self->flushing, slot);
}

static GstFlowReturn
flow_of_failure (GstTieredPool * self, int failure, gboolean dont_wait)
{
  switch (failure) {
    case -EAGAIN:
      if (dont_wait)
        return GST_FLOW_EOS;
      return atomic_load_explicit (&self->on_exhausted, memory_order_relaxed)
          == GST_TIERED_ON_EXHAUSTED_DROP ? GST_TIERED_POOL_FLOW_DROPPED
          : GST_TIERED_POOL_FLOW_EXHAUSTED;
    case -ETIMEDOUT:
      return GST_TIERED_POOL_FLOW_EXHAUSTED;
    case -ECANCELED:
    case -ESHUTDOWN:
      return GST_FLOW_FLUSHING;
    default:
      return GST_FLOW_ERROR;
  }
}

/* The slot's shell, as the configuration wants it. */
static GstBuffer *
take_buffer (GstTieredPool * self, const ScSlot * slot, gsize size)
{
  gsize outside = gst_tiered_layout_outside (&self->layout);
  GstTieredUnit *unit = gst_tiered_region_take_unit (self->region, slot,
      size + outside);

  if (G_UNLIKELY (unit->layout != self->layout.number))
    gst_tiered_layout_dress (&self->layout, unit);
  if (G_UNLIKELY (outside > 0))
    gst_buffer_resize (unit->shell, (gssize) self->layout.params.prefix,
        (gssize) size);
  return unit->shell;
}

static GstFlowReturn
fall_back (GstTieredPool * self, gsize size, GstBuffer ** buffer)
{
  *buffer = gst_tiered_layout_system_buffer (&self->layout, size);
  if (*buffer == NULL)
    return GST_FLOW_ERROR;
  gst_tiered_allocator_count_fallback (self->allocator);
  return GST_FLOW_OK;
}

/* GstBufferPool counts its references and what is out, with every acquire and every
 * release, which are often two threads': both lines come from the other processor.
 * They are fetched while we do our part.  Where the count of what is out lies is read
 * off GStreamer's source; were it elsewhere, nothing would be gained or lost. */
#define OUTSTANDING_AT (GST_CHECK_VERSION (1, 25, 0) ? 56 : 40)

static inline void
fetch_counts (GstBufferPool * pool)
{
  sc_prefetch_for_write ((const gchar *) pool->priv + OUTSTANDING_AT);
  sc_prefetch_for_write (&((GObject *) pool)->ref_count);
}

static GstFlowReturn
gst_tiered_pool_acquire_buffer (GstBufferPool * pool, GstBuffer ** buffer,
    GstBufferPoolAcquireParams * params)
{
  /* Only the base class calls it: unchecked. */
  GstTieredPool *self = (GstTieredPool *) pool;
  GstBufferPoolAcquireFlags flags = params != NULL ? params->flags
      : GST_BUFFER_POOL_ACQUIRE_FLAG_NONE;
  gsize size = requested_size (self, params);
  ScSlot slot;
  int ret;

  sc_prefetch_for_write (&((GObject *) pool)->ref_count);
  /* An inactive pool is flushing, and has no region. */
  if (G_UNLIKELY (GST_BUFFER_POOL_IS_FLUSHING (pool)))
    return GST_FLOW_FLUSHING;
  ret = acquire_slot (self, size + gst_tiered_layout_outside (&self->layout),
      flags, &slot);
  if (G_UNLIKELY (ret < 0)) {
    GST_DEBUG_OBJECT (self, "no slot for %" G_GSIZE_FORMAT " bytes: %s", size,
        g_strerror (-ret));
    if (LOAD (self->fallback) && (ret == -EAGAIN || ret == -EMSGSIZE))
      return fall_back (self, size, buffer);
    return flow_of_failure (self, ret,
        (flags & GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT) != 0);
  }
  *buffer = take_buffer (self, &slot, size);
  return GST_FLOW_OK;
}

GstFlowReturn
gst_tiered_pool_acquire (GstTieredPool * self, gsize size,
    GstBuffer ** buffer)
{
  GstBufferPoolAcquireParams params = {
    .format = GST_FORMAT_BYTES,.stop = (gint64) MIN (size, G_MAXINT64)
  };

  return gst_buffer_pool_acquire_buffer (GST_BUFFER_POOL_CAST (self), buffer,
      &params);
}

static void
gst_tiered_pool_reset_buffer (GstBufferPool * pool, GstBuffer * buffer)
{
  fetch_counts (pool);
  gst_tiered_region_reset_buffer (buffer);
}

static void
gst_tiered_pool_release_buffer (GstBufferPool * pool, GstBuffer * buffer)
{
  GstTieredUnit *unit = gst_tiered_region_unit_of (buffer);

  /* The base class brings only what this pool has handed out. */
  if (G_UNLIKELY (unit == NULL)) {
    gst_buffer_unref (buffer);  /* a fallback */
    return;
  }
  gst_tiered_region_buffer_home (unit, buffer);
}

static void
gst_tiered_pool_flush_start (GstBufferPool * pool)
{
  GstTieredPool *self = GST_TIERED_POOL (pool);

  sc_arena_set_flushing (self->region->arena, &self->flushing, true);
}

static void
gst_tiered_pool_flush_stop (GstBufferPool * pool)
{
  GstTieredPool *self = GST_TIERED_POOL (pool);

  sc_arena_set_flushing (self->region->arena, &self->flushing, false);
}

static void
gst_tiered_pool_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstTieredPool *self = GST_TIERED_POOL (object);

  switch (id) {
    case PROP_ALLOCATOR:
      self->allocator = g_value_dup_object (value);
      break;
    case PROP_TIER:
      self->tier = g_value_get_int (value);
      break;
    case PROP_FALLBACK:
      atomic_store_explicit (&self->fallback, g_value_get_boolean (value),
          memory_order_relaxed);
      break;
    case PROP_ON_EXHAUSTED:
      atomic_store_explicit (&self->on_exhausted,
          (GstTieredOnExhausted) g_value_get_enum (value),
          memory_order_relaxed);
      break;
    case PROP_ACQUIRE_TIMEOUT:
      atomic_store_explicit (&self->acquire_timeout,
          g_value_get_uint64 (value), memory_order_relaxed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tiered_pool_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstTieredPool *self = GST_TIERED_POOL (object);

  switch (id) {
    case PROP_ALLOCATOR:
      g_value_set_object (value, self->allocator);
      break;
    case PROP_TIER:
      g_value_set_int (value, self->tier);
      break;
    case PROP_FALLBACK:
      g_value_set_boolean (value, LOAD (self->fallback));
      break;
    case PROP_ON_EXHAUSTED:
      g_value_set_enum (value, atomic_load_explicit (&self->on_exhausted,
              memory_order_relaxed));
      break;
    case PROP_ACQUIRE_TIMEOUT:
      g_value_set_uint64 (value, atomic_load_explicit (&self->acquire_timeout,
              memory_order_relaxed));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gst_tiered_pool_constructed (GObject * object)
{
  GstTieredPool *self = GST_TIERED_POOL (object);

  if (self->allocator == NULL)
    self->allocator = gst_tiered_allocator_new ();
  G_OBJECT_CLASS (gst_tiered_pool_parent_class)->constructed (object);
}

static void
gst_tiered_pool_finalize (GObject * object)
{
  GstTieredPool *self = GST_TIERED_POOL (object);

  /* The base class's dispose has deactivated it, so stop was called. */
  gst_object_unref (self->allocator);
  G_OBJECT_CLASS (gst_tiered_pool_parent_class)->finalize (object);
}

static void
gst_tiered_pool_init (GstTieredPool * self)
{
  gst_tiered_layout_init (&self->layout, 0);
  atomic_init (&self->fallback, FALSE);
  atomic_init (&self->on_exhausted, GST_TIERED_ON_EXHAUSTED_WAIT);
  atomic_init (&self->acquire_timeout, GST_CLOCK_TIME_NONE);
  atomic_init (&self->flushing, true);
}

static void
gst_tiered_pool_class_init (GstTieredPoolClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstBufferPoolClass *pool_class = GST_BUFFER_POOL_CLASS (klass);

  object_class->set_property = gst_tiered_pool_set_property;
  object_class->get_property = gst_tiered_pool_get_property;
  object_class->constructed = gst_tiered_pool_constructed;
  object_class->finalize = gst_tiered_pool_finalize;

  pool_class->get_options = gst_tiered_pool_get_options;
  pool_class->set_config = gst_tiered_pool_set_config;
  pool_class->start = gst_tiered_pool_start;
  pool_class->stop = gst_tiered_pool_stop;
  pool_class->acquire_buffer = gst_tiered_pool_acquire_buffer;
  pool_class->reset_buffer = gst_tiered_pool_reset_buffer;
  pool_class->release_buffer = gst_tiered_pool_release_buffer;
  pool_class->flush_start = gst_tiered_pool_flush_start;
  pool_class->flush_stop = gst_tiered_pool_flush_stop;

  /**
   * GstTieredPool:allocator:
   *
   * Where the slots come from.
   */
  g_object_class_install_property (object_class, PROP_ALLOCATOR,
      g_param_spec_object ("allocator", "Allocator",
          "Where the slots come from; several pools can share one",
          GST_TYPE_TIERED_ALLOCATOR, G_PARAM_READWRITE
          | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredPool:tier:
   *
   * The tier whose slots the pool's buffers are; -1 for each size the tier that
   * fits it.  See gst_tiered_pool_new_for_tier().
   */
  g_object_class_install_property (object_class, PROP_TIER,
      g_param_spec_int ("tier", "Tier",
          "The tier that the pool hands out, 0 = the smallest slots (-1 = each "
          "size that which fits it)", GST_TIERED_POOL_ANY_TIER, SC_TIERS_MAX - 1,
          GST_TIERED_POOL_ANY_TIER, G_PARAM_READWRITE
          | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredPool:fallback:
   *
   * Whether acquiring gives a buffer in ordinary system memory when no slot is
   * free, instead of what #GstTieredPool:on-exhausted says.  Counted as
   * `fallbacks`.
   */
  g_object_class_install_property (object_class, PROP_FALLBACK,
      g_param_spec_boolean ("fallback", "Fallback",
          "Give system memory when no slot is free, and count it, instead of "
          "on-exhausted (for elements that do not expect to run out)", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredPool:on-exhausted:
   *
   * What acquiring does when no slot is free.
   */
  g_object_class_install_property (object_class, PROP_ON_EXHAUSTED,
      g_param_spec_enum ("on-exhausted", "On exhausted",
          "What acquiring does when no slot is free",
          GST_TYPE_TIERED_ON_EXHAUSTED, GST_TIERED_ON_EXHAUSTED_WAIT,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  /**
   * GstTieredPool:acquire-timeout:
   *
   * How long acquiring waits for a slot, in ns; #GST_CLOCK_TIME_NONE for ever.
   */
  g_object_class_install_property (object_class, PROP_ACQUIRE_TIMEOUT,
      g_param_spec_uint64 ("acquire-timeout", "Acquire timeout",
          "Longest wait for a free slot in nanoseconds (18446744073709551615 = "
          "for ever), with on-exhausted=wait", 0, G_MAXUINT64,
          GST_CLOCK_TIME_NONE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}
