/* child.h - the command under test, from its start to its end.
 *
 * It leads a session, and so a process group, of its own: what is meant for it
 * reaches all that it started, a signal of the terminal reaches it only through
 * us, and neither reading the terminal nor asking it for a password stops it.
 */
#ifndef SF_APP_CHILD_H
#define SF_APP_CHILD_H

#include <sys/resource.h>
#include <uv.h>

#include "app/invocation.h"
#include "app/passage.h"
#include "journal/record.h"

/* Between TERM and KILL. */
#define SF_CHILD_KILL_MS 2000

struct sf_child;

struct sf_child_config {
    uv_loop_t *loop;                        /* borrowed, as the next */
    const struct sf_invocation *invocation; /* for the call */
    int standard_output;                    /* where its output goes on to */
    int standard_error;
    struct rlimit files;         /* its limit of descriptors */
    struct sf_passage_hook hook; /* ahead of what goes to a terminal */
};

/* Starts it.  On failure returns SF_ENOMEM, or SF_EIO with "what was wrong:
 * what to do about it" in error; *out_child then needs to be closed and freed
 * too, unless it is NULL. */
SF_MUST_CHECK int sf_child_start(const struct sf_child_config *config,
                                 struct sf_child **out_child,
                                 char *error,
                                 size_t error_size);

/* Passes a signal on to its process group. */
void sf_child_signal(const struct sf_child *child, int number);

/* Ends the process group if it is still there in `patience_ms`: TERM, then
 * KILL.  The first reason counts, but a timeout outdoes a limit. */
void sf_child_end(struct sf_child *child,
                  enum sf_stop why,
                  uint64_t patience_ms);

/* KILL, now; what it left to be passed on is not waited for. */
void sf_child_kill(struct sf_child *child, enum sf_stop why);

/* Whether the command itself has ended. */
bool sf_child_has_ended(const struct sf_child *child);

/* Whether nothing is left to wait for: it has ended, what it left behind was
 * passed on, and of a group that was to be ended nobody is there.  Changes only
 * from the loop. */
bool sf_child_is_gone(const struct sf_child *child);

/* Fills in u.exit, which borrows from the child.  It has ended. */
void sf_child_report(const struct sf_child *child, struct sf_record *record);

/* The loop runs on until its callbacks are done; both accept NULL. */
void sf_child_close(struct sf_child *child);
void sf_child_free(struct sf_child *child);

#endif
