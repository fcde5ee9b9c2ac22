/* say.h - the only way to say something to the client. */
#ifndef SF_SESSION_SAY_H
#define SF_SESSION_SAY_H

#include "session/session.h"
#include "smtp/reply.h"

/* Appends one line to the output, and to the reply as the journal has it.  One
 * that is not whole is only begun in the output: its text follows there, then
 * sf_say_line_end(). */
void sf_say_line(struct sf_session *session,
                 struct sf_exchange *exchange,
                 const struct sf_reply_line *line,
                 bool is_whole);
void sf_say_line_end(struct sf_session *session);

/* The last line of a reply has left: records it. */
void sf_say_end(struct sf_session *session, struct sf_exchange *exchange);

/* What the default answer to EHLO would offer. */
void sf_say_default_offer(const struct sf_session *session,
                          const struct sf_exchange *exchange,
                          sf_capability_set *out_offered,
                          sf_mechanism_set *out_mechanisms);

/* Says the default answer, to EHLO and LHLO with the list of extensions.
 * `rule` is the rule that asked for it, if one did. */
void sf_say_default(struct sf_session *session,
                    struct sf_exchange *exchange,
                    struct sf_rule_ref rule);

/* Says something that answers no command, such as 421 when the run ends. */
void sf_say_unasked(struct sf_session *session, const struct sf_answer *answer);

#endif
