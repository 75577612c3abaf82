/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-batch.h"

#include "tieredqueue-discont.h"

/* What a pad has for lists that does not handle them: GStreamer's own function,
 * which takes them apart and gains nothing.  It has no name outside, but every new
 * pad has it. */
static gpointer
find_default_function (gpointer unused)
{
  GstPad *pad = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SINK));
  gpointer function = (gpointer) GST_PAD_CHAINLISTFUNC (pad);

  gst_object_unref (pad);
  return function;
}

static gboolean
takes_lists (GstPad * srcpad)
{
  static GOnce default_function = G_ONCE_INIT;
  GstPad *peer = gst_pad_get_peer (srcpad);
  gpointer function;

  if (peer == NULL)
    return FALSE;
  function = (gpointer) GST_PAD_CHAINLISTFUNC (peer);
  gst_object_unref (peer);
  return function != NULL
      && function != g_once (&default_function, find_default_function, NULL);
}

static GstBuffer *
buffer_of (TieredQueueItem * item)
{
  return item->discont ? tieredqueue_with_discont (item->kind, item->object)
      : item->object;
}

/* The next one that goes out in this turn. */
static gboolean
pop_next (TieredQueuePads * self, TieredQueueItem * next,
    TieredQueueTurn * turn, TieredQueueItem * over, gboolean * news)
{
  if (!tieredqueue_channel_pop_next_buffer (self->channel, next, news))
    return FALSE;
  if (tieredqueue_output_joins (&self->output, next->object, turn))
    return TRUE;
  *over = *next;
  return FALSE;
}

void
tieredqueue_batch_gather (TieredQueuePads * self, TieredQueueItem * item,
    TieredQueueTurn * turn, TieredQueueItem * over, gboolean * news)
{
  guint most = atomic_load_explicit (&self->channel->settings.batch,
      memory_order_relaxed);
  GstBufferList *list;
  TieredQueueItem next;

  over->object = NULL;
  if (most < 2 || !takes_lists (self->srcpad)
      || !pop_next (self, &next, turn, over, news))
    return;
  list = gst_buffer_list_new_sized (most);
  gst_buffer_list_add (list, buffer_of (item));
  do {
    gst_buffer_list_add (list, buffer_of (&next));
  } while (gst_buffer_list_length (list) < most
      && pop_next (self, &next, turn, over, news));
  item->kind = TIEREDQUEUE_LIST;
  item->object = list;
  item->discont = FALSE;        /* the first buffer tells it */
}
