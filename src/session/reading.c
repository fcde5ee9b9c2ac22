/* reading.c - how fast the client's octets are taken.
 *
 * The driver reads no more than may be looked at, so that what is over stays
 * in the kernel and closes the client's window.  A rate admits its octets as
 * they come, and so many again an interval after the first of them; what was
 * admitted may wait untaken, such as the beginning of a line. */
#include "session/reading.h"

#include <stdlib.h>

struct sf_reading {
    bool is_stopped;
    uint64_t octets; /* an interval */
    uint64_t interval_us;
    uint64_t left;   /* that this interval still admits */
    uint64_t due_us; /* the next one begins; 0: with the next octet */
    size_t admitted; /* and not taken yet */
};

static void begin_limit(struct sf_session *session, const struct sf_read *read)
{
    struct sf_reading *reading = session->reading;

    if (reading == NULL) {
        reading = malloc(sizeof(*reading));
        session->reading = reading;
    }
    if (reading == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return;
    }
    *reading = (struct sf_reading){
        .is_stopped = read->kind == SF_READ_STOP,
        .octets = read->octets,
        .interval_us = read->interval_us,
        .left = read->octets,
    };
}

void sf_reading_set(struct sf_session *session, const struct sf_read *read)
{
    switch (read->kind) {
    case SF_READ_STOP:
    case SF_READ_RATE:
        begin_limit(session, read);
        break;
    case SF_READ_DISCARD:
        session->wants_discard = true;
        break;
    case SF_READ_RESUME:
        sf_reading_free(session);
        break;
    }
}

void sf_reading_free(struct sf_session *session)
{
    free(session->reading);
    session->reading = NULL;
}

static bool has_new_interval(const struct sf_reading *reading, uint64_t now_us)
{
    return reading->due_us > 0 && reading->due_us <= now_us;
}

size_t sf_reading_appetite(const struct sf_session *session)
{
    const struct sf_reading *reading = session->reading;
    uint64_t left;

    if (reading == NULL) {
        return SIZE_MAX;
    }
    if (reading->is_stopped) {
        return 0;
    }
    left = has_new_interval(reading, session->now_us) ? reading->octets
                                                      : reading->left;
    return left < SIZE_MAX - reading->admitted
               ? reading->admitted + (size_t)left
               : SIZE_MAX;
}

size_t sf_reading_admit(struct sf_session *session, size_t offered)
{
    struct sf_reading *reading = session->reading;
    size_t fresh;

    if (reading == NULL) {
        return offered;
    }
    if (reading->is_stopped) {
        return 0;
    }
    if (offered <= reading->admitted) {
        return offered;
    }
    if (has_new_interval(reading, session->now_us)) {
        reading->left = reading->octets;
        reading->due_us = 0;
    }
    if (reading->due_us == 0) {
        reading->due_us = session->now_us + reading->interval_us;
    }
    fresh = offered - reading->admitted;
    fresh = fresh < reading->left ? fresh : (size_t)reading->left;
    reading->left -= fresh;
    reading->admitted += fresh;
    return reading->admitted;
}

void sf_reading_take(struct sf_session *session, size_t count)
{
    struct sf_reading *reading = session->reading;

    if (reading != NULL) {
        reading->admitted -=
            count < reading->admitted ? count : reading->admitted;
    }
}

bool sf_reading_is_stopped(const struct sf_session *session)
{
    return session->reading != NULL && session->reading->is_stopped;
}

uint64_t sf_reading_deadline(const struct sf_session *session)
{
    const struct sf_reading *reading = session->reading;

    if (reading == NULL || reading->is_stopped || reading->left > 0 ||
        has_new_interval(reading, session->now_us)) {
        return UINT64_MAX;
    }
    return reading->due_us;
}
