/* reading.h - how fast the client's octets are taken: the action `read`. */
#ifndef SF_SESSION_READING_H
#define SF_SESSION_READING_H

#include "session/session.h"

/* Begins to read so. */
void sf_reading_set(struct sf_session *session, const struct sf_read *read);
void sf_reading_free(struct sf_session *session);

/* How many octets that are not taken the driver may have read; SIZE_MAX: as
 * many as it likes. */
size_t sf_reading_appetite(const struct sf_session *session);

/* Nothing is read until a rule resumes it. */
bool sf_reading_is_stopped(const struct sf_session *session);

/* How many of the octets that wait may be looked at; and so many of them were
 * taken. */
size_t sf_reading_admit(struct sf_session *session, size_t offered);
void sf_reading_take(struct sf_session *session, size_t count);

/* When more may be looked at; UINT64_MAX: time changes nothing. */
uint64_t sf_reading_deadline(const struct sf_session *session);

#endif
