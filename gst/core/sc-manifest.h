/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The manifest NAME.sfm: which parts a recording is in that had to go on at
 * another place.  The format is specified in docs/journal-format.md.
 *
 * Composing allocates nothing; parsing keeps one copy of the text.  Any thread.
 */
#ifndef SC_MANIFEST_H
#define SC_MANIFEST_H

#include "sc-target.h"

#define SC_MANIFEST_SUFFIX ".sfm"
#define SC_MANIFEST_VERSION 1
/* Places that a recording can go to: the location and 15 more. */
#define SC_PARTS_MAX 16u
/* A file that is larger is none of ours. */
#define SC_MANIFEST_MAX (1u << 20)

typedef enum
{
  SC_PART_RECORDING,
  SC_PART_CLOSED,
  SC_PART_FAILED,
  SC_PART_RESULTS,
} ScPartResult;

typedef struct
{
  const char *path;             /* of the payload */
  uint64_t base;
  uint64_t end;
  ScPartResult result;
  ScFaultKind operation;        /* of a failed one */
  int error;                    /* -errno */
} ScManifestPart;

typedef struct
{
  uint64_t revision;
  uint8_t uuid[16];
  const char *name;             /* of the file that joining makes */
  ScPartResult state;           /* of the recording */
  uint64_t dropped_bytes;       /* left out while it was recorded, in all */
  uint64_t dropped_buffers;
  unsigned part_count;
  ScManifestPart parts[SC_PARTS_MAX];
  char *storage;                /* (nullable): of a parsed one's strings */
} ScManifest;

/* Stable lower-case names: "recording", "closed", "failed". */
const char *sc_part_result_name (ScPartResult result);

/**
 * sc_manifest_bound:
 * @strings: bytes of the name and all paths together
 * @parts: how many there may be
 *
 * Returns: bytes that a manifest of these takes at most, with its NUL
 */
size_t sc_manifest_bound (size_t strings, unsigned parts);

/**
 * sc_manifest_compose:
 * @out: (out) (array length=size): NUL-terminated
 *
 * Returns: its length, or -ENAMETOOLONG where it does not fit
 */
int sc_manifest_compose (const ScManifest * self, char *out, size_t size);

/**
 * sc_manifest_parse:
 * @self: (out): sc_manifest_clear() it, also after an error
 * @text: need not be terminated
 *
 * Returns: 0, -EBADMSG (no manifest, or damaged), -EPROTONOSUPPORT (another
 * version) or -ENOMEM
 */
int sc_manifest_parse (ScManifest * self, const char *text, size_t size);

void sc_manifest_clear (ScManifest * self);

#endif
