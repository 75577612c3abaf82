/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sc-crc32c.h"

#include <pthread.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#define POLYNOMIAL 0x82F63B78u

typedef uint32_t (*CrcFunc) (uint32_t crc, const uint8_t * data, size_t size);

/* Written once under init_once, read-only from then on. */
static uint32_t slices[8][256];
/* powers[k] is x^(2^k) modulo the polynomial, bit-reflected. */
static uint32_t powers[67];
/* skips[k][n]: what n << 8k becomes behind STREAM bytes of zeros. */
static uint32_t skips[4][256];
static CrcFunc best;
static pthread_once_t init_once = PTHREAD_ONCE_INIT;

static uint32_t
load_le32 (const uint8_t * p)
{
  return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
      | (uint32_t) p[3] << 24;
}

static uint32_t
crc_slicing_by_8 (uint32_t crc, const uint8_t * data, size_t size)
{
  for (; size >= 8; size -= 8, data += 8) {
    uint32_t low = crc ^ load_le32 (data);
    uint32_t high = load_le32 (data + 4);

    crc = slices[7][low & 0xff] ^ slices[6][low >> 8 & 0xff]
        ^ slices[5][low >> 16 & 0xff] ^ slices[4][low >> 24]
        ^ slices[3][high & 0xff] ^ slices[2][high >> 8 & 0xff]
        ^ slices[1][high >> 16 & 0xff] ^ slices[0][high >> 24];
  }
  for (; size > 0; size--, data++)
    crc = slices[0][(crc ^ *data) & 0xff] ^ crc >> 8;
  return crc;
}

#if defined(__x86_64__)
#define SC_CRC_TARGET __attribute__ ((target ("sse4.2")))

SC_CRC_TARGET static inline uint64_t
step_word (uint64_t crc, const uint8_t * data)
{
  uint64_t word;

  memcpy (&word, data, sizeof (word));
  return __builtin_ia32_crc32di (crc, word);
}

SC_CRC_TARGET static inline uint64_t
step_byte (uint64_t crc, uint8_t byte)
{
  return __builtin_ia32_crc32qi ((uint32_t) crc, byte);
}

static int
has_hardware (void)
{
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
#define SC_CRC_TARGET

/* The instruction is asked for by an assembler directive, because the spelling
 * of the target attribute differs between gcc and clang. */
static inline uint64_t
step_word (uint64_t crc, const uint8_t * data)
{
  uint32_t narrow = (uint32_t) crc;
  uint64_t word;

  memcpy (&word, data, sizeof (word));
  __asm__ (".arch_extension crc\n\tcrc32cx %w0, %w0, %x1":"+r" (narrow)
      :"r" (word));
  return narrow;
}

static inline uint64_t
step_byte (uint64_t crc, uint8_t byte)
{
  uint32_t narrow = (uint32_t) crc;

  __asm__ (".arch_extension crc\n\tcrc32cb %w0, %w0, %w1":"+r" (narrow)
      :"r" ((uint32_t) byte));
  return narrow;
}

static int
has_hardware (void)
{
  return (getauxval (AT_HWCAP) & (1ul << 7)) != 0;      /* HWCAP_CRC32 */
}
#endif

#ifdef SC_CRC_TARGET
/* Bytes of each of three streams.  One stream would wait three cycles for each
 * instruction, of which the processor begins one in every cycle (V. Gopal and
 * others, "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction",
 * Intel 2011).  Three make nearly a page, and four times three nearly the piece
 * that the ring copies at a time. */
#define STREAM 1360u

/* What @crc becomes behind a further STREAM bytes of zeros. */
static uint32_t
skip_stream (uint32_t crc)
{
  return skips[0][crc & 0xff] ^ skips[1][crc >> 8 & 0xff]
      ^ skips[2][crc >> 16 & 0xff] ^ skips[3][crc >> 24];
}

SC_CRC_TARGET static uint32_t
crc_streams (uint32_t crc, const uint8_t * data)
{
  uint64_t a = crc, b = 0, c = 0;

  for (size_t i = 0; i < STREAM; i += 8) {
    a = step_word (a, data + i);
    b = step_word (b, data + STREAM + i);
    c = step_word (c, data + 2 * STREAM + i);
  }
  crc = skip_stream ((uint32_t) a) ^ (uint32_t) b;
  return skip_stream (crc) ^ (uint32_t) c;
}

SC_CRC_TARGET static uint32_t
crc_hardware (uint32_t crc, const uint8_t * data, size_t size)
{
  uint64_t wide;

  for (; size >= 3 * STREAM; size -= 3 * STREAM, data += 3 * STREAM)
    crc = crc_streams (crc, data);
  wide = crc;
  for (; size >= 8; size -= 8, data += 8)
    wide = step_word (wide, data);
  for (; size > 0; size--, data++)
    wide = step_byte (wide, *data);
  return (uint32_t) wide;
}
#endif

/* a * b modulo the polynomial; both bit-reflected, so x^0 is the top bit. */
static uint32_t
multiply_mod (uint32_t a, uint32_t b)
{
  uint32_t product = 0;

  for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if (a & bit)
      product ^= b;
    b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
  }
  return product;
}

/* x^(8 * size) modulo the polynomial: what @size bytes of zeros multiply by. */
static uint32_t
power_of_bytes (uint64_t size)
{
  uint32_t power = 1u << 31;    /* x^0 */

  for (int k = 3; size != 0; size >>= 1, k++)   /* 2^3 bits a byte */
    if (size & 1)
      power = multiply_mod (powers[k], power);
  return power;
}

#ifdef SC_CRC_TARGET
static void
init_hardware (void)
{
  uint32_t power = power_of_bytes (STREAM);

  for (uint32_t n = 0; n < 256; n++)
    for (int k = 0; k < 4; k++)
      skips[k][n] = multiply_mod (power, n << 8 * k);
  if (has_hardware ())
    best = crc_hardware;
}
#endif

static void
init (void)
{
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;

    for (int bit = 0; bit < 8; bit++)
      crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    slices[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; n++)
    for (int slice = 1; slice < 8; slice++)
      slices[slice][n] = slices[0][slices[slice - 1][n] & 0xff]
          ^ slices[slice - 1][n] >> 8;

  powers[0] = 1u << 30;         /* x^1 */
  for (size_t k = 1; k < sizeof (powers) / sizeof (powers[0]); k++)
    powers[k] = multiply_mod (powers[k - 1], powers[k - 1]);

  best = crc_slicing_by_8;
#ifdef SC_CRC_TARGET
  init_hardware ();
#endif
}

uint32_t
sc_crc32c (uint32_t crc, const void *data, size_t size)
{
  pthread_once (&init_once, init);
  return ~best (~crc, data, size);
}

uint32_t
sc_crc32c_table (uint32_t crc, const void *data, size_t size)
{
  pthread_once (&init_once, init);
  return ~crc_slicing_by_8 (~crc, data, size);
}

uint32_t
sc_crc32c_combine (uint32_t a, uint32_t b, uint64_t b_size)
{
  pthread_once (&init_once, init);
  return multiply_mod (power_of_bytes (b_size), a) ^ b;
}
