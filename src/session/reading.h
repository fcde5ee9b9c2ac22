/* reading.h - how fast the client's octets are taken: the action `read`. */
#ifndef SF_SESSION_READING_H
#define SF_SESSION_READING_H

#include "session/session.h"

/* Begins to read so. */
void sf_reading_set(struct sf_session *session, const struct sf_read *read);
void sf_reading_free(struct sf_session *session);

/* How many octets may be taken at present: SIZE_MAX if nothing limits them. */
size_t sf_reading_appetite(const struct sf_session *session);

/* Nothing is read until a rule resumes it. */
bool sf_reading_is_stopped(const struct sf_session *session);

/* So many octets were taken. */
void sf_reading_take(struct sf_session *session, size_t count);

/* When more may be taken; UINT64_MAX: time changes nothing. */
uint64_t sf_reading_deadline(const struct sf_session *session);

#endif
