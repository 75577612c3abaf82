/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-pattern.h"
#include "sc-check.h"

#include <math.h>
#include <string.h>

enum { CHANNELS = 3, SAMPLES = 48000 };

static const BufpoolsrcFormat formats[] = {
  BUFPOOLSRC_S16LE, BUFPOOLSRC_S24LE, BUFPOOLSRC_S32LE, BUFPOOLSRC_F32LE,
};

static uint8_t whole[SAMPLES * CHANNELS * 4], pieces[sizeof (whole)];

static BufpoolsrcSignal
signal_of (BufpoolsrcPattern pattern, BufpoolsrcFormat format)
{
  return (BufpoolsrcSignal) {
    .pattern = pattern,.format = format,.rate = 48000,.channels = CHANNELS,
    .frequency = 1000.0,.volume = 0.5,
  };
}

/* The sample at @p, -1.0 to 1.0. */
static double
value_at (const uint8_t * p, BufpoolsrcFormat format)
{
  uint32_t bits = 0;
  float single;

  memcpy (&bits, p, bufpoolsrc_pattern_sample_bytes (format));
  switch (format) {
    case BUFPOOLSRC_S16LE:
      return (int16_t) bits / 32767.0;
    case BUFPOOLSRC_S24LE:
      return (int32_t) (bits << 8) / 256 / 8388607.0;
    case BUFPOOLSRC_S32LE:
      return (int32_t) bits / 2147483647.0;
    default:
      memcpy (&single, &bits, sizeof (single));
      return single;
  }
}

START_TEST (test_a_signal_is_the_same_however_it_is_cut)
{
  for (int p = BUFPOOLSRC_PATTERN_SILENCE; p <= BUFPOOLSRC_PATTERN_NOISE; p++)
    for (size_t f = 0; f < 4; f++) {
      BufpoolsrcSignal s = signal_of ((BufpoolsrcPattern) p, formats[f]);
      size_t frame = CHANNELS * bufpoolsrc_pattern_sample_bytes (formats[f]);
      size_t at = 0, n = 1;

      bufpoolsrc_pattern_write (&s, 0, 0, whole, SAMPLES);
      for (; at < SAMPLES; at += n, n = n % 777 + 5) {
        n = n < SAMPLES - at ? n : SAMPLES - at;
        bufpoolsrc_pattern_write (&s, at, 0, pieces + at * frame, n);
      }
      ck_assert_int_eq (memcmp (whole, pieces, SAMPLES * frame), 0);
    }
}
END_TEST

START_TEST (test_a_sine_has_its_frequency_and_volume_in_every_format)
{
  for (size_t f = 0; f < 4; f++) {
    BufpoolsrcSignal s = signal_of (BUFPOOLSRC_PATTERN_SINE, formats[f]);
    size_t bytes = bufpoolsrc_pattern_sample_bytes (formats[f]);

    /* An hour in: a whole number of periods later, so the same. */
    bufpoolsrc_pattern_write (&s, 3600 * 48000ull, 0, whole, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i += 7)
      for (size_t c = 0; c < CHANNELS; c++)
        ck_assert_double_eq_tol (value_at (whole + (i * CHANNELS + c) * bytes,
                formats[f]), 0.5 * sin (6.283185307179586 * (double) i / 48.0),
            1.0 / 32767);
  }
}
END_TEST

START_TEST (test_ticks_are_ten_periods_each_second_and_else_silent)
{
  BufpoolsrcSignal s = signal_of (BUFPOOLSRC_PATTERN_TICKS, BUFPOOLSRC_F32LE);
  double energy = 0.0;

  bufpoolsrc_pattern_write (&s, 48000, 0, whole, SAMPLES);
  for (size_t i = 0; i < SAMPLES; i++) {
    double value = value_at (whole + i * CHANNELS * 4, BUFPOOLSRC_F32LE);

    energy += value * value;
    if (i >= 480)
      ck_assert (value == 0.0);
  }
  /* The mean square of a sine of volume 0.5 is 1/8. */
  ck_assert_double_eq_tol (energy, 480 / 8.0, 0.01);
}
END_TEST

START_TEST (test_noise_is_flat_and_differs_between_channels)
{
  BufpoolsrcSignal s = signal_of (BUFPOOLSRC_PATTERN_NOISE, BUFPOOLSRC_S32LE);
  double sum = 0.0, squares = 0.0, product = 0.0;

  bufpoolsrc_pattern_write (&s, 0, 0, whole, SAMPLES);
  for (size_t i = 0; i < SAMPLES; i++) {
    double a = value_at (whole + i * CHANNELS * 4, BUFPOOLSRC_S32LE);
    double b = value_at (whole + i * CHANNELS * 4 + 4, BUFPOOLSRC_S32LE);

    ck_assert (a >= -0.5 && a <= 0.5);
    sum += a;
    squares += a * a;
    product += a * b;
  }
  ck_assert_double_eq_tol (sum / SAMPLES, 0.0, 0.01);
  /* Uniform over a width of 1: variance 1/12. */
  ck_assert_double_eq_tol (squares / SAMPLES, 1.0 / 12.0, 0.005);
  ck_assert_double_eq_tol (product / SAMPLES, 0.0, 0.005);
}
END_TEST

START_TEST (test_the_counter_fills_a_buffer_of_any_size)
{
  BufpoolsrcSignal s = signal_of (BUFPOOLSRC_PATTERN_COUNTER,
      BUFPOOLSRC_S24LE);

  for (size_t samples = 0; samples < 20; samples++) {
    size_t size = samples * 9;

    memset (whole, 0xEE, size + 1);
    bufpoolsrc_pattern_write (&s, 5, 0x0123456789abcdefull, whole, samples);
    for (size_t i = 0; i < size; i++)
      ck_assert_uint_eq (whole[i],
          (uint8_t) (0x0123456789abcdefull >> 8 * (i % 8)));
    ck_assert_uint_eq (whole[size], 0xEE);
  }
}
END_TEST

SC_CHECK_MAIN ("bufpoolsrc-pattern",
    test_a_signal_is_the_same_however_it_is_cut,
    test_a_sine_has_its_frequency_and_volume_in_every_format,
    test_ticks_are_ten_periods_each_second_and_else_silent,
    test_noise_is_flat_and_differs_between_channels,
    test_the_counter_fills_a_buffer_of_any_size)
