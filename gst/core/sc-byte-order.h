/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Integers as files hold them, from and to bytes at any address. */
#ifndef SC_BYTE_ORDER_H
#define SC_BYTE_ORDER_H

#include <stdint.h>

static inline uint16_t
sc_get_be16 (const uint8_t * p)
{
  return (uint16_t) (p[0] << 8 | p[1]);
}

static inline uint32_t
sc_get_be24 (const uint8_t * p)
{
  return (uint32_t) p[0] << 16 | sc_get_be16 (p + 1);
}

static inline uint32_t
sc_get_be32 (const uint8_t * p)
{
  return (uint32_t) sc_get_be16 (p) << 16 | sc_get_be16 (p + 2);
}

static inline uint64_t
sc_get_be64 (const uint8_t * p)
{
  return (uint64_t) sc_get_be32 (p) << 32 | sc_get_be32 (p + 4);
}

static inline void
sc_put_be32 (uint8_t * p, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t) (value >> (24 - 8 * i));
}

static inline uint16_t
sc_get_le16 (const uint8_t * p)
{
  return (uint16_t) (p[0] | p[1] << 8);
}

static inline uint32_t
sc_get_le32 (const uint8_t * p)
{
  return sc_get_le16 (p) | (uint32_t) sc_get_le16 (p + 2) << 16;
}

static inline uint64_t
sc_get_le64 (const uint8_t * p)
{
  return sc_get_le32 (p) | (uint64_t) sc_get_le32 (p + 4) << 32;
}

static inline void
sc_put_le32 (uint8_t * p, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t) (value >> 8 * i);
}

static inline void
sc_put_le64 (uint8_t * p, uint64_t value)
{
  sc_put_le32 (p, (uint32_t) value);
  sc_put_le32 (p + 4, (uint32_t) (value >> 32));
}

#endif
