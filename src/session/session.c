/* session.c - one connection: takes octets and time, gives octets and
 * controls.
 *
 * Input becomes lines, message data or chunks, depending on the phase; each
 * command or end of a message starts an exchange (exchange.c), and while one
 * waits no input is taken.  All output of a step leaves in one write, unless
 * the output queue (output.c) has a boundary. */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "session/command.h"
#include "session/report.h"
#include "smtp/line.h"

/* What is kept of a line that is too long, for the journal, in octets. */
#define TOO_LONG_KEPT_BYTES 64

/* ---- Lifetime -------------------------------------------------------------
 */

struct sf_session *sf_session_new(struct sf_run *run,
                                  const struct sf_session_config *config)
{
    size_t client_size = strlen(config->client) + 1;
    struct sf_session *session = calloc(1, sizeof(*session) + client_size);

    if (session == NULL) {
        return NULL;
    }
    session->run = run;
    session->listener = config->listener;
    session->number = ++run->sessions;
    session->protocol = (unsigned char)config->protocol;
    session->port = config->port;
    memcpy(session->client, config->client, client_size);
    sf_output_init(&session->output);
    return session;
}

static void drop_exchange(struct sf_session *session)
{
    if (session->exchange != NULL) {
        sf_run_put_exchange(session->run, session->exchange);
        session->exchange = NULL;
    }
}

void sf_session_free(struct sf_session *session)
{
    if (session == NULL) {
        return;
    }
    drop_exchange(session);
    if (session->transaction != NULL) {
        sf_run_put_transaction(session->run, session->transaction);
    }
    sf_output_fini(&session->output);
    free(session->helo);
    free(session);
}

void sf_session_fail(struct sf_session *session, int err)
{
    if (session->error == 0) {
        session->error = err;
    }
}

void sf_session_set_phase(struct sf_session *session, enum sf_phase phase)
{
    session->phase = (unsigned char)phase;
}

void sf_session_end_transaction(struct sf_session *session)
{
    struct sf_transaction *transaction = session->transaction;

    if (transaction == NULL) {
        return;
    }
    if (transaction->is_complete) {
        sf_report_message(session);
    }
    session->transaction = NULL;
    sf_run_put_transaction(session->run, transaction);
}

void sf_session_close(struct sf_session *session,
                      enum sf_end_by by,
                      enum sf_end_how how)
{
    drop_exchange(session);
    sf_session_end_transaction(session);
    session->has_end = true;
    session->end_by = (unsigned char)by;
    session->end_how = (unsigned char)how;
    session->wants_reset = by == SF_END_BY_SERVER && how == SF_END_RESET;
    sf_session_set_phase(session, SF_PHASE_CLOSING);
}

/* ---- Exchanges ------------------------------------------------------------
 */

static bool is_hello(enum sf_event event)
{
    return event == SF_EVENT_EHLO || event == SF_EVENT_HELO ||
           event == SF_EVENT_LHLO;
}

static bool is_of_transaction(const struct sf_session *session,
                              enum sf_event event)
{
    return session->transaction != NULL || event == SF_EVENT_MAIL ||
           event == SF_EVENT_RCPT || event == SF_EVENT_MESSAGE;
}

static void begin(struct sf_session *session,
                  struct sf_exchange *exchange,
                  enum sf_event event)
{
    sf_exchange_begin(session, exchange, event);
    session->has_early = false;
}

/* A new exchange for the command that was counted last. */
static struct sf_exchange *new_exchange(struct sf_session *session)
{
    struct sf_exchange *exchange = sf_run_get_exchange(session->run);

    if (exchange == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return NULL;
    }
    exchange->n = session->commands;
    exchange->recipient = 0;
    exchange->is_too_long = false;
    exchange->command.line = sf_slice(NULL, 0);
    exchange->command.has_path = false;
    exchange->command.argument = sf_slice(NULL, 0);
    exchange->transaction = 0;
    return exchange;
}

/* The end of the message was received: its event, under LMTP the first
 * recipient's (RFC 2033 4.2: no recipient, no reply). */
static void begin_message(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    exchange->recipient = 0;
    exchange->transaction = session->transactions;
    if (session->protocol == SF_PROTOCOL_LMTP &&
        session->transaction->recipient_count == 0) {
        sf_run_put_exchange(session->run, exchange);
        session->exchange = NULL;
        sf_session_end_transaction(session);
        return;
    }
    begin(session, exchange, SF_EVENT_MESSAGE);
}

/* After the answer to QUIT, a 421 or a 521 the connection closes, and as a rule
 * says. */
static bool is_closing(const struct sf_exchange *exchange,
                       enum sf_end_how *out_how)
{
    bool is_quit = exchange->event == SF_EVENT_QUIT &&
                   (exchange->effect == SF_EFFECT_ACCEPTED ||
                    (exchange->has_replied && exchange->decision.has_taker));

    *out_how = is_quit ? SF_END_QUIT : SF_END_FIN;
    if (!exchange->has_close) {
        return is_quit || exchange->wants_close;
    }
    if (exchange->close == SF_CLOSE_RESET) {
        *out_how = SF_END_RESET;
    }
    return exchange->close != SF_CLOSE_NO;
}

/* The next recipient's event, or the end of the transaction. */
static bool begin_next_recipient(struct sf_session *session,
                                 struct sf_exchange *exchange)
{
    if (session->protocol == SF_PROTOCOL_LMTP &&
        exchange->recipient + 1 < session->transaction->recipient_count) {
        exchange->recipient++;
        begin(session, exchange, SF_EVENT_MESSAGE);
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
    if (exchange->effect == SF_EFFECT_OPEN && !exchange->decision.has_taker) {
        begin_message(session, exchange);
        return session->exchange != NULL;
    }
    sf_session_end_transaction(session);
    return false;
}

static void settle_hello(struct sf_session *session,
                         const struct sf_exchange *exchange)
{
    if (exchange->effect == SF_EFFECT_ACCEPTED) {
        session->offered =
            exchange->event == SF_EVENT_HELO ? 0 : exchange->offered;
    }
}

/* What has to be settled when all is said.  Returns true if another exchange
 * has begun. */
static bool settle(struct sf_session *session, struct sf_exchange *exchange)
{
    if (is_hello(exchange->event)) {
        settle_hello(session, exchange);
    }
    switch (exchange->event) {
    case SF_EVENT_CONNECT:
        sf_session_set_phase(session, SF_PHASE_COMMAND);
        return false;
    case SF_EVENT_AUTH:
    case SF_EVENT_AUTH_RESPONSE:
        sf_session_set_phase(session, exchange->code == 334 ? SF_PHASE_AUTH
                                                            : SF_PHASE_COMMAND);
        return false;
    case SF_EVENT_BDAT:
        return begin_after_bdat(session, exchange);
    case SF_EVENT_MESSAGE:
        return begin_next_recipient(session, exchange);
    default:
        return false;
    }
}

static void end_exchange(struct sf_session *session,
                         struct sf_exchange *exchange)
{
    enum sf_end_how how;

    if (exchange->effect == SF_EFFECT_OPEN && exchange->decision.has_taker) {
        exchange->effect = SF_EFFECT_REFUSED;
        sf_command_refuse(session, exchange);
    }
    session->active_us = session->now_us;
    if (is_closing(exchange, &how)) {
        sf_session_close(session, SF_END_BY_SERVER, how);
    } else if (!settle(session, exchange)) {
        drop_exchange(session);
    }
}

/* Runs what is under way until it waits or nothing is. */
static void resume(struct sf_session *session)
{
    while (session->error == 0 && session->exchange != NULL &&
           sf_exchange_run(session, session->exchange)) {
        end_exchange(session, session->exchange);
    }
}

/* ---- Input: lines ---------------------------------------------------------
 */

static bool is_pipelined(const struct sf_session *session)
{
    return session->has_early || !sf_output_is_empty(&session->output);
}

/* `nth` begins anew with each transaction and each AUTH exchange. */
static void restart_nth(struct sf_session *session, enum sf_event event)
{
    if (event == SF_EVENT_MAIL) {
        /* The events of a transaction stand together in the table. */
        memset(session->nth + SF_EVENT_RCPT, 0,
               (SF_EVENT_MESSAGE - SF_EVENT_RCPT + 1) *
                   sizeof(session->nth[0]));
    } else if (event == SF_EVENT_AUTH) {
        session->nth[SF_EVENT_AUTH_RESPONSE] = 0;
    }
}

/* Numbers and records; the answer is begun by the caller. */
static void start_command(struct sf_session *session,
                          struct sf_exchange *exchange,
                          enum sf_event event)
{
    exchange->n = ++session->commands;
    session->transactions += event == SF_EVENT_MAIL;
    restart_nth(session, event);
    exchange->event = event;
    exchange->transaction =
        is_of_transaction(session, event) ? session->transactions : 0;
    sf_report_command(session, exchange, is_pipelined(session));
    if (event != SF_EVENT_UNKNOWN && event != SF_EVENT_AUTH_RESPONSE) {
        session->was_auth_refused = false;
    }
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

static void take_command(struct sf_session *session, struct sf_slice line)
{
    struct sf_exchange *exchange = new_exchange(session);

    if (exchange == NULL) {
        return;
    }
    if (session->phase == SF_PHASE_AUTH) {
        sf_exchange_set_raw(exchange, SF_EVENT_AUTH_RESPONSE, line);
    } else {
        sf_command_parse(line, session->offered, &exchange->command);
    }
    start_command(session, exchange, exchange->command.event);
    if (has_chunk(session, exchange)) {
        start_bdat(session, exchange);
        return;
    }
    begin(session, exchange, exchange->event);
    resume(session);
}

/* The line's end comes later; what it is answered with is already clear.  It
 * is no command, but for AUTH, which may not be shown. */
static void start_skip(struct sf_session *session, struct sf_slice input)
{
    struct sf_exchange *exchange = new_exchange(session);
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
    uint64_t limit = session->run->scenario->server.line_limit_bytes;
    struct sf_slice line;
    size_t taken = 0;

    switch (
        sf_line_find(input, session->scanned, (size_t)limit, &line, &taken)) {
    case SF_LINE_MORE:
        session->scanned = input.len;
        return 0;
    case SF_LINE_TOO_LONG:
        session->scanned = 0;
        start_skip(session, input);
        return 0;
    case SF_LINE_DONE:
    case SF_LINE_BARE_LF:
        break;
    }
    session->scanned = 0;
    take_command(session, line);
    return taken;
}

static size_t take_skipped(struct sf_session *session, struct sf_slice input)
{
    bool is_done;
    size_t taken = sf_line_skip(input, &is_done);

    if (is_done) {
        enum sf_event event = session->exchange->event;

        sf_session_set_phase(session, SF_PHASE_COMMAND);
        begin(session, session->exchange, event);
        resume(session);
    }
    return taken;
}

/* ---- Input: message data --------------------------------------------------
 */

static void end_data(struct sf_session *session)
{
    struct sf_exchange *exchange = new_exchange(session);

    sf_session_set_phase(session, SF_PHASE_COMMAND);
    if (exchange == NULL) {
        return;
    }
    session->exchange = exchange;
    sf_session_fail(session, sf_transaction_end_content(session->transaction));
    begin_message(session, exchange);
    resume(session);
}

/* The decoder may give back a CR that it held, and take nothing for it. */
static size_t take_data(struct sf_session *session, struct sf_slice input)
{
    struct sf_slice content;
    bool is_done = false;
    size_t taken = 0;

    while (taken == 0 && !is_done && session->error == 0) {
        taken = sf_data_feed(&session->data, input, &content, &is_done);
        sf_session_fail(
            session, sf_transaction_add_content(session->transaction, content));
    }
    if (is_done) {
        end_data(session);
    }
    return taken;
}

static void end_chunk(struct sf_session *session)
{
    sf_session_set_phase(session, SF_PHASE_COMMAND);
    if (session->exchange->command.is_last && session->transaction != NULL) {
        sf_session_fail(session,
                        sf_transaction_end_content(session->transaction));
    }
    begin(session, session->exchange, SF_EVENT_BDAT);
    resume(session);
}

/* RFC 3030 2: the octets of a chunk are read whatever it is answered with. */
static size_t take_chunk(struct sf_session *session, struct sf_slice input)
{
    struct sf_transaction *transaction = session->transaction;
    size_t taken = input.len;

    if (taken > session->chunk_left) {
        taken = (size_t)session->chunk_left;
    }
    session->chunk_left -= taken;
    if (transaction != NULL && !transaction->has_failed) {
        transaction->is_chunked = true;
        sf_session_fail(session, sf_transaction_add_content(
                                     transaction, sf_slice(input.ptr, taken)));
    }
    if (session->chunk_left == 0) {
        end_chunk(session);
    }
    return taken;
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
    case SF_PHASE_OPENING:
    case SF_PHASE_CLOSING:
    case SF_PHASE_CLOSED:
        break;
    }
    return 0;
}

/* An exchange is under way, and not one that waits for octets of its own. */
static bool is_answering(const struct sf_session *session)
{
    return session->exchange != NULL && session->phase != SF_PHASE_CHUNK &&
           session->phase != SF_PHASE_SKIP;
}

static bool can_take(struct sf_session *session, struct sf_slice input)
{
    if (is_answering(session) && session->exchange->wait == SF_WAIT_INPUT &&
        input.len > 0) {
        session->exchange->wait = SF_WAIT_NONE;
        resume(session);
    }
    return session->error == 0 && !is_answering(session) &&
           session->phase < SF_PHASE_CLOSING &&
           session->output.pending.len < SF_OUTPUT_HIGH_BYTES;
}

/* A chunk of no octets is complete without input; so `while can_take` has to
 * look at it even when none is left. */
static void step_input(struct sf_session *session,
                       const struct sf_step *step,
                       struct sf_effects *effects)
{
    struct sf_slice rest = {step->data, step->len};

    session->active_us = session->now_us;
    while (can_take(session, rest) &&
           (rest.len > 0 || session->phase == SF_PHASE_CHUNK)) {
        unsigned char phase = session->phase;
        size_t taken = take_input(session, rest);

        rest = sf_slice(rest.ptr + taken, rest.len - taken);
        if (taken == 0 && session->phase == phase) {
            break;
        }
    }
    effects->taken = step->len - rest.len;
    session->bytes_in += effects->taken;
    session->has_early = is_answering(session) && rest.len > 0;
}

/* ---- Other steps ----------------------------------------------------------
 */

static void step_open(struct sf_session *session)
{
    struct sf_exchange *exchange = new_exchange(session);

    session->opened_us = session->now_us;
    session->active_us = session->now_us;
    sf_report_connect(session);
    if (exchange != NULL) {
        begin(session, exchange, SF_EVENT_CONNECT);
        resume(session);
    }
}

static bool is_clients_turn(const struct sf_session *session)
{
    return session->phase > SF_PHASE_OPENING &&
           session->phase < SF_PHASE_CLOSING && !is_answering(session);
}

static uint64_t find_idle_deadline(const struct sf_session *session)
{
    uint64_t timeout_us = session->run->scenario->server.idle_timeout_us;

    if (timeout_us == SF_FOREVER_US || !is_clients_turn(session)) {
        return UINT64_MAX;
    }
    return session->active_us + sf_run_scale(session->run, timeout_us);
}

static void step_time(struct sf_session *session)
{
    static const struct sf_answer idle = {421, "4.4.2",
                                          "Idle for too long, closing"};
    struct sf_exchange *exchange = session->exchange;

    if (is_answering(session) && exchange->wait == SF_WAIT_TIME &&
        exchange->wait_us <= session->now_us) {
        exchange->wait = SF_WAIT_NONE;
        resume(session);
    } else if (find_idle_deadline(session) <= session->now_us) {
        sf_exchange_say_unasked(session, &idle);
        sf_session_close(session, SF_END_BY_SERVER, SF_END_TIMEOUT);
    }
}

static void step_shutdown(struct sf_session *session)
{
    static const struct sf_answer shutdown = {421, "4.3.2",
                                              "Server is shutting down"};

    if (session->phase < SF_PHASE_CLOSING) {
        sf_exchange_say_unasked(session, &shutdown);
        sf_session_close(session, SF_END_BY_SERVER, SF_END_FIN);
    }
}

static void step_gone(struct sf_session *session, enum sf_end_how how)
{
    if (session->phase < SF_PHASE_CLOSING) {
        sf_session_close(session, SF_END_BY_CLIENT, how);
    }
}

static void step_closed(struct sf_session *session, size_t unread)
{
    if (!session->has_end) {
        sf_session_close(session, SF_END_BY_SERVER, SF_END_RESET);
    }
    sf_session_set_phase(session, SF_PHASE_CLOSED);
    sf_report_disconnect(session, unread);
}

static void dispatch(struct sf_session *session,
                     const struct sf_step *step,
                     struct sf_effects *effects)
{
    switch (step->kind) {
    case SF_STEP_OPEN:
        step_open(session);
        break;
    case SF_STEP_INPUT:
        step_input(session, step, effects);
        break;
    case SF_STEP_EOF:
        step_gone(session, SF_END_FIN);
        break;
    case SF_STEP_RESET:
        step_gone(session, SF_END_RESET);
        break;
    case SF_STEP_TIME:
        step_time(session);
        break;
    case SF_STEP_SHUTDOWN:
        step_shutdown(session);
        break;
    case SF_STEP_CLOSED:
        step_closed(session, step->len);
        break;
    }
}

/* ---- Effects --------------------------------------------------------------
 */

static void add_control(struct sf_session *session, struct sf_effects *effects)
{
    if (session->phase == SF_PHASE_CLOSING &&
        sf_output_is_empty(&session->output)) {
        effects->controls[effects->control_count++] =
            session->wants_reset ? SF_CONTROL_RESET : SF_CONTROL_CLOSE;
        sf_session_set_phase(session, SF_PHASE_CLOSED);
    }
}

int sf_session_step(struct sf_session *session,
                    const struct sf_step *step,
                    struct sf_effects *out_effects)
{
    struct sf_slice output;

    *out_effects = (struct sf_effects){0};
    session->now_us = step->now_us;
    dispatch(session, step, out_effects);
    if (session->exchange != NULL && session->error == 0) {
        sf_exchange_keep(session, session->exchange);
    }
    if (session->error != 0) {
        *out_effects = (struct sf_effects){0};
        return session->error;
    }
    output =
        sf_output_take(&session->output, &session->run->spare, session->now_us);
    out_effects->output = output.ptr;
    out_effects->output_len = output.len;
    session->bytes_out += output.len;
    add_control(session, out_effects);
    return 0;
}

uint64_t sf_session_deadline(const struct sf_session *session)
{
    uint64_t deadline_us = sf_output_deadline(&session->output);
    uint64_t idle_us = find_idle_deadline(session);

    if (is_answering(session) && session->exchange->wait == SF_WAIT_TIME &&
        session->exchange->wait_us < deadline_us) {
        deadline_us = session->exchange->wait_us;
    }
    return idle_us < deadline_us ? idle_us : deadline_us;
}
