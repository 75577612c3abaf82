/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-pool.h"

/* The pool's start would only say that it failed; this says why. */
static gboolean
start_allocator (GstElement * element, GstTieredAllocator * allocator)
{
  GError *error = NULL;

  if (gst_tiered_allocator_start (allocator, &error))
    return TRUE;
  gst_element_message_full (element, GST_MESSAGE_ERROR, error->domain,
      error->code, g_strdup (error->message),
      g_strdup ("Check the properties profile, tiers and quotas."), __FILE__,
      GST_FUNCTION, __LINE__);
  g_error_free (error);
  return FALSE;
}

GstBufferPool *
bufpoolsrc_pool_start (GstElement * element, GstTieredAllocator * allocator,
    const BufpoolsrcSettings * settings)
{
  GstClockTime timeout = settings->acquire_timeout;
  GstStructure *config;
  GstBufferPool *pool;

  if (!start_allocator (element, allocator))
    return NULL;
  /* Until it is known how long a buffer is. */
  if (settings->on_exhausted == GST_TIERED_ON_EXHAUSTED_DROP
      && timeout == GST_CLOCK_TIME_NONE)
    timeout = 0;
  pool = gst_tiered_pool_new (allocator);
  g_object_set (pool, "acquire-timeout", timeout, NULL);

  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (config, NULL, 0, 0,
      gst_tiered_allocator_count_slots (allocator, 0));
  if (!gst_buffer_pool_set_config (pool, config)
      || !gst_buffer_pool_set_active (pool, TRUE)) {
    GST_ELEMENT_ERROR (element, RESOURCE, FAILED,
        ("The buffer pool could not be activated."), (NULL));
    gst_clear_object (&pool);
  }
  /* From here on the pool's own start keeps the arena. */
  (void) gst_tiered_allocator_stop (allocator);
  return pool;
}

void
bufpoolsrc_pool_stop (GstBufferPool ** pool)
{
  if (*pool == NULL)
    return;
  (void) gst_buffer_pool_set_active (*pool, FALSE);
  gst_clear_object (pool);
}
