/* settle.c - what follows when an exchange is over: the connection closes, the
 * next exchange of the same command begins, the session goes on. */
#include "session/settle.h"

#include "session/aside.h"
#include "session/auth.h"
#include "session/command.h"
#include "session/say.h"
#include "session/secure.h"

/* After the answer to QUIT, a 421 or a 521 the connection closes, and as a rule
 * says. */
static bool is_closing(const struct sf_exchange *exchange,
                       enum sf_end_how *out_how,
                       enum sf_control *out_control)
{
    bool is_quit = exchange->event == SF_EVENT_QUIT &&
                   (exchange->effect == SF_EFFECT_ACCEPTED ||
                    (exchange->has_replied && exchange->decision.has_taker));

    *out_how = is_quit ? SF_END_QUIT : SF_END_FIN;
    *out_control = SF_CONTROL_CLOSE;
    if (!exchange->has_close) {
        return is_quit || exchange->wants_close;
    }
    if (exchange->close == SF_CLOSE_RESET) {
        *out_how = SF_END_RESET;
        *out_control = SF_CONTROL_RESET;
    } else if (exchange->close == SF_CLOSE_HALF) {
        *out_control = SF_CONTROL_HALF;
    } else if (exchange->close == SF_CLOSE_ABRUPT) {
        *out_how = SF_END_ABRUPT;
        *out_control = SF_CONTROL_ABRUPT;
    }
    return exchange->close != SF_CLOSE_NO;
}

/* The next recipient's event, or the end of the transaction. */
static bool begin_next_recipient(struct sf_session *session,
                                 struct sf_exchange *exchange)
{
    if (sf_session_is_lmtp(session) &&
        exchange->recipient + 1 < session->transaction->recipient_count) {
        exchange->recipient++;
        sf_exchange_begin(session, exchange, SF_EVENT_MESSAGE);
        return true;
    }
    sf_session_end_transaction(session);
    return false;
}

/* After a BDAT: the message if it is complete and nobody answered yet. */
static bool begin_after_bdat(struct sf_session *session,
                             struct sf_exchange *exchange)
{
    if (session->transaction == NULL || !exchange->command.is_last) {
        return false;
    }
    if (exchange->is_left) {
        session->transaction->is_decided = exchange->effect != SF_EFFECT_OPEN;
        return sf_session_begin_message(session, exchange);
    }
    sf_session_end_transaction(session);
    return false;
}

static void settle_hello(struct sf_session *session,
                         const struct sf_exchange *exchange)
{
    sf_capability_set offered = 0;

    if (exchange->effect != SF_EFFECT_ACCEPTED) {
        return;
    }
    if (exchange->event == SF_EVENT_HELO) {
        session->offered = 0;
        session->mechanisms = 0;
    } else if (exchange->has_sent && !exchange->has_replied) {
        /* What the octets say is not looked at. */
        sf_say_default_offer(session, exchange, &offered, &session->mechanisms);
        session->offered = (uint32_t)offered;
    } else {
        session->offered = (uint32_t)exchange->offered;
        session->mechanisms = exchange->mechanisms;
    }
}

/* What has to be settled when all is said.  Returns true if another exchange
 * has begun. */
static bool settle(struct sf_session *session, struct sf_exchange *exchange)
{
    if (sf_event_is_hello(exchange->event)) {
        settle_hello(session, exchange);
    }
    switch (exchange->event) {
    case SF_EVENT_CONNECT:
        sf_session_set_phase(session, SF_PHASE_COMMAND);
        return false;
    case SF_EVENT_STARTTLS:
        return sf_secure_begin(session, exchange);
    case SF_EVENT_TLS:
        sf_secure_settle(session);
        return false;
    case SF_EVENT_BDAT:
        return begin_after_bdat(session, exchange);
    case SF_EVENT_MESSAGE:
        return begin_next_recipient(session, exchange);
    default:
        return false;
    }
}

/* Ends the exchange of a command, or what follows from one. */
static void end_command(struct sf_session *session,
                        struct sf_exchange *exchange)
{
    session->active_us = session->now_us;
    if (!settle(session, exchange)) {
        sf_aside_drop(session);
    }
}

/* Nothing has decided whether the command takes effect. */
static void decide_last(struct sf_session *session,
                        struct sf_exchange *exchange)
{
    if (sf_secure_is_wanted(session, exchange)) {
        exchange->effect = SF_EFFECT_ACCEPTED;
        sf_command_apply(session, exchange);
    } else {
        exchange->effect = SF_EFFECT_REFUSED;
        sf_command_refuse(session, exchange);
    }
}

void sf_settle_end(struct sf_session *session, struct sf_exchange *exchange)
{
    enum sf_end_how how;
    enum sf_control control;

    if (exchange->effect == SF_EFFECT_OPEN && !exchange->is_left) {
        decide_last(session, exchange);
    }
    sf_session_fail(session, sf_output_pace(&session->output, NULL));
    sf_conduct_end_exchange(session, exchange);
    if (exchange->event == SF_EVENT_AUTH ||
        exchange->event == SF_EVENT_AUTH_RESPONSE) {
        sf_auth_settle(session, exchange);
    }
    if (is_closing(exchange, &how, &control)) {
        sf_session_close(session, SF_END_BY_SERVER, how, control);
    } else if (sf_exchange_is_aside(exchange)) {
        sf_aside_end(session, exchange);
    } else {
        end_command(session, exchange);
    }
}
