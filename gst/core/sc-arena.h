/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One contiguous piece of memory, carved once into tiers of fixed slots that
 * any thread takes and gives back without lock, allocation or system call.
 *
 *   control, tiers | free lists | slot headers | accounts | data and guard words,
 *                                                         | slot after slot
 *
 * Memory
 *   The caller's, from sc_arena_init() on: static, mapped or from a heap.  The
 *   arena keeps everything in it, so that its size is all that it costs.
 *
 * Acquire
 *   Takes the smallest tier whose slots fit.  Where that one is empty it borrows
 *   from the next larger one (not beyond, so that small requests cannot eat up
 *   the large slots).  Each tier has a free list (sc-free-list.h) that is begun
 *   at a place of the thread's own; tries are bounded, it never spins.
 *
 * Release
 *   Checks that the slot is this arena's and is out, that its header is intact
 *   and that nobody wrote behind its data; then gives it back in one operation.
 *
 *     0            the slot is free again
 *     -EOVERFLOW   the same, but the guard words behind the data were
 *                  overwritten: the next slot's data may be damaged
 *     -ENXIO       refused: not a slot of this arena
 *     -EALREADY    refused: released before (and perhaps out again since)
 *     -EBADMSG     refused: the header was written over.  The slot stays out
 *     -ESHUTDOWN   the arena is closed: nobody gets the slot any more, and what
 *                  the caller keeps with it is the caller's to destroy
 *
 *   sc_arena_release() may be called by two threads at once for the same acquire:
 *   one of them is refused.  sc_arena_release_owned() is for callers who make sure
 *   themselves that this cannot be, and spares the read-modify-write.
 *
 * Magazines
 *   In tiers of at least 32 slots, where the system has membarrier(2), threads
 *   keep some free slots to themselves (sc-magazine.h).  No acquire fails, and no
 *   wait goes on, while a slot that it may have is in another one's magazine.
 *
 * Close
 *   Ends acquires and waits.  A release knows from the operation that gives the
 *   slot back whether the arena was closed before, so no slot falls between the
 *   two and a stop needs no lock against late releases.
 *
 * Who keeps the memory alive
 *   Each slot that close counted comes back with one -ESHUTDOWN (or is refused):
 *   who counts them knows which was the last.  A release that began before close
 *   may still be in the arena when its slot is back already: sc_arena_settle()
 *   waits for it.  After that, and after the last -ESHUTDOWN has returned, the
 *   memory is the caller's again.
 *
 * Threads
 *   Everything between init and clear may be called from any thread at any
 *   time.  Between acquire and release a slot's data and header are the
 *   holder's alone; the release publishes its writes to the next holder.
 */
#ifndef SC_ARENA_H
#define SC_ARENA_H

#include "sc-arena-meter.h"
#include "sc-eventcount.h"
#include "sc-slot-header.h"
#include "sc-tiers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the memory of an arena must be aligned to. */
#define SC_ARENA_ALIGNMENT 64u

/* Enough for sc_tiers_embedded:
 *   primary 4 x 4,096 + conversion 2 x 4,096 + scratch 2 x 2,048   28,672
 *   slot headers, 8 x 128                                           1,024
 *   accounts of tiers and classes                         up to 1,024
 *   control, free lists and guard words                   up to 1,536
 */
#define SC_ARENA_EMBEDDED_SIZE 32768u

typedef struct ScArena ScArena;

/* A slot in the hands of its holder. */
typedef struct
{
  ScSlotHeader *header;
  void *data;                   /* header->capacity bytes */
  uint64_t ticket;              /* of this acquire: finds a stale release */
} ScSlot;

typedef struct
{
  uint32_t slot_size;
  uint32_t slots;
  uint32_t in_use;
  /* The most that were out at once: exact for one thread; several each count
   * some slots for themselves (see sc-arena-account.h), so that it can be too low
   * or too high by the slack. */
  uint32_t peak;
  uint32_t peak_slack;
  uint64_t acquired;
  uint64_t released;
  uint64_t hits;                /* acquired by requests for this size */
  uint64_t failures;            /* requests for this size that got nothing */
  /* The most failures in turn, with no slot of the tier had in between.  A thread
   * that takes from its magazine does not end a run. */
  uint32_t longest_run;
  uint64_t borrows;             /* requests for this size served by the next */
  /* How long slots were out: of a sample, by the clock. */
  uint64_t hold_samples;
  uint64_t hold_ns;
} ScTierStats;

typedef struct
{
  uint32_t quota;               /* slots that the class may have; 0: any */
  uint32_t in_use;
  uint32_t peak;                /* as a tier's; exact with a quota */
  uint64_t acquired;
  uint64_t released;
  uint64_t failures;            /* requests that got nothing, refusals included */
  uint64_t borrows;
  uint64_t quota_refusals;      /* failures because of the quota */
  uint64_t hold_samples;
  uint64_t hold_ns;
} ScClassStats;

typedef struct
{
  uint32_t count;
  ScTierStats tiers[SC_TIERS_MAX];
  ScClassStats classes[SC_CLASSES];
  uint64_t too_large;           /* requests beyond the largest slot */
  uint64_t waits;               /* requests that had to wait */
  uint64_t timeouts;            /* waits that ended without a slot */
  uint64_t foreign;             /* releases answered -ENXIO */
  uint64_t doubled;             /* -EALREADY */
  uint64_t corrupted;           /* -EBADMSG */
  uint64_t overruns;            /* guard words found overwritten */
  /* Requests refused for want of a slot, though as many bytes lay free in slots
   * of other tiers. */
  uint64_t fragmented;
  /* Of a sample of the acquires: bytes asked for, and bytes of their slots. */
  uint64_t requested_samples;
  uint64_t requested_bytes;
  uint64_t capacity_bytes;
} ScArenaStats;

/* A slot that is out. */
typedef struct
{
  uint32_t id;                  /* as header->buffer_id */
  ScClass slot_class;
  uint32_t size;                /* bytes asked for */
  /* CLOCK_MONOTONIC, when it was acquired: exact for a sample, else the last
   * time that the arena knew then (see sc_arena_tick()). */
  uint64_t since_ns;
} ScSlotOut;

typedef void (*ScSlotOutFunc) (const ScSlotOut * slot, void *data);

/**
 * sc_arena_size:
 *
 * Returns: the bytes of memory that an arena of these tiers takes, everything
 * included; 0 if the tiers are not valid or the size cannot be addressed
 */
size_t sc_arena_size (const ScTiers * tiers);

/**
 * sc_arena_init:
 * @memory: aligned to SC_ARENA_ALIGNMENT; need not be zeroed
 * @size: bytes of @memory, at least sc_arena_size()
 * @tiers: copied
 * @out: (out): the arena, in @memory
 *
 * Writes the headers and the guard words, not the data.
 *
 * Returns: 0; -EINVAL on invalid tiers or alignment; -ENOSPC if @size is too
 * small; another -errno where the eventcount could not be made
 */
int sc_arena_init (void *memory, size_t size, const ScTiers * tiers,
    ScArena ** out);

/**
 * sc_arena_clear:
 *
 * Lets go of the memory: an arena with magazines is known to the threads that have
 * used it.  No thread may be in a call any more.
 */
void sc_arena_clear (ScArena * self);

/**
 * sc_arena_acquire:
 * @size: bytes wanted; 0 takes the smallest tier
 * @slot_class: what for: written into the header
 * @out: (out): the slot, its header sealed, with @size as data_size and every
 *   field of the application's empty; the data is as the last holder left it
 *
 * Returns: 0; -EMSGSIZE if no tier has slots that large; -EAGAIN if none is
 * free; -ESHUTDOWN after close
 */
int sc_arena_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out);

/**
 * sc_arena_try_acquire:
 *
 * As sc_arena_acquire(), but where no slot is free it counts no failure: for who
 * then waits.
 */
int sc_arena_try_acquire (ScArena * self, size_t size, ScClass slot_class,
    ScSlot * out);

/**
 * sc_arena_acquire_wait:
 * @timeout_ns: nanoseconds from now, or SC_WAIT_FOREVER
 * @flushing: (nullable): the flag of this user of the arena; see
 *   sc_arena_set_flushing()
 *
 * As sc_arena_acquire(), but sleeps while no slot is free.
 *
 * Returns: as acquire, with instead of -EAGAIN: -ETIMEDOUT, or -ECANCELED if
 * @flushing is or becomes true
 */
int sc_arena_acquire_wait (ScArena * self, size_t size, ScClass slot_class,
    uint64_t timeout_ns, const atomic_bool * flushing, ScSlot * out);

/**
 * sc_arena_set_flushing:
 * @flag: the flag that the waits to end were given
 *
 * Sets the flag and, if @flushing, ends the waits on it.  Each user of an arena
 * that is shared has a flag of its own.
 */
void sc_arena_set_flushing (ScArena * self, atomic_bool * flag,
    bool flushing);

/**
 * sc_arena_release:
 *
 * Returns: see the list above
 */
int sc_arena_release (ScArena * self, const ScSlot * slot);

/**
 * sc_arena_release_owned:
 * @header: of a slot that is out
 *
 * sc_arena_release() for a caller who releases each acquire once, as a reference
 * count does.  A slot that is home is still refused, one that another has acquired
 * since is not.
 */
int sc_arena_release_owned (ScArena * self, ScSlotHeader * header);

/**
 * sc_arena_close:
 *
 * No acquire succeeds from now on, waits end with -ESHUTDOWN, and slots that are
 * out come back with -ESHUTDOWN.
 *
 * Returns: the number of slots that are out
 */
uint32_t sc_arena_close (ScArena * self);

/**
 * sc_arena_settle:
 *
 * After close: waits for the releases that are under way in other threads to
 * leave the arena.  Acquires must be over.
 */
void sc_arena_settle (ScArena * self);

/**
 * sc_arena_slots:
 *
 * Returns: the number of slots, of all tiers
 */
uint32_t sc_arena_slots (const ScArena * self);

/**
 * sc_arena_slot:
 * @id: 0 to sc_arena_slots() - 1, as header->buffer_id
 *
 * For what a caller prepares for every slot before the first acquire.
 *
 * Returns: header and data of that slot; does not acquire it, the ticket is 0
 */
ScSlot sc_arena_slot (const ScArena * self, uint32_t id);

/**
 * sc_arena_check_home:
 * @id: as of sc_arena_slot()
 *
 * Whether a slot that is home is sound.  While nobody acquires.
 *
 * Returns: 0; -EBUSY if the slot is out; -EBADMSG if its header was written
 * over; -EOVERFLOW if the guard words behind its data were
 */
int sc_arena_check_home (const ScArena * self, uint32_t id);

/**
 * sc_arena_set_quota:
 * @slots: the most slots that the class may have out at once; 0 for any number
 *
 * Counts from now on: slots that are out already are not charged.  A request
 * beyond the quota is answered as if no slot were free, and may wait for one.
 * A class with a quota costs its users a read-modify-write more.
 *
 * Returns: 0, or -EINVAL if there is no such class
 */
int sc_arena_set_quota (ScArena * self, ScClass slot_class, uint32_t slots);

/**
 * sc_arena_set_meter:
 * @meter: (nullable): the caller's memory, initialised; as long as the arena
 *
 * Has latencies recorded (sc-arena-meter.h).  Before the first acquire.
 */
void sc_arena_set_meter (ScArena * self, ScArenaMeter * meter);

/**
 * sc_arena_tick:
 * @now_ns: CLOCK_MONOTONIC
 *
 * Tells the arena the time, which it otherwise learns from sampled acquires:
 * once in a while, so that slots know to within that how long they are out.
 */
void sc_arena_tick (ScArena * self, uint64_t now_ns);

/**
 * sc_arena_foreach_out:
 * @func: called for each slot that is out, by slot number; must not acquire
 *
 * While others go on: a slot may come home or go out meanwhile, and one that
 * went out twice may show values of both times.
 */
void sc_arena_foreach_out (const ScArena * self, ScSlotOutFunc func,
    void *data);

/**
 * sc_arena_read_stats:
 *
 * A snapshot while the others go on: counts of the same moment to within the
 * acquires and releases that ran meanwhile.
 */
void sc_arena_read_stats (const ScArena * self, ScArenaStats * out);

#endif
