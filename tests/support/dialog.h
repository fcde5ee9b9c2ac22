/* dialog.h - runs a written conversation against the engine.
 *
 * A dialog is a text file of lines.  Blank lines and lines that begin with `;`
 * mean nothing.  Before the first session is opened it may say:
 *
 *   scenario NAME          a bundled scenario, or the file of that name in
 *                          tests/scenario/good
 *   scenario               the indented lines that follow are the scenario,
 *                          each without its first four blanks
 *   set NAME=VALUE         overrides a name of [let]
 *   speed N, seed N        of the run; both 1 unless said
 *   watch                  no rule for clients is broken but those that V lines
 *                          name; so it is in every dialog that has a V line
 *
 * and, for the sessions that are opened afterwards:
 *
 *   protocol smtp|lmtp     smtp unless said
 *   client ADDRESS         the peer; 192.0.2.1 unless said
 *   listener NAME          "default" unless said
 *   tls at-once|if-asked   if-asked (by STARTTLS) unless said
 *
 * The conversation:
 *
 *   open                   a client connects
 *   C: text                it sends this line, CRLF is added
 *   C= "pieces" "A" * 12K  it sends these octets: C escapes, repetition
 *   C! eof, C! reset       it sends no more; it vanishes
 *   C! abrupt              eof, but under TLS without close_notify
 *   C! tls                 it shakes hands, as far as the server lets it
 *   C! alert unknown_ca    it ends the handshake with that alert
 *   C! plain               it sends something else in the place of one
 *   S: text                the server has sent exactly this line
 *   S~ pattern             or one that matches, with `*` and `?`
 *   S* 250                 or one whole reply of that code, any text
 *   S= "pieces" * 3        or exactly these octets, whether a line or not
 *   S! close, S! reset     and then asked for the connection's end,
 *   S! half, S! abrupt     or for the end of its own half, or for one
 *                          without close_notify
 *   S! tls expired         and then for a handshake that goes like that:
 *                          nothing more where it is a good one
 *   V: SEQ-07              the client has broken that rule: the first one that
 *                          no V line has named
 *   +N                     N milliseconds pass; `+N open` opens after them
 *   shutdown               the run ends
 *   [N] line               the line speaks of the N-th opened session, as do
 *                          those after it
 *
 * Time stands still but for +N.  A deadline of the engine is served in its
 * very microsecond.  Before every C, every +N and at the end it is checked
 * that nothing was sent that no S line named: an answer is so never early.
 * Since S lines look at what has been sent by then, it is never late either.
 *
 * Consecutive C: and C= lines reach the engine as one piece of input, octet by
 * octet, or cut at random: the outcome has to be the same. */
#ifndef TESTS_SUPPORT_DIALOG_H
#define TESTS_SUPPORT_DIALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "smtpfault.h"

enum dialog_chunking {
    DIALOG_WHOLE,
    DIALOG_OCTETS,
    DIALOG_RANDOM,
};

/* Somebody who looks at a dialog from outside. */
struct dialog_observer {
    void *ctx;
    /* Added to those of the scenario. */
    const struct sf_setting *expectations;
    size_t expectation_count;
    /* The scenario is there until `end` has returned. */
    void (*begin)(void *ctx,
                  const struct sf_scenario *scenario,
                  uint64_t seed,
                  double speed);
    int (*record)(void *ctx, const struct sf_record *record);
    void (*end)(void *ctx);
};

/* Runs the dialog in `text`; `name` stands in messages.  Returns true if it
 * went as written, else false and one `name:line: what was wrong` in error. */
bool dialog_run_text(const char *name,
                     const char *text,
                     enum dialog_chunking chunking,
                     char *error,
                     size_t error_size);

/* The same for the file `path`. */
bool dialog_run(const char *path,
                enum dialog_chunking chunking,
                char *error,
                size_t error_size);

/* As dialog_run(), seen by an observer. */
bool dialog_run_observed(const char *path,
                         enum dialog_chunking chunking,
                         const struct dialog_observer *observer,
                         char *error,
                         size_t error_size);

/* A whole file, terminated; NULL where it cannot be read.  Freed by the
 * caller. */
char *dialog_read_file(const char *path, size_t *out_len);

#endif
