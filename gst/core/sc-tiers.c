/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-tiers.h"

const ScTiers sc_tiers_standard = {
  .alignment = 64,
  .count = 3,
  .tiers = {{4096, 256}, {65536, 64}, {1048576, 16}},
};

/* Scratch, primary, conversion. */
const ScTiers sc_tiers_embedded = {
  .alignment = 16,
  .count = 3,
  .tiers = {{2048, 2}, {4096, 4}, {4096, 2}},
};

static const char *
skip_spaces (const char *p)
{
  while (*p == ' ')
    p++;
  return p;
}

/* Reads decimal digits; a number beyond 32 bits comes out as UINT32_MAX, which
 * is out of every range here. */
static ScTiersFault
parse_number (const char **p, uint32_t * out)
{
  const char *digit = *p;
  uint64_t value = 0;

  for (; *digit >= '0' && *digit <= '9'; digit++) {
    value = value * 10 + (uint64_t) (*digit - '0');
    if (value > UINT32_MAX)
      value = UINT32_MAX;
  }
  if (digit == *p)
    return SC_TIERS_NOT_A_NUMBER;
  *p = digit;
  *out = (uint32_t) value;
  return SC_TIERS_OK;
}

static ScTiersFault
check_tier (const ScTier * tier)
{
  if (tier->size < SC_TIER_MIN_SIZE || tier->size > SC_TIER_MAX_SIZE)
    return SC_TIERS_SIZE_RANGE;
  if (tier->slots < 1 || tier->slots > SC_TIER_MAX_SLOTS)
    return SC_TIERS_SLOTS_RANGE;
  return SC_TIERS_OK;
}

static ScTiersFault
parse_tier (const char **p, ScTier * out)
{
  ScTiersFault fault = parse_number (p, &out->size);

  if (fault != SC_TIERS_OK)
    return fault;
  *p = skip_spaces (*p);
  if (**p != 'x')
    return SC_TIERS_NO_X;
  *p = skip_spaces (*p + 1);
  fault = parse_number (p, &out->slots);
  return fault != SC_TIERS_OK ? fault : check_tier (out);
}

/* Keeps the tiers by size. */
static ScTiersFault
insert (ScTiers * tiers, ScTier tier)
{
  uint32_t at = tiers->count, size;

  if (tiers->count == SC_TIERS_MAX)
    return SC_TIERS_TOO_MANY;
  tiers->tiers[at] = tier;
  size = sc_tiers_slot_size (tiers, at);
  for (; at > 0 && sc_tiers_slot_size (tiers, at - 1) >= size; at--) {
    if (sc_tiers_slot_size (tiers, at - 1) == size)
      return SC_TIERS_DUPLICATE;
    tiers->tiers[at] = tiers->tiers[at - 1];
  }
  tiers->tiers[at] = tier;
  tiers->count++;
  return SC_TIERS_OK;
}

static ScTiersFault
parse (const char **p, ScTiers * tiers, const char **tier_start)
{
  for (;;) {
    ScTiersFault fault;
    ScTier tier;

    *p = *tier_start = skip_spaces (*p);
    if (**p == '\0' || **p == ',')
      return SC_TIERS_EMPTY;
    fault = parse_tier (p, &tier);
    if (fault == SC_TIERS_OK)
      fault = insert (tiers, tier);
    if (fault != SC_TIERS_OK)
      return fault;
    *p = skip_spaces (*p);
    if (**p == '\0')
      return SC_TIERS_OK;
    if (**p != ',')
      return SC_TIERS_TRAILING;
    (*p)++;
  }
}

ScTiersFault
sc_tiers_parse (const char *text, ScTiers * out, size_t *offset)
{
  ScTiers tiers = {.alignment = 64 };
  const char *p = text, *tier_start = text;
  ScTiersFault fault = parse (&p, &tiers, &tier_start);

  if (fault == SC_TIERS_OK) {
    *out = tiers;
    return SC_TIERS_OK;
  }
  /* A value out of range is shown where its tier begins, a wrong sign where it
   * stands. */
  if (fault >= SC_TIERS_SIZE_RANGE)
    p = tier_start;
  if (offset != NULL)
    *offset = (size_t) (p - text);
  return fault;
}

ScTiersFault
sc_tiers_validate (const ScTiers * self)
{
  if (self->alignment != 16 && self->alignment != 64)
    return SC_TIERS_ALIGNMENT;
  if (self->count == 0)
    return SC_TIERS_EMPTY;
  if (self->count > SC_TIERS_MAX)
    return SC_TIERS_TOO_MANY;
  for (uint32_t i = 0; i < self->count; i++) {
    ScTiersFault fault = check_tier (&self->tiers[i]);

    if (fault != SC_TIERS_OK)
      return fault;
    if (i > 0 && self->tiers[i].size < self->tiers[i - 1].size)
      return SC_TIERS_ORDER;
  }
  return SC_TIERS_OK;
}

const char *
sc_tiers_fault_text (ScTiersFault fault)
{
  switch (fault) {
    case SC_TIERS_OK:
      return "no fault";
    case SC_TIERS_EMPTY:
      return "a tier is missing; write SIZExCOUNT, as in \"4096x64,65536x16\"";
    case SC_TIERS_NOT_A_NUMBER:
      return "a decimal number of digits only is expected";
    case SC_TIERS_NO_X:
      return "an 'x' is expected between slot size and count";
    case SC_TIERS_TRAILING:
      return "a comma or the end is expected after a tier";
    case SC_TIERS_SIZE_RANGE:
      return "a slot size must be 16 to 1073741824 bytes";
    case SC_TIERS_SLOTS_RANGE:
      return "a tier must have 1 to 16128 slots";
    case SC_TIERS_DUPLICATE:
      return "two tiers have the same slot size (rounded up to 64 bytes); "
          "add their counts";
    case SC_TIERS_TOO_MANY:
      return "at most 8 tiers are possible";
    case SC_TIERS_ORDER:
      return "tiers must be ordered by slot size";
    case SC_TIERS_ALIGNMENT:
      return "the alignment must be 16 or 64 bytes";
  }
  return "unknown fault";
}
