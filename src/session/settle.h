/* settle.h - what follows when an exchange is over. */
#ifndef SF_SESSION_SETTLE_H
#define SF_SESSION_SETTLE_H

#include "session/session.h"

/* All is said: settles what the exchange leaves behind.  Afterwards the session
 * has another one, or none. */
void sf_settle_end(struct sf_session *session, struct sf_exchange *exchange);

#endif
