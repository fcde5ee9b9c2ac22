/* say.h - the only way to say something to the client. */
#ifndef SF_SESSION_SAY_H
#define SF_SESSION_SAY_H

#include "session/session.h"
#include "smtp/reply.h"

/* Appends one line to the output, and to the reply as the journal has it. */
void sf_say_line(struct sf_session *session,
                 struct sf_exchange *exchange,
                 const struct sf_reply_line *line);

/* The last line of a reply was said: records it. */
void sf_say_end(struct sf_session *session, struct sf_exchange *exchange);

/* Says the default answer, to EHLO and LHLO with the list of extensions.
 * `rule` is the rule that asked for it, if one did. */
void sf_say_default(struct sf_session *session,
                    struct sf_exchange *exchange,
                    struct sf_rule_ref rule);

/* Says something that answers no command, such as 421 when the run ends. */
void sf_say_unasked(struct sf_session *session, const struct sf_answer *answer);

#endif
