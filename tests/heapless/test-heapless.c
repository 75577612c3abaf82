/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The embedded profile in static memory, and the standard one in a mapping, through
 * everything that an arena does, with every allocation of the program counted; and how much memory it makes
 * resident, as the kernel sees it.
 *
 * No test framework: those allocate.
 */
#include "alloc-count.h"
#include "sc-arena.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUDGET SC_ARENA_EMBEDDED_SIZE
#define PAGE 4096u
#define ROUNDS 1000

_Static_assert (BUDGET == 32768, "the embedded budget");

#define CLAIM(condition) \
  do { \
    if (!(condition)) { \
      fprintf (stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
          #condition); \
      exit (1); \
    } \
  } while (0)

static _Alignas (PAGE) unsigned char memory[BUDGET];

/* ---- everything that an arena does ---- */

static void
exhaust_and_release (ScArena * arena, const ScTiers * tiers)
{
  uint32_t count = sc_arena_slots (arena), got = 0;
  size_t largest = tiers->tiers[tiers->count - 1].size;
  static ScSlot slots[1024];
  ScSlot none;

  CLAIM (count <= sizeof (slots) / sizeof (slots[0]));
  /* The largest first: what is left then fits only what is smaller. */
  for (uint32_t i = tiers->count; i-- > 0;) {
    size_t size = tiers->tiers[i].size;

    while (sc_arena_acquire (arena, size, (ScClass) (got % SC_CLASSES),
            &slots[got]) == 0)
      got++;
  }
  CLAIM (got == count);
  CLAIM (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &none) == -EAGAIN);
  CLAIM (sc_arena_acquire_wait (arena, 1, SC_CLASS_PRIMARY, 1000, NULL, &none)
      == -ETIMEDOUT);
  CLAIM (sc_arena_acquire (arena, largest + 1, SC_CLASS_PRIMARY, &none)
      == -EMSGSIZE);
  for (uint32_t i = 0; i < count; i++) {
    memset (slots[i].data, 0x5A, slots[i].header->capacity);
    sc_slot_header_seal (slots[i].header);
    CLAIM (sc_arena_release (arena, &slots[i]) == 0);
    CLAIM (sc_arena_release (arena, &slots[i]) == -EALREADY);
  }
}

static void
misuse (ScArena * arena)
{
  ScSlotHeader other_header = { 0 };
  const ScSlot foreign = {.header = &other_header };
  ScSlot slot;

  CLAIM (sc_arena_release (arena, &foreign) == -ENXIO);
  CLAIM (sc_arena_acquire (arena, 1, SC_CLASS_SCRATCH, &slot) == 0);
  ((unsigned char *) slot.data)[slot.header->capacity] ^= 1;
  CLAIM (sc_arena_release (arena, &slot) == -EOVERFLOW);
  CLAIM (sc_arena_acquire (arena, 1, SC_CLASS_SCRATCH, &slot) == 0);
  slot.header->flags ^= 1;
  CLAIM (sc_arena_release (arena, &slot) == -EBADMSG);
  slot.header->flags ^= 1;
  CLAIM (sc_arena_release (arena, &slot) == 0);
}

static void
use_all (void *where, size_t size, const ScTiers * tiers, int rounds)
{
  atomic_bool flushing = true;
  ScArenaStats stats;
  ScArena *arena;
  ScSlot slot;

  CLAIM (sc_arena_init (where, size, tiers, &arena) == 0);
  for (int i = 0; i < rounds; i++)
    exhaust_and_release (arena, tiers);
  misuse (arena);
  CLAIM (sc_arena_acquire_wait (arena, 1, SC_CLASS_PRIMARY, SC_WAIT_FOREVER,
          &flushing, &slot) == -ECANCELED);
  sc_arena_set_flushing (arena, &flushing, false);

  CLAIM (sc_arena_acquire_wait (arena, 1, SC_CLASS_PRIMARY, SC_WAIT_FOREVER,
          &flushing, &slot) == 0);
  CLAIM (sc_arena_close (arena) == 1);
  CLAIM (sc_arena_release (arena, &slot) == -ESHUTDOWN);
  CLAIM (sc_arena_acquire (arena, 1, SC_CLASS_PRIMARY, &slot) == -ESHUTDOWN);
  sc_arena_read_stats (arena, &stats);
  for (uint32_t i = 0; i < stats.count; i++)
    CLAIM (stats.tiers[i].in_use == 0
        && stats.tiers[i].acquired == stats.tiers[i].released
        && stats.tiers[i].peak == stats.tiers[i].slots);
  CLAIM (stats.foreign == 1 && stats.overruns == 1 && stats.corrupted == 1);
  sc_arena_clear (arena);
}

/* A mapping of its own, for no other to be counted with it: between pages that
 * cannot be accessed. */
static unsigned char *
map_apart (size_t size)
{
  unsigned char *all = mmap (NULL, size + 2 * PAGE, PROT_NONE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  CLAIM (all != MAP_FAILED);
  CLAIM (mprotect (all + PAGE, size, PROT_READ | PROT_WRITE) == 0);
  return all + PAGE;
}

/* ---- allocations ---- */

static uint64_t
counted (void)
{
  uint64_t sum = 0;
  AllocCount row;

  alloc_count_stop ();
  for (unsigned i = 0; alloc_count_get (i, &row); i++)
    sum += row.allocations + row.frees + row.maps;
  return sum;
}

static void
claim_that_nothing_is_allocated (void)
{
  size_t size = sc_arena_size (&sc_tiers_standard);
  unsigned char *mapping = map_apart ((size + PAGE - 1) & ~(PAGE - 1ul));
  void *volatile control;
  uint64_t sum;

  alloc_count_start ();
  use_all (memory, sizeof (memory), &sc_tiers_embedded, ROUNDS);
  use_all (mapping, size, &sc_tiers_standard, 2);
  sum = counted ();
  printf ("allocations, frees and maps in %d rounds: %" PRIu64 "\n", ROUNDS,
      sum);
  CLAIM (sum == 0);

  alloc_count_start ();
  control = malloc (1);
  free (control);
  sum = counted ();
  printf ("control: %" PRIu64 "\n", sum);
  CLAIM (sum == 2);
}

/* ---- resident memory ---- */

/* The kB that /proc/self/smaps says of the mapping that begins at @start. */
static unsigned long
resident_kb (const void *start)
{
  FILE *file = fopen ("/proc/self/smaps", "re");
  unsigned long from, kb = 0;
  int found = 0;
  char line[256];

  CLAIM (file != NULL);
  while (found < 2 && fgets (line, sizeof (line), file) != NULL) {
    if (sscanf (line, "%lx-", &from) == 1 && strchr (line, '-') != NULL
        && from == (unsigned long) (uintptr_t) start)
      found = 1;
    else if (found == 1 && sscanf (line, "Rss: %lu kB", &kb) == 1)
      found = 2;
  }
  fclose (file);
  CLAIM (found == 2);
  return kb;
}

static unsigned long
resident_of (const ScTiers * tiers)
{
  size_t size = (sc_arena_size (tiers) + PAGE - 1) & ~(size_t) (PAGE - 1);
  unsigned char *mapping = map_apart (size);
  unsigned long kb;

  use_all (mapping, size, tiers, 1);
  kb = resident_kb (mapping);
  CLAIM (munmap (mapping - PAGE, size + 2 * PAGE) == 0);
  return kb;
}

static void
claim_that_the_budget_is_kept (void)
{
  unsigned char pages[BUDGET / PAGE];
  unsigned long embedded, standard;
  unsigned resident = 0;

  printf ("by its own account: %zu bytes\n",
      sc_arena_size (&sc_tiers_embedded));
  CLAIM (sc_arena_size (&sc_tiers_embedded) <= BUDGET);
  if (sysconf (_SC_PAGESIZE) != PAGE) {
    printf ("resident memory: not looked at, as pages are not %u bytes\n",
        PAGE);
    return;
  }
  CLAIM (mincore (memory, sizeof (memory), pages) == 0);
  for (unsigned i = 0; i < sizeof (pages); i++)
    resident += pages[i] & 1u;
  embedded = resident_of (&sc_tiers_embedded);
  standard = resident_of (&sc_tiers_standard);
  printf ("resident: static %u bytes, mapped %lu kB; control: %lu kB\n",
      resident * PAGE, embedded, standard);
  CLAIM (resident * PAGE <= BUDGET);
  CLAIM (embedded * 1024 <= BUDGET);
  CLAIM (standard * 1024 > BUDGET);
}

int
main (void)
{
  claim_that_nothing_is_allocated ();
  claim_that_the_budget_is_kept ();
  return 0;
}
