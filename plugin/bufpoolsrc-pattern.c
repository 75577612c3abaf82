/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-pattern.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586
#define TICK_PERIODS 10.0

size_t
bufpoolsrc_pattern_sample_bytes (BufpoolsrcFormat format)
{
  static const size_t bytes[] = {
    [BUFPOOLSRC_S16LE] = 2,
    [BUFPOOLSRC_S24LE] = 3,
    [BUFPOOLSRC_S32LE] = 4,
    [BUFPOOLSRC_F32LE] = 4,
  };

  return bytes[format];
}

static void
store_le (uint8_t * out, uint64_t value, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    out[i] = (uint8_t) (value >> 8 * i);
}

/* @value: -1.0 to 1.0 */
static void
store_sample (uint8_t * out, BufpoolsrcFormat format, double value)
{
  float single = (float) value;
  uint32_t bits;

  switch (format) {
    case BUFPOOLSRC_S16LE:
      store_le (out, (uint64_t) llrint (value * 0x7fff), 2);
      break;
    case BUFPOOLSRC_S24LE:
      store_le (out, (uint64_t) llrint (value * 0x7fffff), 3);
      break;
    case BUFPOOLSRC_S32LE:
      store_le (out, (uint64_t) llrint (value * 0x7fffffff), 4);
      break;
    case BUFPOOLSRC_F32LE:
      memcpy (&bits, &single, sizeof (bits));
      store_le (out, bits, 4);
      break;
  }
}

/* splitmix64's finalizer (Steele, Lea and Flood, 2014) as a hash of a sample's
 * number: noise without a state. */
static double
noise_of (uint64_t number)
{
  uint64_t z = (number + 1) * 0x9e3779b97f4a7c15ull;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  z ^= z >> 31;
  return (double) (int64_t) z / 9223372036854775808.0;
}

static double
value_of (const BufpoolsrcSignal * self, uint64_t sample)
{
  uint64_t second = sample / self->rate, in_second = sample % self->rate;
  double cycles = self->frequency * (double) in_second / self->rate;

  if (self->pattern == BUFPOOLSRC_PATTERN_TICKS)
    return cycles < TICK_PERIODS ? self->volume * sin (TWO_PI * cycles) : 0.0;
  /* The phase at the second's beginning, so that no large number loses the
   * fraction that matters. */
  cycles += fmod (self->frequency * (double) (second % 1000000), 1.0);
  return self->volume * sin (TWO_PI * cycles);
}

static void
write_signal (const BufpoolsrcSignal * self, uint64_t first, uint8_t * out,
    size_t samples)
{
  size_t bytes = bufpoolsrc_pattern_sample_bytes (self->format);

  for (size_t i = 0; i < samples; i++) {
    double value = value_of (self, first + i);

    store_sample (out, self->format, value);
    for (unsigned c = 1; c < self->channels; c++)
      memcpy (out + c * bytes, out, bytes);
    out += self->channels * bytes;
  }
}

static void
write_noise (const BufpoolsrcSignal * self, uint64_t first, uint8_t * out,
    size_t samples)
{
  size_t bytes = bufpoolsrc_pattern_sample_bytes (self->format);
  uint64_t number = first * self->channels;

  for (size_t i = 0; i < samples * self->channels; i++)
    store_sample (out + i * bytes, self->format,
        self->volume * noise_of (number + i));
}

static void
write_counter (uint64_t sequence, uint8_t * out, size_t size)
{
  uint8_t word[8];
  size_t i;

  store_le (word, sequence, sizeof (word));
  for (i = 0; i + sizeof (word) <= size; i += sizeof (word))
    memcpy (out + i, word, sizeof (word));
  memcpy (out + i, word, size - i);
}

void
bufpoolsrc_pattern_write (const BufpoolsrcSignal * self, uint64_t first,
    uint64_t sequence, void *data, size_t samples)
{
  size_t size = samples * self->channels
      * bufpoolsrc_pattern_sample_bytes (self->format);

  switch (self->pattern) {
    case BUFPOOLSRC_PATTERN_SILENCE:
      memset (data, 0, size);
      break;
    case BUFPOOLSRC_PATTERN_SINE:
    case BUFPOOLSRC_PATTERN_TICKS:
      write_signal (self, first, data, samples);
      break;
    case BUFPOOLSRC_PATTERN_NOISE:
      write_noise (self, first, data, samples);
      break;
    case BUFPOOLSRC_PATTERN_COUNTER:
      write_counter (sequence, data, size);
      break;
  }
}
