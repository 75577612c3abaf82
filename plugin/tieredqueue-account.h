/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a channel's counters say at one moment, or those of several together;
 * and the fields of statistics that tell it.
 *
 * Large (some 16 KiB): for the heap.
 */
#ifndef TIEREDQUEUE_ACCOUNT_H
#define TIEREDQUEUE_ACCOUNT_H

#include "tieredqueue-channel.h"
#include "tieredqueue-output.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 buffers_in;
  guint64 bytes_in;
  guint64 buffers_out;
  guint64 bytes_out;
  guint64 level_buffers;
  guint64 level_bytes;
  guint64 level_time;           /* ns; of several, the largest */
  guint64 peak_buffers;         /* of several, the largest */
  guint64 slots;
  guint64 growths;
  guint64 wakeups;
  gdouble buffers_per_second;
  gdouble bytes_per_second;
  guint64 dropped[TIEREDQUEUE_N_DROP_REASONS];
  guint64 bytes_dropped;
  gdouble utilisation;          /* of several, the largest */
  gboolean backpressure;        /* of several, any */
  guint64 backpressure_count;
  guint64 backpressure_time;    /* ns */
  guint64 sync_waits;
  guint64 sync_wait_time;       /* ns */
  guint64 sync_lates;
  ScHistogramSnapshot latency;  /* ns */
} TieredQueueAccount;

/**
 * tieredqueue_account_read:
 *
 * Any thread that keeps the ring's memory from being reserved anew, and others
 * from reading.
 */
void tieredqueue_account_read (TieredQueueAccount * self,
    TieredQueueChannel * channel, TieredQueueOutput * output);

/**
 * tieredqueue_account_add:
 *
 * Makes it that of both together.
 */
void tieredqueue_account_add (TieredQueueAccount * self,
    const TieredQueueAccount * other);

/**
 * tieredqueue_account_close:
 *
 * What it says now ends: levels, slots and back-pressure are no more; what has
 * been counted stays.
 */
void tieredqueue_account_close (TieredQueueAccount * self);

/**
 * tieredqueue_account_tell:
 *
 * Sets its fields in @stats.
 */
void tieredqueue_account_tell (const TieredQueueAccount * self,
    GstStructure * stats);

G_END_DECLS

#endif
