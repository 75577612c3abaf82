/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A recorder in a temporary folder, over faulty file operations, for tests: the
 * names, the memory, the state log, and what is on the disk afterwards.
 */
#ifndef SC_RECORDING_H
#define SC_RECORDING_H

#include "sc-fault-ops.h"
#include "sc-recorder.h"

typedef struct
{
  ScFaultOps ops;
  ScRecorder recorder;
  ScRecorderConfig config;
  ScRecorderStateLog log;
  ScFault fault;
  char folder[64];
  char name[96];                /* the published name */
  char part[96];
  char journal[96];
  char backup[2][96];           /* folders; used where backup_count says so */
  const char *backups[2];
} ScRecording;

/* A new folder, and a configuration that every test may change before open:
 * interval policy of an hour, the smallest ring, a journal, publishing. */
void sc_recording_init (ScRecording * self);

/* Removes the folder and all in it, once no thread uses the memory any more. */
void sc_recording_clear (ScRecording * self);

/* Waits until no thread uses the memory of a closed recorder any more. */
void sc_recording_wait_released (void);

int sc_recording_open (ScRecording * self);

/* Waits for what an open recorder's threads do by themselves: the mark is at
 * @mark at least; the recording has failed. */
void sc_recording_wait_mark (ScRecording * self, uint64_t mark);
void sc_recording_wait_error (ScRecording * self);

/* Puts @size bytes of sc_recording_byte() for @version at @offset. */
int sc_recording_write (ScRecording * self, uint64_t offset, size_t size,
    unsigned int version);

uint8_t sc_recording_byte (uint64_t offset, unsigned int version);

/* Whether the bytes in @path from @offset on are those of @version. */
bool sc_recording_holds (const char *path, uint64_t offset, size_t size,
    unsigned int version);

/* The size of a file, or -1 where there is none. */
int64_t sc_recording_size (const char *path);

#endif
