/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "safefilesink-look.h"

#include "safefilesink-recording.h"

#include <errno.h>

/* Shared with the thread that looks, which may come back late. */
typedef struct
{
  gint refs;
  gchar *location;
  SafefilesinkSettings settings;
  GMutex lock;
  GCond moved;
  /* Under lock. */
  gboolean done;
  ScFault fault;
  gboolean in_the_way;          /* an unfinished recording: `blocking` */
  GPtrArray *leftovers;
  gchar *blocking;
} Look;

static Look *
look_new (const gchar * location, const SafefilesinkSettings * settings)
{
  Look *look = g_new0 (Look, 1);

  look->refs = 1;
  look->location = g_strdup (location);
  safefilesink_settings_copy (&look->settings, settings);
  g_mutex_init (&look->lock);
  g_cond_init (&look->moved);
  return look;
}

static void
look_unref (Look * look)
{
  if (!g_atomic_int_dec_and_test (&look->refs))
    return;
  g_clear_pointer (&look->leftovers, g_ptr_array_unref);
  safefilesink_settings_clear (&look->settings);
  g_cond_clear (&look->moved);
  g_mutex_clear (&look->lock);
  g_free (look->blocking);
  g_free (look->location);
  g_free (look);
}

static void
look (Look * self)
{
  GPtrArray *leftovers = NULL;
  gchar *blocking = NULL;
  gint place = safefilesink_recording_check_place (self->location,
      &self->settings);
  gint way = place < 0 ? 0 : safefilesink_leftover_clear_way (self->location,
      &self->settings, &leftovers, &blocking);

  g_mutex_lock (&self->lock);
  self->done = TRUE;
  self->leftovers = leftovers;
  self->blocking = blocking;
  self->in_the_way = way == -EEXIST;
  if (place < 0 || way < 0)
    self->fault = (ScFault) {
      .kind = way == -EBUSY ? SC_FAULT_LOCK : SC_FAULT_OPEN,
      .error = place < 0 ? place : way
    };
  g_cond_signal (&self->moved);
  g_mutex_unlock (&self->lock);
}

static gpointer
look_in_thread (gpointer user_data)
{
  look (user_data);
  look_unref (user_data);
  return NULL;
}

/* Where there is nowhere else to go the look takes as long as it takes. */
static void
look_in_time (Look * self)
{
  guint64 timeout = self->settings.write_timeout;
  gint64 deadline = g_get_monotonic_time () + (gint64) (timeout / 1000);

  if (self->settings.backup_locations[0] == NULL || timeout == 0) {
    look (self);
    return;
  }
  g_atomic_int_inc (&self->refs);
  g_thread_unref (g_thread_new ("safefilesink-look", look_in_thread, self));
  g_mutex_lock (&self->lock);
  while (!self->done
      && g_cond_wait_until (&self->moved, &self->lock, deadline));
  if (!self->done)
    self->fault = (ScFault) {.kind = SC_FAULT_OPEN,.error = -ETIMEDOUT };
  g_mutex_unlock (&self->lock);
}

gboolean
safefilesink_look (GstElement * element, const gchar * location,
    const SafefilesinkSettings * settings, GPtrArray ** leftovers,
    ScFault * fault)
{
  Look *self = look_new (location, settings);
  gboolean may;

  look_in_time (self);
  g_mutex_lock (&self->lock);
  *fault = self->fault;
  may = fault->kind == SC_FAULT_NONE
      || safefilesink_settings_may_go_elsewhere (settings, fault->error);
  if (may)
    *leftovers = self->leftovers != NULL
        ? g_steal_pointer (&self->leftovers) : g_ptr_array_new ();
  if (self->in_the_way) {
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_WRITE,
        ("An unfinished recording \"%s\" is in the way. Recover it with "
            "\"safecapture recover\", remove it, or set recover=auto.",
            self->blocking), (NULL));
    fault->kind = SC_FAULT_NONE;
  }
  g_mutex_unlock (&self->lock);
  look_unref (self);
  return may;
}
