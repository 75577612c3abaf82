/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Characters that do something instead of showing something. */
static bool
is_harmful (uint32_t c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c
      || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
      || (c >= 0x2066 && c <= 0x2069);
}

/* The length of the harmless UTF-8 character at @s, or 0 for none. */
static size_t
safe_character (const uint8_t * s)
{
  static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4
      : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
  uint32_t c = length == 1 ? s[0] : s[0] & (0x7fu >> length);

  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xc0) != 0x80)  /* also the end of the text */
      return 0;
    c = c << 6 | (s[i] & 0x3f);
  }
  if (length > 1 && (c < smallest[length] || c > 0x10ffff
          || (c >= 0xd800 && c <= 0xdfff)))
    return 0;
  return is_harmful (c) ? 0 : length;
}

const char *
sc_text_name (const char *name, char out[SC_TEXT_NAME])
{
  const uint8_t *s = (const uint8_t *) name;
  size_t used = 0;

  while (*s != '\0' && used < SC_TEXT_NAME - 8) {
    size_t length = safe_character (s);

    if (length > 0) {
      memcpy (out + used, s, length);
      used += length;
      s += length;
    } else {
      used += (size_t) sprintf (out + used, "\\x%02x", *s++);
    }
  }
  strcpy (out + used, *s != '\0' ? "..." : "");
  return out;
}

const char *
sc_text_bytes (uint64_t bytes, char out[SC_TEXT_SHORT])
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
  double value = (double) bytes / 1024;
  size_t unit = 0;

  if (bytes < 10240) {
    snprintf (out, SC_TEXT_SHORT, "%" PRIu64 " byte%s", bytes,
        bytes == 1 ? "" : "s");
    return out;
  }
  while (value >= 1024 && unit < sizeof (units) / sizeof (units[0]) - 1) {
    value /= 1024;
    unit++;
  }
  snprintf (out, SC_TEXT_SHORT, "%" PRIu64 " bytes (%.1f %s)", bytes, value,
      units[unit]);
  return out;
}

const char *
sc_text_duration (uint64_t ns, char out[SC_TEXT_SHORT])
{
  uint64_t ms = ns / 1000000;

  if (ns == UINT64_MAX)
    return "unknown";
  snprintf (out, SC_TEXT_SHORT, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64
      ".%03" PRIu64, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
  return out;
}

const char *
sc_text_date (int64_t ns, char out[SC_TEXT_SHORT])
{
  time_t seconds = (time_t) (ns / 1000000000);
  struct tm parts;

  if (gmtime_r (&seconds, &parts) == NULL
      || strftime (out, SC_TEXT_SHORT, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
    return "unknown";
  return out;
}

const char *
sc_text_uuid (const uint8_t uuid[16], char out[SC_TEXT_SHORT])
{
  size_t used = 0;

  for (int i = 0; i < 16; i++)
    used += (size_t) sprintf (out + used, "%s%02x",
        i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
  return out;
}

void
sc_text_complain (const char *name, const char *format, ...)
{
  char shown[SC_TEXT_NAME];
  va_list args;

  fprintf (stderr, "safecapture: ");
  if (name != NULL)
    fprintf (stderr, "%s: ", sc_text_name (name, shown));
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fprintf (stderr, "\n");
}
