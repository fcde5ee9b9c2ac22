/* passage.h - one output of the command under test: passed on to ours as it
 * comes, its beginning kept.
 *
 * Nothing here blocks.  While ours is full, the command's is not read, so that
 * the command waits as it would without us, and the server does not.  Once
 * nobody reads ours any more the rest is only kept. */
#ifndef SF_APP_PASSAGE_H
#define SF_APP_PASSAGE_H

#include <uv.h>

#include "smtpfault.h"

#define SF_PASSAGE_KEPT_BYTES 65536

struct sf_passage;

/* Called ahead of each write; before_write may be NULL. */
struct sf_passage_hook {
    void (*before_write)(void *ctx, struct sf_slice octets);
    void *ctx;
};

/* Opens a pipe that leads to our descriptor `to`.  *out_fd is its other end,
 * for the command; the caller closes it.  The hook is copied.  SF_EIO or
 * SF_ENOMEM. */
SF_MUST_CHECK int sf_passage_open(uv_loop_t *loop,
                                  int to,
                                  const struct sf_passage_hook *hook,
                                  struct sf_passage **out_passage,
                                  int *out_fd);

/* The command has ended: what is in the pipe now is what it left behind. */
void sf_passage_note_end(struct sf_passage *passage);

/* Whether all that it left behind was passed on, or nobody reads it. */
bool sf_passage_is_settled(const struct sf_passage *passage);

/* The beginning, SF_PASSAGE_KEPT_BYTES at most; borrowed. */
struct sf_slice sf_passage_kept(const struct sf_passage *passage);

/* Whether there was more. */
bool sf_passage_is_cut(const struct sf_passage *passage);

/* The loop runs on until its callbacks are done; accepts NULL.  What was kept
 * stays until sf_passage_free(). */
void sf_passage_close(struct sf_passage *passage);
void sf_passage_free(struct sf_passage *passage); /* accepts NULL */

#endif
