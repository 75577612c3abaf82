/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tiers of an arena: which slot sizes, and how many of each.
 *
 * As text: SIZExCOUNT, parted by commas, in any order of sizes, spaces allowed
 * between the parts: "4096x64,65536x16".  SIZE is in bytes.
 *
 * Pure functions: any thread.
 */
#ifndef SC_TIERS_H
#define SC_TIERS_H

#include <stddef.h>
#include <stdint.h>

#define SC_TIERS_MAX 8u
#define SC_TIER_MIN_SIZE 16u
#define SC_TIER_MAX_SIZE (1u << 30)
/* 256 words of the free list, the most that an acquire looks through. */
#define SC_TIER_MAX_SLOTS (63u * 256u)

typedef struct
{
  uint32_t size;                /* bytes a slot can be asked for */
  uint32_t slots;
} ScTier;

typedef struct
{
  /* Of each slot's data: 16 or 64.  Sizes are rounded up to it. */
  uint32_t alignment;
  uint32_t count;
  /* By size, the smallest first.  Equal sizes are allowed: the first of them is
   * taken from first. */
  ScTier tiers[SC_TIERS_MAX];
} ScTiers;

typedef enum
{
  SC_TIERS_OK,
  SC_TIERS_EMPTY,               /* no tier at all, or nothing between commas */
  SC_TIERS_NOT_A_NUMBER,        /* where a size or a count should be */
  SC_TIERS_NO_X,                /* no 'x' between size and count */
  SC_TIERS_TRAILING,            /* something other than a comma after a tier */
  SC_TIERS_SIZE_RANGE,
  SC_TIERS_SLOTS_RANGE,
  SC_TIERS_DUPLICATE,           /* two tiers of the same rounded size */
  SC_TIERS_TOO_MANY,
  SC_TIERS_ORDER,               /* not by size (validate only) */
  SC_TIERS_ALIGNMENT,           /* neither 16 nor 64 (validate only) */
} ScTiersFault;

/* 4,096 x 256, 65,536 x 64, 1,048,576 x 16; 64-byte aligned. */
extern const ScTiers sc_tiers_standard;

/* 32,768 bytes in all; see sc-arena.h.  16-byte aligned. */
extern const ScTiers sc_tiers_embedded;

/**
 * sc_tiers_parse:
 * @text: the tiers
 * @out: (out): the tiers by size, 64-byte aligned; left alone on a fault
 * @offset: (out) (optional): where in @text the fault is, in bytes
 *
 * Returns: SC_TIERS_OK or what is wrong
 */
ScTiersFault sc_tiers_parse (const char *text, ScTiers * out, size_t *offset);

/**
 * sc_tiers_validate:
 *
 * Returns: SC_TIERS_OK or what is wrong with tiers made by hand
 */
ScTiersFault sc_tiers_validate (const ScTiers * self);

/**
 * sc_tiers_fault_text:
 *
 * Returns: (transfer none): the fault for people, with what would be right
 */
const char *sc_tiers_fault_text (ScTiersFault fault);

/**
 * sc_tiers_slot_size:
 *
 * Returns: bytes that fit into a slot of a tier: its size, rounded up
 */
static inline uint32_t
sc_tiers_slot_size (const ScTiers * self, uint32_t tier)
{
  return (self->tiers[tier].size + self->alignment - 1)
      & ~(self->alignment - 1);
}

#endif
