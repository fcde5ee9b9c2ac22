/* secure.h - what TLS means to a session: when the handshake begins, how it is
 * to go, and what is forgotten when it is over. */
#ifndef SF_SESSION_SECURE_H
#define SF_SESSION_SECURE_H

#include "session/session.h"

void sf_secure_init(struct sf_session *session, enum sf_tls_mode mode);

/* STARTTLS takes effect: what the client sent behind it is dropped, before it
 * can know of the 220, unless the rule that answers keeps it. */
void sf_secure_accept(struct sf_session *session,
                      const struct sf_exchange *exchange);

/* The event TLS, if STARTTLS took effect; the exchange becomes its own.
 * Returns whether it does. */
bool sf_secure_begin(struct sf_session *session, struct sf_exchange *exchange);

/* A rule that says how the handshake goes wants it to be made, whatever it
 * sends in the place of a reply; also if it says so further down. */
bool sf_secure_is_wanted(const struct sf_session *session,
                         const struct sf_exchange *exchange);

/* The event TLS is over.  Where it is refused there is no handshake. */
void sf_secure_settle(struct sf_session *session);

/* The control START_TLS is due: TLS is over and its output has left.  Returns
 * how the handshake goes, once; NULL: it is not due. */
const struct sf_tls_profile *sf_secure_start(struct sf_session *session);

/* The handshake is complete: the session is where the greeting left it. */
void sf_secure_finish(struct sf_session *session);

/* It came to where the rule wants something else. */
void sf_secure_cut(struct sf_session *session);

/* The rule that makes the client wait; NULL: none does. */
const struct sf_rule *sf_secure_waiting(const struct sf_session *session);

/* When a handshake has lasted too long; UINT64_MAX: there is none. */
uint64_t sf_secure_deadline(const struct sf_session *session);

#endif
