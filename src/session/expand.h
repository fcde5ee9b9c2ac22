/* expand.h - templates and dynamic names, filled in for one event. */
#ifndef SF_SESSION_EXPAND_H
#define SF_SESSION_EXPAND_H

#include "session/session.h"

/* Octets of a text that never ends, or is long, as the journal has it. */
#define SF_EXPAND_SAMPLE_BYTES 1024

/* Appends the template's text.  `firing` is the rule that speaks, for
 * ${attempt} and ${remaining}; NULL: none.  What is not known is empty.
 * Control characters in what the client sent become `?`, so that no name can
 * end a line. */
void sf_expand(const struct sf_session *session,
               const struct sf_exchange *exchange,
               const struct sf_firing *firing,
               const struct sf_template *template,
               struct sf_buf *buf);

/* Goes on to append the text of the cursor, repeated pieces too, until it is
 * complete or buf holds `limit` octets or more.  Returns whether it is complete
 * (or buf has failed). */
bool sf_expand_more(const struct sf_session *session,
                    const struct sf_exchange *exchange,
                    const struct sf_firing *firing,
                    struct sf_cursor *cursor,
                    struct sf_buf *buf,
                    size_t limit);

/* The server's name for the message: session, dot, transaction; the same on
 * every run. */
void sf_expand_queue_id(const struct sf_session *session, struct sf_buf *buf);

/* The facts of the event for the rules; borrows from session and exchange. */
void sf_expand_subject(const struct sf_session *session,
                       struct sf_exchange *exchange,
                       struct sf_subject *out_subject);

#endif
