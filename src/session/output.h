/* output.h - what a session still has to send: octets, the boundaries of the
 * writes that they leave in, and when each may leave.
 *
 * Octets are appended to `pending`.  A cut ends a segment: what follows it
 * leaves in a write of its own and not before the given time.  Memory is
 * borrowed from a pool of one that the run keeps, so that a session with
 * nothing to send holds none. */
#ifndef SF_SESSION_OUTPUT_H
#define SF_SESSION_OUTPUT_H

#include "base/buf.h"

/* A session takes no more input, and rules pause, while so much waits. */
#define SF_OUTPUT_HIGH_BYTES 16384

/* One rule can make a session hold so much; more is an error. */
#define SF_OUTPUT_LIMIT_BYTES 4194304

struct sf_cut {
    size_t at;       /* offset in pending: the first octet behind the cut */
    uint64_t due_us; /* when that octet may leave */
};

struct sf_output {
    struct sf_buf pending;
    uint64_t due_us; /* when the first octet may leave; 0: at once */
    struct sf_cut *cuts;
    size_t cut_count;
    size_t cut_size;
};

/* The memory of the last write of a run; the next session takes it over. */
struct sf_output_spare {
    struct sf_buf buf;
};

void sf_output_spare_init(struct sf_output_spare *spare);
void sf_output_spare_fini(struct sf_output_spare *spare);

void sf_output_init(struct sf_output *output);
void sf_output_fini(struct sf_output *output);

/* Where to append octets. */
struct sf_buf *sf_output_buf(struct sf_output *output,
                             struct sf_output_spare *spare);

/* Ends the segment.  Returns 0 or SF_ENOMEM. */
SF_MUST_CHECK int sf_output_cut(struct sf_output *output, uint64_t due_us);

/* Takes the first segment if it is due; else an empty slice.  The octets are
 * valid until the next call with the same spare. */
struct sf_slice sf_output_take(struct sf_output *output,
                               struct sf_output_spare *spare,
                               uint64_t now_us);

bool sf_output_is_empty(const struct sf_output *output);

/* So much waits to be sent that nothing more should be said or taken. */
bool sf_output_is_high(const struct sf_output *output);

/* When the first octet may leave; UINT64_MAX: there is none. */
uint64_t sf_output_deadline(const struct sf_output *output);

#endif
