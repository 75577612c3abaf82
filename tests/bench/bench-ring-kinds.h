/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rings that bench-ring compares.  Every loop is made per kind, so that a
 * kind which is inline code stays inline.
 */
#ifndef BENCH_RING_KINDS_H
#define BENCH_RING_KINDS_H

#include "bench.h"

G_BEGIN_DECLS

#define BENCH_RING_CAPACITY 1024

typedef struct
{
  const gchar *title;
  void (*init) (void);          /* makes both rings, empty */
  /* One producer and one consumer thread, bench_ring_ops items. */
  GThreadFunc produce, consume;
  /* As produce, but a producer that finds the ring full tries at every pause
   * instead of waiting until a quarter is free.  NULL: it sleeps anyway. */
  GThreadFunc hammer;
  /* bench_ring_ops items there through one ring and back through the other. */
  GThreadFunc ping, pong;
} BenchRingKind;

extern guint64 bench_ring_ops;

extern const BenchRingKind bench_ring_kinds[];
extern const guint bench_ring_n_kinds;

G_END_DECLS

#endif
