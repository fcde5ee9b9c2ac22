/* output.h - what a session still has to send: octets, the boundaries of the
 * writes that they leave in, and when each may leave.
 *
 * Octets are appended to `pending`.  As long as nothing is said about how they
 * leave there is no plan, and all of them leave in one write.  A plan holds
 * marks: places in `pending` where a segment ends or the pace changes.  Memory
 * is borrowed from a pool of one that the run keeps, so that a session with
 * nothing to send holds none. */
#ifndef SF_SESSION_OUTPUT_H
#define SF_SESSION_OUTPUT_H

#include "base/buf.h"
#include "rule/rule.h"

/* A session takes no more input, and rules pause, while so much waits. */
#define SF_OUTPUT_HIGH_BYTES 16384

/* One rule can make a session hold so much; more is an error. */
#define SF_OUTPUT_LIMIT_BYTES 4194304

struct sf_plan;

struct sf_output {
    struct sf_buf pending;
    struct sf_plan *plan; /* NULL: all may leave at once, in one write */
};

/* The memory of the last write of a run; the next session takes it over. */
struct sf_output_spare {
    struct sf_buf buf;
};

void sf_output_spare_init(struct sf_output_spare *spare);
void sf_output_spare_fini(struct sf_output_spare *spare);

void sf_output_init(struct sf_output *output);
void sf_output_fini(struct sf_output *output);

/* Where to append octets; ends a hold. */
struct sf_buf *sf_output_buf(struct sf_output *output,
                             struct sf_output_spare *spare);

/* Ends the segment; what follows leaves at due_us or later.  These return 0 or
 * SF_ENOMEM. */
SF_MUST_CHECK int sf_output_cut(struct sf_output *output, uint64_t due_us);

/* What is appended from here on leaves at that pace (borrowed, for the life of
 * the output); NULL: at once. */
SF_MUST_CHECK int sf_output_pace(struct sf_output *output,
                                 const struct sf_pace *pace);

/* What was appended waits until then, or until more is appended. */
SF_MUST_CHECK int sf_output_hold(struct sf_output *output, uint64_t until_us);

/* What is held, and what is appended from here on, waits for nothing. */
SF_MUST_CHECK int sf_output_release(struct sf_output *output);

/* Nothing more belongs to what a pace gathers (SPLIT, WHOLE). */
SF_MUST_CHECK int sf_output_end_run(struct sf_output *output);

/* A pace gathers output until its run ends. */
bool sf_output_is_gathering(const struct sf_output *output);

/* Forgets what has not left, and every pace. */
void sf_output_drop(struct sf_output *output);

/* Puts what `back` holds behind what `front` holds, and empties `back`. */
SF_MUST_CHECK int sf_output_join(struct sf_output *front,
                                 struct sf_output *back);

/* Takes the first segment if it is due; else an empty slice.  The octets are
 * valid until the next call with the same spare. */
struct sf_slice sf_output_take(struct sf_output *output,
                               struct sf_output_spare *spare,
                               uint64_t now_us);

bool sf_output_is_empty(const struct sf_output *output);

/* So much waits to be sent that nothing more should be said or taken. */
bool sf_output_is_high(const struct sf_output *output);

/* Nothing has to wait for its time: what is there leaves with the next take.
 * What is held counts as gone. */
bool sf_output_is_prompt(struct sf_output *output, uint64_t now_us);

/* A rule holds what is there, so that it leaves with what comes. */
bool sf_output_is_held(const struct sf_output *output, uint64_t now_us);

/* Nothing is there, and what comes has to wait for its time: a delay. */
bool sf_output_is_shut(struct sf_output *output, uint64_t now_us);

/* When the first octet may leave; UINT64_MAX: there is none, or it is
 * gathered. */
uint64_t sf_output_deadline(const struct sf_output *output);

#endif
