/* command.h - what a correct server does at each event: the default answer
 * (check) and the effect of the command (apply). */
#ifndef SF_SESSION_COMMAND_H
#define SF_SESSION_COMMAND_H

#include "session/session.h"

/* Fills exchange->answer with what a correct server answers now.  Changes
 * nothing else and ends nothing, so that rules see every command. */
void sf_command_check(struct sf_session *session, struct sf_exchange *exchange);

/* The command takes effect, whatever was replied. */
void sf_command_apply(struct sf_session *session, struct sf_exchange *exchange);

/* The command does not take effect. */
void sf_command_refuse(struct sf_session *session,
                       struct sf_exchange *exchange);

/* Whether an answer with this code lets the command take effect. */
bool sf_command_accepts(enum sf_event event, int code);

#endif
