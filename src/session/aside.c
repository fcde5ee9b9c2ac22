/* aside.c - events that no command causes.
 *
 * A scenario names the points at which they happen: the age of the connection
 * (TIMER), the length of a silence (IDLE), the size of a message so far (BODY).
 * Each point is an event of its own.  TIMER happens whatever is going on: what
 * the interrupted exchange still has to send is laid aside until it is over.
 * IDLE and BODY happen only while nothing waits. */
#include "session/aside.h"

#include "base/text.h"
#include "session/input.h"
#include "session/report.h"

static bool is_done(uint32_t done, size_t index)
{
    return (done >> index & 1) != 0;
}

/* The point not done yet that comes first, once the run's speed counts;
 * `*out_index` tells which.  UINT64_MAX: all are done. */
static uint64_t find_point(const struct sf_session *session,
                           const struct sf_points *points,
                           uint32_t done,
                           size_t *out_index)
{
    uint64_t first_us = UINT64_MAX;

    for (size_t i = 0; i < points->count; i++) {
        uint64_t us = sf_run_scale(session->run, points->items[i]);

        if (!is_done(done, i) && us < first_us) {
            first_us = us;
            *out_index = i;
        }
    }
    return first_us;
}

static uint64_t find_deadline(const struct sf_session *session,
                              const struct sf_points *points,
                              uint32_t done,
                              uint64_t since_us)
{
    size_t index = 0;
    uint64_t us = find_point(session, points, done, &index);

    return us == UINT64_MAX ? UINT64_MAX : since_us + us;
}

/* Begins an exchange on top of the session's.  `broken` is for VIOLATION. */
static void begin(struct sf_session *session,
                  enum sf_event event,
                  uint64_t threshold,
                  const struct sf_conduct_set *broken)
{
    struct sf_exchange *exchange = sf_session_new_exchange(session);

    if (exchange == NULL) {
        return;
    }
    exchange->n = 0; /* it answers no command */
    exchange->threshold = threshold;
    if (broken != NULL) {
        exchange->broken = *broken;
    }
    if (session->transaction != NULL) {
        exchange->transaction = session->transaction->number;
    }
    exchange->below = session->exchange;
    if (!sf_output_is_prompt(&session->output, session->now_us) ||
        sf_output_is_shut(&session->output, session->now_us)) {
        exchange->aside = session->output;
        sf_output_init(&session->output);
    }
    sf_exchange_set_raw(exchange, event, (struct sf_slice){NULL, 0});
    sf_exchange_begin(session, exchange, event);
    sf_session_resume(session);
}

/* Begins the event at the first point that is not done. */
static void begin_point(struct sf_session *session,
                        enum sf_event event,
                        const struct sf_points *points,
                        uint32_t *done)
{
    size_t index = 0;

    if (find_point(session, points, *done, &index) != UINT64_MAX) {
        *done |= (uint32_t)1 << index;
        begin(session, event, points->items[index], NULL);
    }
}

static const struct sf_ruleset *get_rules(const struct sf_session *session)
{
    return &session->run->scenario->rules;
}

uint64_t sf_aside_timer_deadline(const struct sf_session *session)
{
    /* A handshake is made of whole records: it waits for that to be over. */
    return (session->phase == SF_PHASE_HANDSHAKE &&
            session->exchange == NULL) ||
                   session->phase >= SF_PHASE_CLOSING
               ? UINT64_MAX
               : find_deadline(session, &get_rules(session)->timer_after,
                               session->timers_done, session->opened_us);
}

void sf_aside_begin_timer(struct sf_session *session)
{
    begin_point(session, SF_EVENT_TIMER, &get_rules(session)->timer_after,
                &session->timers_done);
}

uint64_t sf_aside_idle_deadline(const struct sf_session *session,
                                uint64_t since_us)
{
    return find_deadline(session, &get_rules(session)->idle_after,
                         session->idles_done, since_us);
}

void sf_aside_begin_idle(struct sf_session *session)
{
    begin_point(session, SF_EVENT_IDLE, &get_rules(session)->idle_after,
                &session->idles_done);
}

void sf_aside_end_silence(struct sf_session *session)
{
    session->idles_done = 0;
}

uint64_t sf_aside_body_room(const struct sf_session *session)
{
    const struct sf_points *points = &get_rules(session)->body_at;
    uint64_t room = UINT64_MAX;

    if (session->transaction == NULL) {
        return UINT64_MAX;
    }
    for (size_t i = 0; i < points->count; i++) {
        uint64_t octets = session->transaction->octets;

        if (points->items[i] > octets && points->items[i] - octets < room) {
            room = points->items[i] - octets;
        }
    }
    return room;
}

void sf_aside_look_at_body(struct sf_session *session)
{
    const struct sf_points *points = &get_rules(session)->body_at;

    for (size_t i = 0; i < points->count; i++) {
        if (points->items[i] == session->transaction->octets) {
            begin(session, SF_EVENT_BODY, points->items[i], NULL);
            return;
        }
    }
}

void sf_aside_begin_violation(struct sf_session *session,
                              const struct sf_conduct_set *broken)
{
    begin(session, SF_EVENT_VIOLATION, 0, broken);
}

/* Takes the exchange off the top. */
static void pop(struct sf_session *session, struct sf_exchange *exchange)
{
    session->exchange = exchange->below;
    sf_run_put_exchange(session->run, exchange);
}

/* A reply in the middle of the message ends the transaction; what is left of
 * the message is dropped, and its end is no event. */
static void end_message(struct sf_session *session)
{
    sf_session_end_transaction(session);
    while (session->exchange != NULL) { /* the BDAT; at VIOLATION a BODY */
        pop(session, session->exchange);
    }
}

/* A reply at VIOLATION stands in the place of what was waiting: of the message
 * that is under way, or the answer that is still owed. */
static void end_waiting(struct sf_session *session)
{
    if (session->phase == SF_PHASE_DATA || session->phase == SF_PHASE_CHUNK) {
        end_message(session);
    } else if (session->exchange != NULL) {
        sf_exchange_cut(session->exchange);
    }
}

void sf_aside_end(struct sf_session *session, struct sf_exchange *exchange)
{
    const enum sf_event event = exchange->event;
    const bool has_replied = exchange->has_replied;

    sf_report_reply(session, exchange);
    if (event == SF_EVENT_VIOLATION && has_replied) {
        sf_output_drop(&exchange->aside);
    }
    sf_session_fail(session,
                    sf_output_join(&session->output, &exchange->aside));
    pop(session, exchange);
    if (event == SF_EVENT_BODY && has_replied) {
        end_message(session);
    } else if (event == SF_EVENT_VIOLATION && has_replied) {
        end_waiting(session);
    }
    /* TIMER may have come on top of the BODY that its last octet caused. */
    if (session->phase == SF_PHASE_CHUNK && session->chunk_left == 0 &&
        !sf_session_is_answering(session)) {
        sf_input_end_chunk(session);
    }
}

void sf_aside_drop(struct sf_session *session)
{
    sf_report_reply(session, session->exchange);
    pop(session, session->exchange);
}
