/* explain.h - `smtpfault explain`: what is known about a topic. */
#ifndef SF_APP_EXPLAIN_H
#define SF_APP_EXPLAIN_H

#include "base/buf.h"

/* Room for the longest `error`. */
#define SF_EXPLAIN_ERROR_SIZE 512

/* Appends what is known about `topic`: a reply code (`452`), an enhanced code
 * (`4.2.2`, `X.2.2`), an event (`RCPT`), a client rule (`PIP-01`) or a group
 * of them (`PIP`), in any case.  Plain text of lines that end in a newline, 80
 * columns wide, but for lines of scenarios.
 *
 * Returns 0, what made `out` fail, or SF_ENOTFOUND: `error` then says what is
 * wrong and what to do about it, in one line without a newline, and `out` is
 * as it was. */
SF_MUST_CHECK int sf_explain(struct sf_slice topic,
                             struct sf_buf *out,
                             char *error,
                             size_t error_size);

#endif
