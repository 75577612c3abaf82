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
__attribute__((target ("sse4.2")))
static uint32_t
crc_hardware (uint32_t crc, const uint8_t * data, size_t size)
{
  uint64_t wide = crc;

  for (; size >= 8; size -= 8, data += 8) {
    uint64_t word;

    memcpy (&word, data, sizeof (word));
    wide = __builtin_ia32_crc32di (wide, word);
  }
  crc = (uint32_t) wide;
  for (; size > 0; size--, data++)
    crc = __builtin_ia32_crc32qi (crc, *data);
  return crc;
}

static int
has_hardware (void)
{
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
/* The instruction is asked for by an assembler directive, because the spelling
 * of the target attribute differs between gcc and clang. */
static uint32_t
crc_hardware (uint32_t crc, const uint8_t * data, size_t size)
{
  for (; size >= 8; size -= 8, data += 8) {
    uint64_t word;

    memcpy (&word, data, sizeof (word));
    __asm__ (".arch_extension crc\n\tcrc32cx %w0, %w0, %x1":"+r" (crc)
        :"r" (word));
  }
  for (; size > 0; size--, data++)
    __asm__ (".arch_extension crc\n\tcrc32cb %w0, %w0, %w1":"+r" (crc)
        :"r" ((uint32_t) * data));
  return crc;
}

static int
has_hardware (void)
{
  return (getauxval (AT_HWCAP) & (1ul << 7)) != 0;      /* HWCAP_CRC32 */
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
#if defined(__x86_64__) || (defined(__aarch64__) && defined(__linux__))
  if (has_hardware ())
    best = crc_hardware;
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
  uint32_t shift = 1u << 31;    /* x^0 */

  pthread_once (&init_once, init);
  for (int k = 3; b_size != 0; b_size >>= 1, k++)       /* 2^3 bits a byte */
    if (b_size & 1)
      shift = multiply_mod (powers[k], shift);
  return multiply_mod (shift, a) ^ b;
}
