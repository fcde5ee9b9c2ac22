/* aside.h - events that no command causes: TIMER, IDLE and BODY.
 *
 * Each begins an exchange on top of what is under way, which goes on when that
 * exchange is over. */
#ifndef SF_SESSION_ASIDE_H
#define SF_SESSION_ASIDE_H

#include "session/session.h"

/* When the next TIMER is due; UINT64_MAX: none is. */
uint64_t sf_aside_timer_deadline(const struct sf_session *session);
void sf_aside_begin_timer(struct sf_session *session);

/* The next IDLE of a silence that began at since_us. */
uint64_t sf_aside_idle_deadline(const struct sf_session *session,
                                uint64_t since_us);
void sf_aside_begin_idle(struct sf_session *session);

/* Begins VIOLATION, on top of whatever is under way. */
void sf_aside_begin_violation(struct sf_session *session,
                              const struct sf_conduct_set *broken);

/* The client was heard: the next silence is a new one. */
void sf_aside_end_silence(struct sf_session *session);

/* Octets of the message that may come before the next BODY. */
uint64_t sf_aside_body_room(const struct sf_session *session);

/* Begins BODY if so many octets have come that one is due. */
void sf_aside_look_at_body(struct sf_session *session);

/* The exchange on top is over: the one below goes on. */
void sf_aside_end(struct sf_session *session, struct sf_exchange *exchange);

/* Drops the exchange on top; what was said of a reply that never ended is still
 * recorded. */
void sf_aside_drop(struct sf_session *session);

#endif
