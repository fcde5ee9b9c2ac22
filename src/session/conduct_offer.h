/* conduct_offer.h - what EHLO answers offered: heard, and used. */
#ifndef SF_SESSION_CONDUCT_OFFER_H
#define SF_SESSION_CONDUCT_OFFER_H

#include "session/conduct.h"

/* A line of an EHLO answer is said. */
void sf_conduct_hear_offer(struct sf_session *session,
                           const struct sf_exchange *exchange,
                           const struct sf_reply_line *line);

/* Adds the rules that the command breaks by using what is not offered. */
void sf_conduct_use_offer(const struct sf_session *session,
                          const struct sf_command *command,
                          struct sf_conduct_set *broken);

#endif
