/* conduct_turn.c - what a client does out of turn: it speaks before it was
 * answered, or leaves. */
#include "base/slice.h"
#include "session/reading.h"
#include "session/report.h"
#include "session/session.h"

#define US_PER_S UINT64_C(1000000)

const struct sf_exchange *sf_conduct_find_owed(const struct sf_session *session)
{
    const struct sf_exchange *exchange = session->exchange;

    while (exchange != NULL && sf_exchange_is_aside(exchange)) {
        exchange = exchange->below;
    }
    return session->phase == SF_PHASE_CHUNK || session->phase == SF_PHASE_SKIP
               ? NULL
               : exchange;
}

/* Early octets. */

#define E(name) SF_EVENT_BIT(SF_EVENT_##name)

/* RFC 2920 3.1: these end a group. */
#define ENDS_GROUP                                                             \
    (E(EHLO) | E(DATA) | E(VRFY) | E(EXPN) | E(TURN) | E(QUIT) | E(NOOP))

static bool is_offered(const struct sf_session *session,
                       enum sf_capability capability)
{
    return (session->offered & SF_CAPABILITY_BIT(capability)) != 0;
}

bool sf_conduct_has_to_wait(const struct sf_session *session)
{
    const struct sf_conduct *conduct = &session->conduct;
    /* The end of data ends no group. */
    const bool ends_group =
        (SF_EVENT_BIT(conduct->command) & ENDS_GROUP) != 0 &&
        conduct->event != SF_EVENT_MESSAGE;

    return !conduct->is_vague_offer &&
           (ends_group || !is_offered(session, SF_CAPABILITY_PIPELINING));
}

/* RFC 4954 4: PLAIN and its kin with an initial response need one answer. */
static bool is_auth_done(const struct sf_session *session)
{
    const enum sf_mechanism mechanism =
        sf_mechanism_find(sf_slice_str(session->mechanism));

    return session->conduct.command == SF_EVENT_AUTH &&
           session->conduct.auth_parts > 0 &&
           (mechanism == SF_MECHANISM_PLAIN ||
            mechanism == SF_MECHANISM_EXTERNAL ||
            mechanism == SF_MECHANISM_ANONYMOUS);
}

/* The rule that octets break which come behind the last command too early;
 * SF_CONDUCT_COUNT: they may. */
static enum sf_conduct_id find_early(const struct sf_session *session)
{
    const struct sf_conduct *conduct = &session->conduct;
    const enum sf_event event = (enum sf_event)conduct->command;

    if (session->phase == SF_PHASE_OPENING) {
        return SF_CONDUCT_SEQ_01;
    }
    if (event == SF_EVENT_STARTTLS) {
        return SF_CONDUCT_TLS_05;
    }
    if (session->is_tls && conduct->has_injected && conduct->hellos < 2) {
        return SF_CONDUCT_TLS_04;
    }
    if (conduct->tail == SF_TAIL_MORE && sf_conduct_has_to_wait(session)) {
        return SF_CONDUCT_REP_02;
    }
    if (conduct->is_vague_offer) {
        return SF_CONDUCT_COUNT;
    }
    if (!is_offered(session, SF_CAPABILITY_PIPELINING)) {
        return SF_CONDUCT_PIP_01;
    }
    if ((event == SF_EVENT_AUTH || event == SF_EVENT_AUTH_RESPONSE) &&
        !is_auth_done(session)) {
        return SF_CONDUCT_AUT_14;
    }
    if (event == SF_EVENT_DATA && conduct->has_long_reply) {
        return SF_CONDUCT_PIP_05;
    }
    return SF_EVENT_BIT(event) & ENDS_GROUP ? SF_CONDUCT_PIP_02
                                            : SF_CONDUCT_COUNT;
}

static bool is_early(const struct sf_session *session, struct sf_slice octets)
{
    if (octets.len == 0 || session->conduct.has_told_early) {
        return false;
    }
    switch ((enum sf_phase)session->phase) {
    case SF_PHASE_OPENING:
    case SF_PHASE_COMMAND:
    case SF_PHASE_AUTH:
    case SF_PHASE_DATA:
        return sf_conduct_find_owed(session) != NULL ||
               (session->exchange == NULL && session->conduct.code != 0 &&
                !sf_output_is_empty(&session->output));
    case SF_PHASE_HANDSHAKE:
        return session->conduct.command == SF_EVENT_STARTTLS &&
               !session->is_tls;
    case SF_PHASE_CLOSING:
        return session->conduct.command == SF_EVENT_QUIT;
    default:
        return false;
    }
}

/* Of end of data the answer is what may be waited for, or not: RFC 2920 3.1. */
static bool is_behind_message(const struct sf_session *session)
{
    const struct sf_exchange *owed = sf_conduct_find_owed(session);

    return session->conduct.command == SF_EVENT_DATA &&
           (owed != NULL ? owed->event == SF_EVENT_MESSAGE
                         : session->conduct.event == SF_EVENT_MESSAGE) &&
           session->phase != SF_PHASE_DATA &&
           is_offered(session, SF_CAPABILITY_PIPELINING);
}

void sf_conduct_take_early(struct sf_session *session, struct sf_slice octets)
{
    enum sf_conduct_id id;

    if (!sf_conduct_is_watching(session) || !is_early(session, octets)) {
        return;
    }
    session->conduct.has_told_early = true;
    id = is_behind_message(session) ? SF_CONDUCT_COUNT : find_early(session);
    if (id != SF_CONDUCT_COUNT) {
        sf_conduct_break(session, id, sf_report_hide(session, octets));
        sf_conduct_raise(session);
    }
}

/* Giving up. */

/* Where a good answer means that the client goes on. */
#define GOES_ON                                                                \
    (E(CONNECT) | E(EHLO) | E(HELO) | E(LHLO) | E(MAIL) | E(RCPT) | E(DATA))

/* A client that ends in good order may have its reasons behind EHLO, which
 * often is all that it wants. */
bool sf_conduct_gave_up(const struct sf_session *session, bool has_left)
{
    const struct sf_conduct *conduct = &session->conduct;
    const int class = sf_reply_class(conduct->code);

    return conduct->form > 0 && (class == 2 || class == 3) &&
           (SF_EVENT_BIT(conduct->event) & GOES_ON) != 0 &&
           (has_left || conduct->event != SF_EVENT_EHLO);
}

enum sf_conduct_id sf_conduct_forsaken(const struct sf_session *session)
{
    const struct sf_transaction *transaction = session->transaction;

    if (transaction == NULL || transaction->recipient_count == 0 ||
        transaction->refused_count == 0 || transaction->has_tried_content ||
        session->conduct.code == 421) {
        return SF_CONDUCT_COUNT;
    }
    return transaction->refused_code == 452   ? SF_CONDUCT_LEN_08
           : transaction->refused_code == 552 ? SF_CONDUCT_LEN_09
                                              : SF_CONDUCT_SEQ_13;
}

/* Leaving. */

/* RFC 5321 4.5.3.2: how long a client bears what; any other answer is TIM-11's
 * 5 minutes. */
static const struct patience {
    enum sf_event event;
    enum sf_conduct_id id;
    uint64_t us;
} patiences[] = {
    {SF_EVENT_CONNECT, SF_CONDUCT_TIM_01, 300 * US_PER_S},
    {SF_EVENT_MAIL, SF_CONDUCT_TIM_02, 300 * US_PER_S},
    {SF_EVENT_RCPT, SF_CONDUCT_TIM_03, 300 * US_PER_S},
    {SF_EVENT_DATA, SF_CONDUCT_TIM_04, 120 * US_PER_S},
    {SF_EVENT_BODY, SF_CONDUCT_TIM_05, 180 * US_PER_S},
    {SF_EVENT_BDAT, SF_CONDUCT_TIM_05, 180 * US_PER_S},
    {SF_EVENT_MESSAGE, SF_CONDUCT_TIM_06, 600 * US_PER_S},
};

/* TIM-08 where it has waited longer before: a timer for all of it has run out,
 * and none for this answer. */
static void
leave_wait(struct sf_session *session, enum sf_event event, uint64_t since_us)
{
    const uint64_t waited_us = session->now_us - since_us;
    struct patience patience = {event, SF_CONDUCT_TIM_11, 300 * US_PER_S};

    for (size_t i = 0; i < sizeof(patiences) / sizeof(patiences[0]); i++) {
        if (patiences[i].event == event) {
            patience = patiences[i];
        }
    }
    if (waited_us >= sf_run_scale(session->run, patience.us)) {
        return;
    }
    if (waited_us < session->conduct.borne_ds * (US_PER_S / 10) &&
        event != SF_EVENT_BODY) {
        patience.id = SF_CONDUCT_TIM_08;
    }
    sf_conduct_break(session, patience.id, sf_slice(NULL, 0));
}

/* While the server owes an answer. */
static void leave_owed(struct sf_session *session,
                       const struct sf_exchange *owed)
{
    const struct sf_slice none = {NULL, 0};

    if (owed->event == SF_EVENT_QUIT) {
        sf_conduct_break(session, SF_CONDUCT_SEQ_18, none);
    } else if (owed->event == SF_EVENT_MESSAGE && owed->recipient > 0) {
        sf_conduct_break(session, SF_CONDUCT_LMT_02, none);
    } else if (owed->event != SF_EVENT_TLS) {
        leave_wait(session, owed->event, owed->began_us);
    }
}

/* In its own turn. */
static void leave_turn(struct sf_session *session)
{
    const struct sf_conduct *conduct = &session->conduct;
    const struct sf_slice none = {NULL, 0};
    const enum sf_conduct_id forsaken = sf_conduct_forsaken(session);

    if (sf_conduct_gave_up(session, true)) {
        sf_conduct_break(session, (enum sf_conduct_id)(conduct->form - 1),
                         none);
    } else if (conduct->event == SF_EVENT_EHLO && !session->has_greeted &&
               (conduct->code == 500 || conduct->code == 502)) {
        sf_conduct_break(session, SF_CONDUCT_SEQ_05, none);
    } else if (session->phase == SF_PHASE_DATA &&
               session->transaction != NULL &&
               session->transaction->text.ends_in_dot &&
               session->transaction->text.line_len == 0) {
        sf_conduct_break(session, SF_CONDUCT_DAT_05, none);
    } else if (forsaken != SF_CONDUCT_COUNT) {
        sf_conduct_break(session, forsaken, none);
    }
    if (!conduct->has_quit) {
        sf_conduct_break(session, SF_CONDUCT_SEQ_17, none);
    }
}

/* A server that is about to close, and TLS that the client found too weak, may
 * be left so; what is inside a handshake is no SMTP. */
static bool may_leave(const struct sf_session *session)
{
    const struct sf_conduct *conduct = &session->conduct;

    return session->phase >= SF_PHASE_HANDSHAKE || conduct->code == 421 ||
           conduct->code == 521 || conduct->greeting != SF_GREETING_OK ||
           conduct->is_uncertain_tls;
}

void sf_conduct_leave(struct sf_session *session)
{
    const struct sf_exchange *owed = sf_conduct_find_owed(session);
    const struct sf_exchange *top = session->exchange;

    if (!sf_conduct_is_watching(session)) {
        return;
    }
    if (owed != NULL) {
        leave_owed(session, owed);
    } else if (may_leave(session)) {
        return;
    } else if (top != NULL && top->event == SF_EVENT_BODY) {
        leave_wait(session, SF_EVENT_BODY, top->began_us);
    } else if (sf_reading_is_stopped(session) &&
               (session->phase == SF_PHASE_DATA ||
                session->phase == SF_PHASE_CHUNK)) {
        leave_wait(session, SF_EVENT_BODY, session->active_us);
    } else if (session->conduct.is_unanswered) {
        leave_wait(session, (enum sf_event)session->conduct.event,
                   session->active_us);
    } else {
        leave_turn(session);
    }
}

void sf_conduct_stall(struct sf_session *session)
{
    if (sf_conduct_is_watching(session) &&
        session->phase < SF_PHASE_HANDSHAKE) {
        sf_conduct_break(session, SF_CONDUCT_PIP_06, sf_slice(NULL, 0));
    }
}
