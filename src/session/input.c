/* input.c - takes octets: lines become commands, message data and chunks
 * become content, depending on the phase. */
#include "session/input.h"

#include <string.h>

#include "base/slice.h"
#include "session/aside.h"
#include "session/command.h"
#include "session/reading.h"
#include "session/report.h"
#include "smtp/line.h"

/* What is kept of a line that is too long, for the journal, in octets. */
#define TOO_LONG_KEPT_BYTES 64

static bool is_of_transaction(const struct sf_session *session,
                              enum sf_event event)
{
    return session->transaction != NULL || event == SF_EVENT_MAIL ||
           event == SF_EVENT_RCPT || event == SF_EVENT_MESSAGE;
}

static bool is_pipelined(const struct sf_session *session)
{
    return session->has_early || !sf_output_is_empty(&session->output);
}

/* Its lines that follow do not say it again. */
static void keep_mechanism(struct sf_session *session,
                           const struct sf_exchange *exchange)
{
    struct sf_slice argument = exchange->command.argument;
    struct sf_slice name = sf_slice_cut_word(&argument);
    size_t len = name.len > SF_MECHANISM_MAX ? 0 : name.len;

    if (len > 0) {
        memcpy(session->mechanism, name.ptr, len);
    }
    session->mechanism[len] = '\0';
}

/* Numbers and records; the answer is begun by the caller. */
static void start_command(struct sf_session *session,
                          struct sf_exchange *exchange,
                          enum sf_event event)
{
    exchange->n = ++session->commands;
    session->transactions += event == SF_EVENT_MAIL;
    if (event == SF_EVENT_MAIL && session->transaction == NULL) {
        sf_session_restart_nth(session);
    } else if (event == SF_EVENT_AUTH) {
        session->nth[SF_EVENT_AUTH_RESPONSE] = 0;
        keep_mechanism(session, exchange);
    }
    exchange->event = event;
    if (is_of_transaction(session, event)) {
        exchange->transaction = event == SF_EVENT_MAIL
                                    ? session->transactions
                                    : sf_session_transaction_number(session);
    }
    session->took_secret |= sf_report_is_secret(session, exchange);
    exchange->is_pipelined = is_pipelined(session);
    sf_report_command(session, exchange, exchange->is_pipelined);
    session->has_early = false;
}

static void start_bdat(struct sf_session *session, struct sf_exchange *exchange)
{
    session->exchange = exchange;
    session->chunk_left = exchange->command.chunk_size;
    sf_session_set_phase(session, SF_PHASE_CHUNK);
}

static bool has_chunk(const struct sf_session *session,
                      const struct sf_exchange *exchange)
{
    return exchange->command.event == SF_EVENT_BDAT &&
           exchange->command.has_chunk &&
           (session->offered & SF_CAPABILITY_BIT(SF_CAPABILITY_CHUNKING));
}

/* `len` is that of the line with its end. */
static void take_command(struct sf_session *session,
                         struct sf_slice line,
                         size_t len,
                         bool is_bare_lf)
{
    struct sf_exchange *exchange = sf_session_new_exchange(session);

    if (exchange == NULL) {
        return;
    }
    exchange->line_bytes = len;
    exchange->is_bare_lf = is_bare_lf;
    if (session->phase == SF_PHASE_AUTH) {
        sf_exchange_set_raw(exchange, SF_EVENT_AUTH_RESPONSE, line);
    } else {
        sf_command_parse(line, session->offered, &exchange->command);
    }
    start_command(session, exchange, exchange->command.event);
    sf_conduct_take_line(session, exchange);
    if (has_chunk(session, exchange)) {
        start_bdat(session, exchange);
    } else {
        sf_exchange_begin(session, exchange, exchange->event);
    }
    sf_conduct_raise(session);
    sf_session_resume(session);
}

/* The line's end comes later; what it is answered with is already clear.  It
 * is no command, but for AUTH, which may not be shown. */
static void start_skip(struct sf_session *session, struct sf_slice input)
{
    struct sf_exchange *exchange = sf_session_new_exchange(session);
    enum sf_event event = SF_EVENT_AUTH_RESPONSE;

    if (exchange == NULL) {
        return;
    }
    input.len =
        input.len < TOO_LONG_KEPT_BYTES ? input.len : TOO_LONG_KEPT_BYTES;
    exchange->is_too_long = true;
    if (session->phase == SF_PHASE_COMMAND) {
        sf_command_parse(input, session->offered, &exchange->command);
        event = exchange->command.event;
    }
    if (event != SF_EVENT_AUTH) {
        event = event == SF_EVENT_AUTH_RESPONSE ? event : SF_EVENT_UNKNOWN;
        sf_exchange_set_raw(exchange, event, input);
    }
    start_command(session, exchange, event);
    session->exchange = exchange;
    sf_session_set_phase(session, SF_PHASE_SKIP);
}

static size_t take_line(struct sf_session *session, struct sf_slice input)
{
    uint64_t limit = session->server->line_limit_bytes;
    struct sf_slice line;
    size_t taken = 0;

    const enum sf_line_status status =
        sf_line_find(input, session->scanned, (size_t)limit, &line, &taken);

    if (status == SF_LINE_MORE) {
        session->scanned = (uint16_t)input.len;
        return 0;
    }
    session->scanned = 0;
    if (status == SF_LINE_TOO_LONG) {
        start_skip(session, input);
        return 0;
    }
    take_command(session, line, taken, status == SF_LINE_BARE_LF);
    return taken;
}

static size_t take_skipped(struct sf_session *session, struct sf_slice input)
{
    bool is_done;
    size_t taken = sf_line_skip(input, &is_done);

    session->exchange->line_bytes += taken;
    session->took_secret |= sf_report_is_secret(session, session->exchange);
    if (is_done) {
        enum sf_event event = session->exchange->event;

        sf_session_set_phase(session, SF_PHASE_COMMAND);
        sf_conduct_take_line(session, session->exchange);
        sf_exchange_begin(session, session->exchange, event);
        sf_conduct_raise(session);
        sf_session_resume(session);
    }
    return taken;
}

static void end_data(struct sf_session *session)
{
    struct sf_exchange *exchange = NULL;

    sf_session_set_phase(session, SF_PHASE_COMMAND);
    if (session->transaction == NULL) {
        return; /* BODY has answered */
    }
    exchange = sf_session_new_exchange(session);
    if (exchange == NULL) {
        return;
    }
    session->exchange = exchange;
    sf_session_fail(session, sf_transaction_end_content(session->transaction));
    if (!sf_session_begin_message(session, exchange)) {
        sf_aside_drop(session);
    }
    sf_session_resume(session);
}

/* At most so many octets that no BODY is passed. */
static struct sf_slice cut_for_body(const struct sf_session *session,
                                    struct sf_slice input)
{
    uint64_t room = sf_aside_body_room(session);

    if (input.len > room) {
        input.len = (size_t)room;
    }
    return input;
}

/* Once BODY has answered, what is left of the message is dropped. */
static void add_content(struct sf_session *session, struct sf_slice content)
{
    if (session->transaction == NULL || content.len == 0) {
        return;
    }
    sf_session_fail(session,
                    sf_transaction_add_content(session->transaction, content));
    sf_conduct_count_octets(session);
    sf_aside_look_at_body(session);
}

/* The decoder may give back a CR that it held, and take nothing for it. */
static size_t take_data(struct sf_session *session, struct sf_slice input)
{
    struct sf_slice content = {NULL, 0};
    bool is_done = false;
    size_t taken = 0;

    while (taken == 0 && !is_done && session->error == 0 &&
           !sf_session_is_answering(session)) {
        taken = sf_data_feed(&session->data, cut_for_body(session, input),
                             &content, &is_done);
        sf_conduct_take_text(session, sf_slice(input.ptr, taken), false);
        add_content(session, content);
        sf_conduct_raise(session);
    }
    if (is_done) {
        end_data(session);
    }
    return taken;
}

void sf_input_end_chunk(struct sf_session *session)
{
    sf_session_set_phase(session, SF_PHASE_COMMAND);
    if (session->exchange == NULL) {
        return; /* BODY has answered */
    }
    if (session->exchange->command.is_last && session->transaction != NULL &&
        !session->transaction->has_failed) {
        sf_session_fail(session,
                        sf_transaction_end_content(session->transaction));
    }
    sf_exchange_begin(session, session->exchange, SF_EVENT_BDAT);
}

/* RFC 3030 2: the octets of a chunk are read whatever it is answered with. */
static size_t take_chunk(struct sf_session *session, struct sf_slice input)
{
    struct sf_transaction *transaction = session->transaction;
    struct sf_slice octets = cut_for_body(session, input);

    if (octets.len > session->chunk_left) {
        octets.len = (size_t)session->chunk_left;
    }
    session->chunk_left -= octets.len;
    if (transaction != NULL && !transaction->has_failed) {
        transaction->is_chunked = true;
        sf_conduct_take_text(session, octets, true);
        add_content(session, octets);
        sf_conduct_raise(session);
    }
    if (session->phase == SF_PHASE_CHUNK && session->chunk_left == 0 &&
        !sf_session_is_answering(session)) {
        sf_input_end_chunk(session);
    }
    sf_session_resume(session);
    return octets.len;
}

static size_t take_input(struct sf_session *session, struct sf_slice input)
{
    switch ((enum sf_phase)session->phase) {
    case SF_PHASE_COMMAND:
    case SF_PHASE_AUTH:
        return take_line(session, input);
    case SF_PHASE_SKIP:
        return take_skipped(session, input);
    case SF_PHASE_DATA:
        return take_data(session, input);
    case SF_PHASE_CHUNK:
        return take_chunk(session, input);
    case SF_PHASE_SPOILED:
        sf_conduct_take_plain(session, input);
        return input.len;
    case SF_PHASE_OPENING:
        return input.len;
    case SF_PHASE_HANDSHAKE:
    case SF_PHASE_CLOSING:
    case SF_PHASE_CLOSED:
        break;
    }
    return 0;
}

/* An octet that was not taken is there for each action that waits for one. */
static bool can_take(struct sf_session *session, struct sf_slice input)
{
    sf_conduct_take_early(session, input);
    while (input.len > 0 && session->error == 0 &&
           sf_session_is_answering(session) &&
           session->exchange->wait == SF_WAIT_INPUT) {
        session->exchange->wait = SF_WAIT_NONE;
        sf_session_resume(session);
    }
    return session->error == 0 && !sf_session_is_answering(session) &&
           (session->phase < SF_PHASE_HANDSHAKE ||
            session->phase == SF_PHASE_SPOILED) &&
           !session->wants_discard && !sf_output_is_high(&session->output);
}

/* A chunk of no octets is complete without input; so `while can_take` has to
 * look at it even when none is left. */
void sf_input_step(struct sf_session *session,
                   const struct sf_step *step,
                   struct sf_effects *effects)
{
    struct sf_slice rest = {step->data, step->len};

    session->took_secret = false;
    session->active_us = session->now_us;
    sf_aside_end_silence(session);
    while (can_take(session, rest)) {
        unsigned char phase = session->phase;
        size_t visible = sf_reading_admit(session, rest.len);
        size_t taken = 0;

        if (visible > 0 || phase == SF_PHASE_CHUNK) {
            taken = take_input(session, sf_slice(rest.ptr, visible));
        }
        rest = sf_slice(rest.ptr + taken, rest.len - taken);
        sf_reading_take(session, taken);
        if (taken == 0 && session->phase == phase) {
            break;
        }
    }
    effects->taken = step->len - rest.len;
    effects->took_secret = session->took_secret;
    session->bytes_in += effects->taken;
    session->has_early = sf_session_is_answering(session) && rest.len > 0;
}
