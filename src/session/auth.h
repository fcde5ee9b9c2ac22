/* auth.h - authentication (RFC 4954): what AUTH and the lines behind it are
 * answered with, and what follows. */
#ifndef SF_SESSION_AUTH_H
#define SF_SESSION_AUTH_H

#include "session/session.h"

/* The default answers.  They lead the SASL exchange on, so that each is asked
 * for once for a line. */
void sf_auth_check(struct sf_session *session, struct sf_exchange *exchange);
void sf_auth_check_response(struct sf_session *session,
                            struct sf_exchange *exchange);

/* AUTH or a line behind it was answered: the next line belongs to it, or the
 * client has logged in or not. */
void sf_auth_settle(struct sf_session *session,
                    const struct sf_exchange *exchange);

/* Who the client says it is while it authenticates, and is once it has; empty:
 * it is not known. */
struct sf_slice sf_auth_user(const struct sf_session *session);

/* Appends the mechanisms that the default server offers, each behind a blank.
 */
void sf_auth_put_mechanisms(const struct sf_session *session,
                            struct sf_buf *buf);

/* Releases what a session holds for it. */
void sf_auth_fini(struct sf_session *session);

#endif
