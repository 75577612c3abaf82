/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tieredqueue-channels.h"

/* Pads of released channels. */
#define KEPT 16

void
tieredqueue_channels_init (TieredQueueChannels * self, GstElement * element,
    const TieredQueueHost * host)
{
  self->element = element;
  self->host = host;
  g_mutex_init (&self->lock);
  self->all = g_ptr_array_new_with_free_func ((GDestroyNotify)
      tieredqueue_pads_unref);
  tieredqueue_settings_init (&self->settings);
  self->kept = g_ptr_array_new_with_free_func (gst_object_unref);
  self->group = tieredqueue_sync_new (TIEREDQUEUE_DEFAULT_MAX_INTERLEAVE);
  if (self->group == NULL)
    g_error ("tieredqueue: out of memory");
  self->gone = g_new0 (TieredQueueAccount, 1);
}

void
tieredqueue_channels_clear (TieredQueueChannels * self)
{
  g_ptr_array_unref (self->kept);
  g_ptr_array_unref (self->all);
  tieredqueue_sync_unref (self->group);
  g_free (self->gone);
  g_mutex_clear (&self->lock);
}

/* ---- numbers and names, with the lock held ---- */

static TieredQueuePads *
nth (TieredQueueChannels * self, guint index)
{
  return g_ptr_array_index (self->all, index);
}

static gboolean
is_there (TieredQueuePads * pads)
{
  return pads->presence == TIEREDQUEUE_MAKING
      || pads->presence == TIEREDQUEUE_LISTED;
}

static TieredQueuePads *
find_number (TieredQueueChannels * self, gint number)
{
  for (guint i = 0; i < self->all->len; i++)
    if (nth (self, i)->number == number)
      return nth (self, i);
  return NULL;
}

static TieredQueuePads *
find_name (TieredQueueChannels * self, const gchar * name)
{
  for (guint i = 0; i < self->all->len; i++)
    if (is_there (nth (self, i)) && g_str_equal (nth (self, i)->name, name))
      return nth (self, i);
  return NULL;
}

static gint
lowest_free_number (TieredQueueChannels * self)
{
  gint number = 0;

  while (find_number (self, number) != NULL)
    number++;
  return number;
}

static gchar *
default_name (gint number)
{
  return number == TIEREDQUEUE_ALWAYS ? g_strdup ("sink")
      : g_strdup_printf ("sink_%d", number);
}

static gboolean
is_name (const gchar * name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("_.-", name[i]) == NULL)
      return FALSE;
  return length > 0 && length <= TIEREDQUEUE_MAX_NAME;
}

/* ---- coming and going ---- */

TieredQueuePads *
tieredqueue_channels_add (TieredQueueChannels * self, gint number,
    gchar ** refusal)
{
  TieredQueuePads *pads = NULL;
  gchar *name;

  g_mutex_lock (&self->lock);
  if (number == TIEREDQUEUE_ANY_NUMBER)
    number = lowest_free_number (self);
  name = default_name (number);
  if (find_number (self, number) != NULL) {
    *refusal = g_strdup_printf ("there is a %s already", name);
  } else if (find_name (self, name) != NULL) {
    *refusal = g_strdup_printf ("another channel is named %s", name);
  } else {
    pads = tieredqueue_pads_new (self->element, self->host, number, name,
        &self->settings, self->group);
    g_ptr_array_add (self->all, tieredqueue_pads_ref (pads));
  }
  g_mutex_unlock (&self->lock);
  g_free (name);
  return pads;
}

void
tieredqueue_channels_make_known (TieredQueueChannels * self,
    TieredQueuePads * pads, GstPadDirection requested)
{
  g_mutex_lock (&self->lock);
  pads->presence = TIEREDQUEUE_LISTED;
  pads->handed_out[0] = requested == GST_PAD_SINK;
  pads->handed_out[1] = requested == GST_PAD_SRC;
  g_mutex_unlock (&self->lock);
}

/* A request returns a pad without a reference.  If both pads were requested,
 * one thread may be about to take its own while another releases the channel:
 * the pads stay until so many others have come after them.
 *
 * Returns: (transfer full) (nullable): one that has stayed long enough, to be let
 * go without the lock */
static GstPad *
keep_a_while (TieredQueueChannels * self, TieredQueuePads * pads)
{
  if (!pads->handed_out[0] || !pads->handed_out[1])
    return NULL;
  g_ptr_array_add (self->kept, gst_object_ref (pads->sinkpad));
  return self->kept->len > KEPT ? g_ptr_array_steal_index (self->kept, 0)
      : NULL;
}

gboolean
tieredqueue_channels_begin_leave (TieredQueueChannels * self,
    TieredQueuePads * pads)
{
  GstPad *kept = NULL;
  gboolean begun;

  g_mutex_lock (&self->lock);
  begun = pads->presence == TIEREDQUEUE_LISTED;
  if (begun) {
    pads->presence = TIEREDQUEUE_LEAVING;
    kept = keep_a_while (self, pads);
  }
  g_mutex_unlock (&self->lock);
  gst_clear_object (&kept);
  return begun;
}

/* With the lock held. */
static void
forget_locked (TieredQueueChannels * self, TieredQueuePads * pads)
{
  TieredQueueAccount *account = g_new (TieredQueueAccount, 1);

  tieredqueue_pads_read_account (pads, account);
  tieredqueue_account_close (account);
  tieredqueue_account_add (self->gone, account);
  g_free (account);
  g_ptr_array_remove (self->all, pads);
}

void
tieredqueue_channels_free_number (TieredQueueChannels * self,
    TieredQueuePads * pads)
{
  g_mutex_lock (&self->lock);
  pads->number = TIEREDQUEUE_ANY_NUMBER;
  g_mutex_unlock (&self->lock);
}

void
tieredqueue_channels_end_leave (TieredQueueChannels * self,
    TieredQueuePads * pads)
{
  g_mutex_lock (&self->lock);
  pads->presence = TIEREDQUEUE_GONE;
  if (!self->running)           /* nobody will post anything of it */
    forget_locked (self, pads);
  g_mutex_unlock (&self->lock);
}

void
tieredqueue_channels_forget (TieredQueueChannels * self,
    TieredQueuePads * pads)
{
  g_mutex_lock (&self->lock);
  if (g_ptr_array_find (self->all, pads, NULL))
    forget_locked (self, pads);
  g_mutex_unlock (&self->lock);
}

static gboolean
can_be_handed_out (TieredQueuePads * pads, GstPadDirection direction,
    gint number)
{
  if (pads->presence != TIEREDQUEUE_LISTED || pads->number < 0
      || pads->handed_out[direction == GST_PAD_SRC])
    return FALSE;
  return pads->number == number || (number == TIEREDQUEUE_ANY_NUMBER
      && !gst_pad_is_linked (direction == GST_PAD_SRC ? pads->srcpad
          : pads->sinkpad));
}

GstPad *
tieredqueue_channels_hand_out (TieredQueueChannels * self,
    GstPadDirection direction, gint number)
{
  TieredQueuePads *found = NULL;
  GstPad *pad = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->all->len; i++)
    if (can_be_handed_out (nth (self, i), direction, number)
        && (found == NULL || nth (self, i)->number < found->number))
      found = nth (self, i);
  if (found != NULL) {
    found->handed_out[direction == GST_PAD_SRC] = TRUE;
    pad = direction == GST_PAD_SRC ? found->srcpad : found->sinkpad;
  }
  g_mutex_unlock (&self->lock);
  return pad;
}

gchar *
tieredqueue_channels_rename (TieredQueueChannels * self,
    TieredQueuePads * pads, const gchar * name)
{
  gchar *refusal = NULL;
  TieredQueuePads *other;

  if (!is_name (name))
    return g_strdup_printf ("\"%s\" is not a name: 1 to %u of A-Z a-z 0-9 _ . "
        "-", name != NULL ? name : "", TIEREDQUEUE_MAX_NAME);
  g_mutex_lock (&self->lock);
  other = find_name (self, name);
  if (other == NULL) {
    g_mutex_lock (&pads->view);
    g_free (pads->name);
    pads->name = g_strdup (name);
    g_mutex_unlock (&pads->view);
  } else if (other != pads) {
    refusal = g_strdup_printf ("another channel is named %s", name);
  }
  g_mutex_unlock (&self->lock);
  return refusal;
}

/* ---- all together ---- */

void
tieredqueue_channels_set (TieredQueueChannels * self,
    TieredQueueSetting which, const GValue * value)
{
  g_mutex_lock (&self->lock);
  tieredqueue_settings_set (&self->settings, which, value);
  for (guint i = 0; i < self->all->len; i++)
    if (tieredqueue_pads_set (nth (self, i), which, value))
      tieredqueue_flow_news (nth (self, i));
  g_mutex_unlock (&self->lock);
}

void
tieredqueue_channels_get (TieredQueueChannels * self,
    TieredQueueSetting which, GValue * value)
{
  tieredqueue_settings_get (&self->settings, which, value);
}

void
tieredqueue_channels_level (TieredQueueChannels * self, ScRingLevel * level)
{
  ScRingLevel one;

  *level = (ScRingLevel) { 0 };
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->all->len; i++) {
    tieredqueue_pads_read_level (nth (self, i), &one);
    level->buffers += one.buffers;
    level->bytes += one.bytes;
    level->time = MAX (level->time, one.time);
  }
  g_mutex_unlock (&self->lock);
}

static void
tell_channel (TieredQueuePads * pads, const TieredQueueAccount * account,
    GValue * channels)
{
  GstStructure *stats = gst_structure_new ("channel", "channel",
      G_TYPE_STRING, pads->name, NULL);
  GValue value = G_VALUE_INIT;

  tieredqueue_settings_tell (&pads->channel->settings, stats);
  tieredqueue_account_tell (account, stats);
  gst_tiered_proposal_add_stats (pads->proposal, stats);
  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, stats);
  gst_value_array_append_and_take_value (channels, &value);
}

/* The pads that are always there and nobody uses, beside others, would be told
 * of with zeros only. */
static gboolean
is_worth_telling (TieredQueueChannels * self, TieredQueuePads * pads,
    const TieredQueueAccount * account)
{
  guint there = 0;

  if (pads->number != TIEREDQUEUE_ALWAYS || account->buffers_in > 0
      || gst_pad_is_linked (pads->sinkpad) || gst_pad_is_linked (pads->srcpad))
    return is_there (pads);
  for (guint i = 0; i < self->all->len; i++)
    there += is_there (nth (self, i));
  return there == 1;
}

/* With the lock held: nobody else may take its place meanwhile. */
static void
collect_locked (TieredQueueChannels * self, TieredQueueAccount * sum,
    GValue * channels)
{
  TieredQueueAccount *account = g_new (TieredQueueAccount, 1);

  *sum = *self->gone;
  for (guint i = 0; i < self->all->len; i++) {
    tieredqueue_pads_read_account (nth (self, i), account);
    tieredqueue_account_add (sum, account);
    if (is_worth_telling (self, nth (self, i), account))
      tell_channel (nth (self, i), account, channels);
  }
  g_free (account);
}

void
tieredqueue_channels_collect (TieredQueueChannels * self,
    GstStructure * stats)
{
  TieredQueueAccount *sum = g_new (TieredQueueAccount, 1);
  GValue channels = G_VALUE_INIT;

  g_value_init (&channels, GST_TYPE_ARRAY);
  g_mutex_lock (&self->lock);
  collect_locked (self, sum, &channels);
  /* The pool of the pads that are always there: they are the first. */
  gst_tiered_proposal_add_stats (nth (self, 0)->proposal, stats);
  g_mutex_unlock (&self->lock);
  tieredqueue_account_tell (sum, stats);
  gst_structure_take_value (stats, "channels", &channels);
  g_free (sum);
}

static GPtrArray *
list (TieredQueueChannels * self)
{
  GPtrArray *pads;

  g_mutex_lock (&self->lock);
  pads = g_ptr_array_copy (self->all, (GCopyFunc) (void (*)(void))
      tieredqueue_pads_ref, NULL);
  g_mutex_unlock (&self->lock);
  return pads;
}

static TieredQueuePresence
presence_of (TieredQueueChannels * self, TieredQueuePads * pads)
{
  TieredQueuePresence presence;

  g_mutex_lock (&self->lock);
  presence = pads->presence;
  g_mutex_unlock (&self->lock);
  return presence;
}

static GstClockTime
post (TieredQueueChannels * self, TieredQueuePads * pads,
    GstSafecaptureReporter * reporter, gboolean final)
{
  TieredQueuePresence presence = presence_of (self, pads);
  GstClockTime again;
  gchar *name;

  if (presence == TIEREDQUEUE_MAKING)   /* its ring may not be there yet */
    return GST_CLOCK_TIME_NONE;
  name = tieredqueue_pads_dup_name (pads);
  again = tieredqueue_report_post (pads->channel, name, reporter,
      &pads->posted, final || presence == TIEREDQUEUE_GONE);
  if (presence == TIEREDQUEUE_GONE)
    tieredqueue_channels_forget (self, pads);
  g_free (name);
  return again;
}

GstClockTime
tieredqueue_channels_post (TieredQueueChannels * self,
    GstSafecaptureReporter * reporter, gboolean final)
{
  GPtrArray *all = list (self);
  GstClockTime soonest = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < all->len; i++) {
    soonest = MIN (soonest, post (self, g_ptr_array_index (all, i), reporter,
            final));            /* NONE is the largest */
  }
  g_ptr_array_unref (all);
  return soonest;
}

/* ---- states ---- */

void
tieredqueue_channels_start (TieredQueueChannels * self)
{
  g_mutex_lock (&self->lock);
  self->running = TRUE;
  *self->gone = (TieredQueueAccount) { 0 };
  for (guint i = 0; i < self->all->len; i++)
    tieredqueue_flow_begin (nth (self, i));
  g_mutex_unlock (&self->lock);
}

void
tieredqueue_channels_stop (TieredQueueChannels * self)
{
  g_mutex_lock (&self->lock);
  self->running = FALSE;
  g_mutex_unlock (&self->lock);
}

gboolean
tieredqueue_channels_is_running (TieredQueueChannels * self)
{
  gboolean running;

  g_mutex_lock (&self->lock);
  running = self->running;
  g_mutex_unlock (&self->lock);
  return running;
}

void
tieredqueue_channels_stop_proposals (TieredQueueChannels * self)
{
  GPtrArray *all = list (self);

  for (guint i = 0; i < all->len; i++)
    gst_tiered_proposal_stop
        (((TieredQueuePads *) g_ptr_array_index (all, i))->proposal);
  g_ptr_array_unref (all);
}
