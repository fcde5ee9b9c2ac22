/* action.h - carries out what a rule asks for. */
#ifndef SF_SESSION_ACTION_H
#define SF_SESSION_ACTION_H

#include "session/session.h"

#define SF_ACTION_BIT(kind) (1u << (kind))

/* Runs one action of the rule that the exchange stands at.  It may leave the
 * exchange waiting.  Returns whether it is done; else it goes on with the next
 * call, when output has left. */
bool sf_action_run(struct sf_session *session,
                   struct sf_exchange *exchange,
                   const struct sf_action *action);

/* The last reply that was said has left: records it, decides what takes
 * effect. */
void sf_action_end_reply(struct sf_session *session,
                         struct sf_exchange *exchange);

/* No rule answers: says the default answer, if it is this event's to say. */
void sf_action_default(struct sf_session *session,
                       struct sf_exchange *exchange);

#endif
