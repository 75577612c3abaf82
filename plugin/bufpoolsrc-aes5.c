/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bufpoolsrc-aes5.h"

const unsigned bufpoolsrc_aes5_rates[BUFPOOLSRC_AES5_RATES] = {
  32000, 44100, 48000, 88200, 96000, 176400, 192000
};

bool
bufpoolsrc_aes5_has_rate (unsigned rate)
{
  for (size_t i = 0; i < BUFPOOLSRC_AES5_RATES; i++) {
    if (bufpoolsrc_aes5_rates[i] == rate)
      return true;
  }
  return false;
}
