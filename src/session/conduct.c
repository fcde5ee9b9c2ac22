/* conduct.c - what a session remembers of its client, and how a breach is told.
 *
 * The checks stand in conduct_line.c, for command lines, and conduct_turn.c,
 * for what comes out of turn; those that need no session are in
 * conduct/watch.c. */
#include "session/conduct.h"

#include <string.h>

#include "base/hash.h"
#include "base/slice.h"
#include "rule/action.h"
#include "session/aside.h"
#include "session/conduct_offer.h"
#include "session/report.h"

#define US_PER_DS 100000

_Static_assert(SF_CAPABILITY_COUNT <= 32, "conduct keeps 32 capabilities");
_Static_assert(SF_CONDUCT_COUNT < 255, "an id + 1 is kept in an octet");

bool sf_conduct_is_watching(const struct sf_session *session)
{
    return session->run->is_watching;
}

void sf_conduct_break(struct sf_session *session,
                      enum sf_conduct_id id,
                      struct sf_slice bytes)
{
    struct sf_run *run = session->run;

    sf_report_violation(session, sf_conduct_get(id), bytes);
    if (run->scenario->rules.by_event_count[SF_EVENT_VIOLATION] > 0) {
        if (!run->has_raised) {
            memset(&run->raised, 0, sizeof(run->raised));
        }
        sf_conduct_set_add(&run->raised, id);
        run->has_raised = true;
    }
}

void sf_conduct_raise(struct sf_session *session)
{
    struct sf_conduct_set raised = session->run->raised;

    if (!session->run->has_raised) {
        return;
    }
    session->run->has_raised = false;
    if (session->phase < SF_PHASE_HANDSHAKE && session->error == 0) {
        sf_aside_begin_violation(session, &raised);
    }
}

/* Messages. */

struct text_place {
    struct sf_session *session;
    struct sf_slice octets;
};

/* Once a message. */
static void break_in_message(struct sf_session *session,
                             enum sf_conduct_id id,
                             struct sf_slice bytes)
{
    struct sf_transaction *transaction = session->transaction;

    if (!sf_conduct_set_has(&transaction->broken, id)) {
        sf_conduct_set_add(&transaction->broken, id);
        sf_conduct_break(session, id, bytes);
    }
}

/* The line so far, as far as it is at hand. */
static void on_broken_text(void *ctx, enum sf_conduct_id id, size_t at)
{
    struct text_place *place = ctx;
    size_t start = at;

    while (start > 0 && place->octets.ptr[start - 1] != '\n' &&
           at - start < SF_RECORD_BYTES_MAX - 1) {
        start--;
    }
    break_in_message(place->session, id,
                     sf_slice(place->octets.ptr + start, at - start + 1));
}

void sf_conduct_take_text(struct sf_session *session,
                          struct sf_slice octets,
                          bool is_chunk)
{
    struct sf_transaction *transaction = session->transaction;
    struct text_place place = {session, octets};

    if (!sf_conduct_is_watching(session) || transaction == NULL) {
        return;
    }
    transaction->text.is_chunk = is_chunk;
    transaction->text.is_binary = transaction->is_binary;
    transaction->text.is_8bit =
        transaction->is_8bit || transaction->is_smtputf8;
    sf_watch_text_feed(&transaction->text, octets, on_broken_text, &place);
}

void sf_conduct_count_octets(struct sf_session *session)
{
    const struct sf_transaction *transaction = session->transaction;
    const struct sf_slice none = {NULL, 0};

    if (!sf_conduct_is_watching(session) || transaction == NULL) {
        return;
    }
    if (transaction->recipient_count == 0 && session->phase == SF_PHASE_DATA) {
        break_in_message(session, SF_CONDUCT_SEQ_12, none);
    }
    if (transaction->has_declared_size &&
        transaction->octets > transaction->declared_size) {
        break_in_message(session, SF_CONDUCT_SIZ_05, none);
    } else if (!transaction->has_declared_size &&
               session->conduct.size_max > 0 &&
               transaction->octets > session->conduct.size_max) {
        break_in_message(session, SF_CONDUCT_SIZ_01, none);
    }
}

/* Replies. */

static bool is_paced(const struct sf_exchange *exchange)
{
    return exchange->firing < exchange->decision.count &&
           sf_rule_has_action(sf_exchange_firing(exchange)->rule,
                              SF_ACTION_PACE);
}

void sf_conduct_say_line(struct sf_session *session,
                         struct sf_exchange *exchange,
                         const struct sf_reply_line *line)
{
    const struct sf_watch_reply reply = {
        .event = exchange->event,
        .code = line->code,
        .text = line->text,
        .index = exchange->said_lines,
        .is_by_rule = exchange->reply_rule.label != NULL,
        .is_paced = is_paced(exchange),
        .is_joined = exchange->said_lines == 0 &&
                     sf_output_is_held(&session->output, session->now_us),
    };
    enum sf_conduct_id id;

    if (!sf_conduct_is_watching(session) || exchange->event == SF_EVENT_COUNT) {
        return;
    }
    id = sf_watch_reply(&reply);
    if (id != SF_CONDUCT_COUNT && exchange->form == 0) {
        exchange->form = (unsigned char)(id + 1);
    }
    if (sf_event_is_hello(exchange->event)) {
        sf_conduct_hear_offer(session, exchange, line);
    } else if (line->is_last && exchange->said_lines > 0) {
        session->conduct.has_long_reply = true;
    }
}

static enum sf_greeting find_greeting(const struct sf_exchange *exchange)
{
    if (exchange->effect == SF_EFFECT_ACCEPTED) {
        return SF_GREETING_OK;
    }
    return exchange->code == 521   ? SF_GREETING_521
           : exchange->code == 421 ? SF_GREETING_421
                                   : SF_GREETING_554;
}

static void note_refused(struct sf_session *session,
                         const struct sf_exchange *exchange)
{
    struct sf_conduct *conduct = &session->conduct;

    if (exchange->event == SF_EVENT_RCPT && session->transaction != NULL) {
        session->transaction->refused_count++;
        session->transaction->refused_code = exchange->code;
    } else if (exchange->event == SF_EVENT_EHLO) {
        session->run->has_refused_ehlo = true;
    } else if (exchange->event == SF_EVENT_AUTH ||
               exchange->event == SF_EVENT_AUTH_RESPONSE) {
        conduct->auth_code = (uint16_t)exchange->code;
        conduct->auth_mechanism =
            (unsigned char)sf_mechanism_find(sf_slice_str(session->mechanism));
    }
}

static void note_wait(struct sf_session *session,
                      const struct sf_exchange *exchange)
{
    const uint64_t ds = (session->now_us - exchange->began_us) / US_PER_DS;

    if (ds > session->conduct.borne_ds) {
        session->conduct.borne_ds = ds > UINT16_MAX ? UINT16_MAX : (uint16_t)ds;
    }
}

void sf_conduct_end_exchange(struct sf_session *session,
                             const struct sf_exchange *exchange)
{
    struct sf_conduct *conduct = &session->conduct;

    if (!sf_conduct_is_watching(session)) {
        return;
    }
    if (sf_exchange_is_aside(exchange)) {
        conduct->code =
            exchange->has_replied ? (uint16_t)exchange->code : conduct->code;
        return;
    }
    if (exchange->event == SF_EVENT_TLS) {
        return;
    }
    note_wait(session, exchange);
    conduct->event = (unsigned char)exchange->event;
    conduct->code = exchange->has_replied ? (uint16_t)exchange->code : 0;
    conduct->form = exchange->has_replied ? exchange->form : 0;
    conduct->is_unanswered =
        !exchange->has_replied && !exchange->has_sent && !exchange->is_left;
    if (sf_event_is_hello(exchange->event)) {
        conduct->is_vague_offer = exchange->has_sent;
    }
    if (exchange->event == SF_EVENT_CONNECT) {
        conduct->greeting = (unsigned)find_greeting(exchange) & 3u;
    } else if (exchange->event == SF_EVENT_STARTTLS) {
        conduct->has_injected = exchange->has_replied && exchange->has_sent;
    }
    if (exchange->effect == SF_EFFECT_REFUSED) {
        note_refused(session, exchange);
    }
}

/* The tail of a reply line: RFC 5321 4.2, a hyphen behind its code. */
static enum sf_tail find_tail(struct sf_slice output)
{
    size_t start = output.len - 1;

    if (output.ptr[start] != '\n') {
        return SF_TAIL_PIECE;
    }
    if (start == 0 || output.ptr[start - 1] != '\r') {
        return SF_TAIL_BARE_LF;
    }
    while (start > 0 && output.ptr[start - 1] != '\n') {
        start--;
    }
    return output.len - start > 5 && output.ptr[start + 3] == '-'
               ? SF_TAIL_MORE
               : SF_TAIL_WHOLE;
}

void sf_conduct_sent(struct sf_session *session, struct sf_slice output)
{
    if (sf_conduct_is_watching(session) && output.len > 0) {
        session->conduct.tail = (unsigned)find_tail(output) & 3u;
    }
}

/* TLS. */

void sf_conduct_begin_tls(struct sf_session *session, bool is_uncertain)
{
    struct sf_conduct *conduct = &session->conduct;

    conduct->earlier |= (uint32_t)session->offered;
    conduct->first_line = 0;
    conduct->is_one_line = false;
    conduct->hellos = 0;
    conduct->is_uncertain_tls = is_uncertain;
    conduct->is_fresh_tls = true;
    conduct->tail = SF_TAIL_WHOLE;
    conduct->has_told_early = false;
}

/* Where TLS begins at once there was nothing else to expect. */
static void break_plain(struct sf_session *session, struct sf_slice octets)
{
    sf_conduct_break(
        session, session->is_tls_first ? SF_CONDUCT_TLS_12 : SF_CONDUCT_TLS_09,
        sf_report_hide(session, octets));
}

void sf_conduct_fail_tls(struct sf_session *session)
{
    if (sf_conduct_is_watching(session) && session->tls_info != NULL &&
        session->tls_info->is_plain) {
        break_plain(session, sf_slice(NULL, 0));
    }
}

void sf_conduct_take_plain(struct sf_session *session, struct sf_slice octets)
{
    if (sf_conduct_is_watching(session) && octets.len > 0 &&
        sf_ascii_is_alnum(octets.ptr[0]) && !session->conduct.has_told_early) {
        session->conduct.has_told_early = true;
        break_plain(session, octets);
    }
}
