/* session.c - one connection: takes octets and time, gives octets and
 * controls.
 *
 * Input becomes commands and messages (input.c); each of these events starts
 * an exchange (exchange.c), and while one waits no input is taken.  All output
 * of a step leaves in one write, unless the output queue (output.c) has a
 * boundary. */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "session/aside.h"
#include "session/auth.h"
#include "session/command.h"
#include "session/input.h"
#include "session/reading.h"
#include "session/report.h"
#include "session/say.h"
#include "session/secure.h"
#include "session/settle.h"

struct sf_session *sf_session_new(struct sf_run *run,
                                  const struct sf_session_config *config)
{
    size_t client_size = strlen(config->client) + 1;
    struct sf_session *session =
        calloc(1, offsetof(struct sf_session, client) + client_size);

    if (session == NULL) {
        return NULL;
    }
    session->run = run;
    session->server = sf_scenario_find_server(run->scenario, config->listener);
    session->listener = config->listener;
    session->number = (uint32_t)++run->sessions;
    session->protocol = (unsigned char)config->protocol;
    session->port = (uint16_t)config->port;
    sf_secure_init(session, config->tls);
    memcpy(session->client, config->client, client_size);
    sf_output_init(&session->output);
    session->is_counted = true;
    sf_session_fail(session, sf_census_enter(&run->census, session->client,
                                             session->listener));
    return session;
}

/* It is no longer one of the open ones. */
static void leave_census(struct sf_session *session)
{
    if (session->is_counted) {
        session->is_counted = false;
        sf_census_leave(&session->run->census, session->client,
                        session->listener);
    }
}

void sf_session_free(struct sf_session *session)
{
    if (session == NULL) {
        return;
    }
    while (session->exchange != NULL) {
        struct sf_exchange *exchange = session->exchange;

        session->exchange = exchange->below;
        sf_run_put_exchange(session->run, exchange);
    }
    if (session->transaction != NULL) {
        sf_run_put_transaction(session->run, session->transaction);
    }
    sf_output_fini(&session->output);
    sf_reading_free(session);
    leave_census(session);
    sf_auth_fini(session);
    free(session->helo);
    free(session);
}

void sf_session_fail(struct sf_session *session, int err)
{
    if (session->error == 0) {
        session->error = err;
    }
}

bool sf_session_is_lmtp(const struct sf_session *session)
{
    return session->protocol == SF_PROTOCOL_LMTP;
}

void sf_session_set_phase(struct sf_session *session, enum sf_phase phase)
{
    session->phase = (unsigned char)phase;
}

uint64_t sf_session_transaction_number(const struct sf_session *session)
{
    return session->transaction == NULL ? session->transactions
                                        : session->transaction->number;
}

void sf_session_restart_nth(struct sf_session *session)
{
    for (int event = 0; event < SF_EVENT_COUNT; event++) {
        if (sf_event_get((enum sf_event)event)->flags &
            SF_EVENT_IN_TRANSACTION) {
            session->nth[event] = 0;
        }
    }
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

/* The rule that is not done yet: the one that acts, or the last, whose output
 * has not left; NULL: none. */
static const struct sf_rule *find_undone(const struct sf_exchange *exchange)
{
    size_t count = exchange->decision.count;

    if (exchange->firing < count) {
        return sf_exchange_firing(exchange)->rule;
    }
    return count > 0 && exchange->wait == SF_WAIT_OUTPUT
               ? exchange->decision.firings[count - 1].rule
               : NULL;
}

/* Be it that of an exchange below. */
static const struct sf_rule *find_waiting(const struct sf_session *session)
{
    const struct sf_rule *rule = NULL;

    for (const struct sf_exchange *exchange = session->exchange;
         exchange != NULL && rule == NULL; exchange = exchange->below) {
        rule = find_undone(exchange);
    }
    return rule != NULL ? rule : sf_secure_waiting(session);
}

void sf_session_close(struct sf_session *session,
                      enum sf_end_by by,
                      enum sf_end_how how,
                      enum sf_control control)
{
    if (!session->has_end) {
        session->waiting = find_waiting(session);
    }
    if (session->phase == SF_PHASE_HANDSHAKE) {
        sf_report_tls(session, session->tls_info, false);
    }
    while (session->exchange != NULL) {
        sf_aside_drop(session);
    }
    sf_session_end_transaction(session);
    sf_session_fail(session, sf_output_release(&session->output));
    /* Nobody waits for what still has to wait for its time. */
    if (!sf_output_is_prompt(&session->output, session->now_us)) {
        sf_output_drop(&session->output);
    }
    leave_census(session);
    session->has_end = true;
    session->end_by = (unsigned char)by;
    session->end_how = (unsigned char)how;
    session->control = (unsigned char)control;
    sf_session_set_phase(session, SF_PHASE_CLOSING);
}

struct sf_exchange *sf_session_new_exchange(struct sf_session *session)
{
    struct sf_exchange *exchange = sf_run_get_exchange(session->run);

    if (exchange == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return NULL;
    }
    exchange->n = session->commands;
    return exchange;
}

/* RFC 2033 4.2: no recipient, no reply. */
bool sf_session_begin_message(struct sf_session *session,
                              struct sf_exchange *exchange)
{
    exchange->recipient = 0;
    exchange->transaction = sf_session_transaction_number(session);
    if (sf_session_is_lmtp(session) &&
        session->transaction->recipient_count == 0) {
        sf_session_end_transaction(session);
        return false;
    }
    sf_exchange_begin(session, exchange, SF_EVENT_MESSAGE);
    return true;
}

void sf_session_resume(struct sf_session *session)
{
    while (session->error == 0 && sf_session_is_answering(session) &&
           sf_exchange_run(session, session->exchange)) {
        sf_settle_end(session, session->exchange);
    }
}

bool sf_session_is_answering(const struct sf_session *session)
{
    return session->exchange != NULL &&
           (sf_exchange_is_aside(session->exchange) ||
            (session->phase != SF_PHASE_CHUNK &&
             session->phase != SF_PHASE_SKIP));
}

/* What the connection itself causes. */
static void begin_event(struct sf_session *session, enum sf_event event)
{
    struct sf_exchange *exchange = sf_session_new_exchange(session);

    if (exchange != NULL) {
        sf_exchange_begin(session, exchange, event);
        sf_session_resume(session);
    }
}

static void step_open(struct sf_session *session)
{
    session->opened_us = session->now_us;
    session->active_us = session->now_us;
    sf_report_connect(session);
    if (session->is_tls_first) {
        sf_session_set_phase(session, SF_PHASE_HANDSHAKE);
    }
    begin_event(session,
                session->is_tls_first ? SF_EVENT_TLS : SF_EVENT_CONNECT);
}

static void step_tls_up(struct sf_session *session)
{
    if (session->phase != SF_PHASE_HANDSHAKE) {
        return;
    }
    sf_secure_finish(session);
    if (session->is_tls_first) {
        sf_session_set_phase(session, SF_PHASE_OPENING);
        begin_event(session, SF_EVENT_CONNECT);
    } else {
        sf_session_set_phase(session, SF_PHASE_COMMAND);
    }
}

static void step_tls_failed(struct sf_session *session)
{
    bool is_by_client =
        session->tls_info != NULL && session->tls_info->is_by_client;

    if (session->phase == SF_PHASE_HANDSHAKE) {
        sf_conduct_fail_tls(session);
        sf_session_close(session,
                         is_by_client ? SF_END_BY_CLIENT : SF_END_BY_SERVER,
                         SF_END_FIN, SF_CONTROL_CLOSE);
    }
}

static void step_tls_cut(struct sf_session *session)
{
    if (session->phase == SF_PHASE_HANDSHAKE) {
        sf_secure_cut(session);
    }
}

static bool is_clients_turn(const struct sf_session *session)
{
    return session->phase > SF_PHASE_OPENING &&
           session->phase < SF_PHASE_HANDSHAKE &&
           !sf_session_is_answering(session) && !sf_reading_is_stopped(session);
}

static uint64_t find_silence_deadline(const struct sf_session *session)
{
    return is_clients_turn(session)
               ? sf_aside_idle_deadline(session, session->active_us)
               : UINT64_MAX;
}

static uint64_t find_idle_deadline(const struct sf_session *session)
{
    uint64_t timeout_us = session->server->idle_timeout_us;

    if (timeout_us == SF_FOREVER_US || !is_clients_turn(session)) {
        return UINT64_MAX;
    }
    return session->active_us + sf_run_scale(session->run, timeout_us);
}

/* When the exchange goes on.  One that waits for nothing has paused until some
 * of its output has left. */
static uint64_t find_wait_deadline(const struct sf_session *session)
{
    const struct sf_exchange *exchange = session->exchange;

    if (!sf_session_is_answering(session)) {
        return UINT64_MAX;
    }
    switch (exchange->wait) {
    case SF_WAIT_NONE:
        return sf_output_is_high(&session->output)
                   ? sf_output_deadline(&session->output)
                   : session->now_us;
    case SF_WAIT_OUTPUT:
        return sf_output_deadline(&session->output);
    case SF_WAIT_TIME:
        return exchange->wait_us;
    case SF_WAIT_INPUT:
    case SF_WAIT_EVER:
        break;
    }
    return UINT64_MAX;
}

static void step_time(struct sf_session *session, bool is_blocked)
{
    static const struct sf_answer idle = {421, "4.4.2",
                                          "Idle for too long, closing"};

    if (sf_aside_timer_deadline(session) <= session->now_us) {
        sf_aside_begin_timer(session);
    } else if (is_blocked) {
        return;
    } else if (find_wait_deadline(session) <= session->now_us) {
        session->exchange->wait = SF_WAIT_NONE;
        sf_session_resume(session);
    } else if (sf_secure_deadline(session) <= session->now_us) {
        sf_session_close(session, SF_END_BY_SERVER, SF_END_TIMEOUT,
                         SF_CONTROL_CLOSE);
    } else if (find_silence_deadline(session) <= session->now_us) {
        sf_aside_begin_idle(session);
    } else if (find_idle_deadline(session) <= session->now_us) {
        sf_say_unasked(session, &idle);
        sf_session_close(session, SF_END_BY_SERVER, SF_END_TIMEOUT,
                         SF_CONTROL_CLOSE);
    }
}

/* Whether what was sent so far ends in the middle of a line. */
static bool is_mid_line(const struct sf_session *session)
{
    const struct sf_buf *pending = &session->output.pending;

    return pending->len > 0 ? pending->ptr[pending->len - 1] != '\n'
                            : session->is_mid_line;
}

/* In the middle of a line the reply would be taken for its rest; in a handshake
 * it can not be sent at all. */
static void step_shutdown(struct sf_session *session)
{
    static const struct sf_answer shutdown = {421, "4.3.2",
                                              "Server is shutting down"};
    bool can_say = session->phase < SF_PHASE_HANDSHAKE;

    if (session->phase >= SF_PHASE_CLOSING) {
        return;
    }
    sf_session_close(session, SF_END_BY_SERVER, SF_END_FIN, SF_CONTROL_CLOSE);
    if (can_say && !is_mid_line(session)) {
        sf_say_unasked(session, &shutdown);
    }
}

static void step_gone(struct sf_session *session, enum sf_end_how how)
{
    if (session->phase < SF_PHASE_CLOSING) {
        sf_conduct_leave(session);
        sf_session_close(session, SF_END_BY_CLIENT, how, SF_CONTROL_CLOSE);
    }
}

/* Also when a close was under way: it did not come to its end. */
static void step_aborted(struct sf_session *session, enum sf_end_how how)
{
    sf_session_close(session, SF_END_BY_SERVER, how, SF_CONTROL_RESET);
}

static void step_closed(struct sf_session *session, size_t unread)
{
    if (!session->has_end) {
        sf_session_close(session, SF_END_BY_SERVER, SF_END_RESET,
                         SF_CONTROL_RESET);
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
        sf_input_step(session, step, effects);
        break;
    case SF_STEP_EOF:
        step_gone(session, step->is_abrupt ? SF_END_ABRUPT : SF_END_FIN);
        break;
    case SF_STEP_RESET:
        step_gone(session, SF_END_RESET);
        break;
    case SF_STEP_STALLED:
        sf_conduct_stall(session);
        step_aborted(session, SF_END_TIMEOUT);
        break;
    case SF_STEP_ABORTED:
        step_aborted(session, SF_END_RESET);
        break;
    case SF_STEP_TIME:
        step_time(session, step->is_blocked);
        break;
    case SF_STEP_SHUTDOWN:
        step_shutdown(session);
        break;
    case SF_STEP_TLS_UP:
        step_tls_up(session);
        break;
    case SF_STEP_TLS_FAILED:
        step_tls_failed(session);
        break;
    case SF_STEP_TLS_CUT:
        step_tls_cut(session);
        break;
    case SF_STEP_CLOSED:
        step_closed(session, step->len);
        break;
    }
}

static void add_controls(struct sf_session *session, struct sf_effects *effects)
{
    effects->handshake = sf_secure_start(session);
    if (session->wants_discard) {
        session->wants_discard = false;
        effects->controls[effects->control_count++] = SF_CONTROL_DISCARD;
    }
    if (effects->handshake != NULL) {
        effects->controls[effects->control_count++] = SF_CONTROL_START_TLS;
    }
    if (session->phase == SF_PHASE_CLOSING &&
        sf_output_is_empty(&session->output)) {
        effects->controls[effects->control_count++] =
            (enum sf_control)session->control;
        sf_session_set_phase(session, SF_PHASE_CLOSED);
    }
}

static void take_output(struct sf_session *session, struct sf_effects *effects)
{
    struct sf_slice output =
        sf_output_take(&session->output, &session->run->spare, session->now_us);

    effects->output = output.ptr;
    effects->output_len = output.len;
    session->bytes_out += output.len;
    sf_conduct_sent(session, output);
    if (output.len > 0) {
        session->is_mid_line = output.ptr[output.len - 1] != '\n';
    }
}

int sf_session_step(struct sf_session *session,
                    const struct sf_step *step,
                    struct sf_effects *out_effects)
{
    *out_effects = (struct sf_effects){0};
    session->now_us = step->now_us;
    session->tls_info = step->tls;
    dispatch(session, step, out_effects);
    session->run->has_raised = false;
    for (struct sf_exchange *exchange = session->exchange;
         exchange != NULL && session->error == 0; exchange = exchange->below) {
        sf_exchange_keep(session, exchange);
    }
    if (session->error != 0) {
        *out_effects = (struct sf_effects){0};
        return session->error;
    }
    take_output(session, out_effects);
    add_controls(session, out_effects);
    return 0;
}

static uint64_t earlier(uint64_t a_us, uint64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

uint64_t sf_session_deadline(const struct sf_session *session)
{
    uint64_t due_us = sf_output_deadline(&session->output);

    due_us = earlier(due_us, find_wait_deadline(session));
    due_us = earlier(due_us, find_silence_deadline(session));
    due_us = earlier(due_us, find_idle_deadline(session));
    due_us = earlier(due_us, sf_reading_deadline(session));
    due_us = earlier(due_us, sf_secure_deadline(session));
    return earlier(due_us, sf_session_urgent_deadline(session));
}

uint64_t sf_session_urgent_deadline(const struct sf_session *session)
{
    return sf_aside_timer_deadline(session);
}

size_t sf_session_appetite(const struct sf_session *session)
{
    return sf_reading_appetite(session);
}
