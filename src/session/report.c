/* report.c - records of a session. */
#include "session/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "rule/action.h"
#include "session/auth.h"
#include "session/expand.h"
#include "smtp/reply.h"

static bool is_wanted(const struct sf_session *session,
                      enum sf_record_type type)
{
    return session->error != SF_ESINK && sf_run_wants(session->run, type);
}

static void write_record(struct sf_session *session,
                         struct sf_record *record,
                         enum sf_record_type type,
                         uint64_t transaction)
{
    record->type = type;
    record->t_us = session->now_us;
    record->session = session->number;
    record->transaction = transaction;
    record->listener = session->listener;
    sf_session_fail(session, sf_sink_put(&session->run->sink, record));
}

/* Connections. */

void sf_report_connect(struct sf_session *session)
{
    struct sf_record record = {0};
    char peer[64];

    if (!is_wanted(session, SF_RECORD_CONNECT)) {
        return;
    }
    sf_record_format_peer(peer, sizeof(peer), session->client, session->port);
    record.u.connect.peer = peer;
    write_record(session, &record, SF_RECORD_CONNECT, 0);
}

void sf_report_disconnect(struct sf_session *session, uint64_t unread)
{
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_DISCONNECT)) {
        return;
    }
    record.u.disconnect.by = (enum sf_end_by)session->end_by;
    record.u.disconnect.how = (enum sf_end_how)session->end_how;
    record.u.disconnect.bytes_in = session->bytes_in + unread;
    record.u.disconnect.bytes_out = session->bytes_out;
    record.u.disconnect.unread = unread;
    record.u.disconnect.duration_us = session->now_us - session->opened_us;
    if (session->waiting != NULL) {
        record.u.disconnect.waiting = (struct sf_rule_ref){
            session->waiting->label, session->waiting->path,
            session->waiting->line};
    }
    write_record(session, &record, SF_RECORD_DISCONNECT, 0);
}

void sf_report_tls(struct sf_session *session,
                   const struct sf_tls_info *info,
                   bool is_ok)
{
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_TLS)) {
        return;
    }
    if (info != NULL) {
        record.u.tls.info = *info;
    }
    record.u.tls.ok = is_ok;
    write_record(session, &record, SF_RECORD_TLS, 0);
}

/* Commands and replies. */

static bool contains_nocase(struct sf_slice line, const char *word)
{
    while (line.len > 0) {
        if (sf_slice_starts_nocase(line, word)) {
            return true;
        }
        line = sf_slice_skip(line, 1);
    }
    return false;
}

/* Words of a line that is no command and yet may hold a password. */
static bool resembles_auth(struct sf_slice line)
{
    static const char *const words[] = {"AUTH",  "AUHT", "LOGIN",
                                        "PLAIN", "PASS", "USER"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (contains_nocase(line, words[i])) {
            return true;
        }
    }
    return false;
}

/* Lines that may hold a password: an AUTH exchange, what a client goes on to
 * send as if it was not over, and what resembles AUTH. */
bool sf_report_is_secret(const struct sf_session *session,
                         const struct sf_exchange *exchange)
{
    if (exchange->event == SF_EVENT_UNKNOWN) {
        return session->has_tried_auth ||
               resembles_auth(exchange->command.line);
    }
    return exchange->event == SF_EVENT_AUTH ||
           exchange->event == SF_EVENT_AUTH_RESPONSE;
}

/* `AUTH PLAIN secret` becomes `AUTH PLAIN *`.  A word that is no mechanism may
 * be a password in the wrong place. */
static void put_auth_line(struct sf_buf *buf, const struct sf_command *command)
{
    struct sf_slice rest = command->argument;
    struct sf_slice mechanism = sf_slice_cut_word(&rest);

    sf_buf_put_slice(buf, command->verb);
    if (sf_mechanism_find(mechanism) != SF_MECHANISM_COUNT) {
        sf_buf_putc(buf, ' ');
        sf_buf_put_slice(buf, mechanism);
        sf_buf_puts(buf, rest.len > 0 ? " *" : "");
    } else if (mechanism.len > 0) {
        sf_buf_puts(buf, " *");
    }
}

struct sf_slice sf_report_line(const struct sf_session *session,
                               const struct sf_exchange *exchange,
                               struct sf_buf *buf)
{
    if (exchange->event == SF_EVENT_AUTH) {
        put_auth_line(buf, &exchange->command);
    } else if (sf_report_is_secret(session, exchange)) {
        sf_buf_putc(buf, '*');
    } else {
        return exchange->command.line;
    }
    return sf_buf_slice(buf);
}

static struct sf_slice cut_bytes(struct sf_slice octets)
{
    octets.len =
        octets.len < SF_RECORD_BYTES_MAX ? octets.len : SF_RECORD_BYTES_MAX;
    return octets;
}

struct sf_slice sf_report_hide(const struct sf_session *session,
                               struct sf_slice octets)
{
    octets = cut_bytes(octets);
    return session->phase == SF_PHASE_AUTH || session->has_tried_auth ||
                   session->conduct.command == SF_EVENT_AUTH ||
                   resembles_auth(octets)
               ? sf_slice_str("*")
               : octets;
}

void sf_report_violation(struct sf_session *session,
                         const struct sf_conduct_rule *rule,
                         struct sf_slice octets)
{
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_VIOLATION)) {
        return;
    }
    record.u.violation.id = rule->id;
    record.u.violation.level = sf_conduct_level_text(rule->level);
    record.u.violation.rfc = rule->rfc;
    record.u.violation.text = rule->text;
    record.u.violation.bytes = cut_bytes(octets);
    write_record(session, &record, SF_RECORD_VIOLATION,
                 session->transaction == NULL ? 0
                                              : session->transaction->number);
}

static void fill_command(struct sf_record *record,
                         const struct sf_exchange *exchange,
                         struct sf_record_param *params)
{
    const struct sf_command *command = &exchange->command;

    record->u.command.n = exchange->n;
    record->u.command.event = sf_event_get(exchange->event)->name;
    if (command->has_path && exchange->event == SF_EVENT_RCPT) {
        record->u.command.has_recipient = true;
        record->u.command.recipient = command->path.mailbox;
    } else if (command->has_path) {
        record->u.command.has_sender = true;
        record->u.command.sender = command->path.mailbox;
    }
    for (size_t i = 0; i < command->param_count; i++) {
        params[i] = (struct sf_record_param){
            .keyword = command->params[i].keyword,
            .value = command->params[i].value,
            .has_value = command->params[i].has_value,
        };
    }
    record->u.command.params = params;
    record->u.command.param_count = command->param_count;
}

void sf_report_command(struct sf_session *session,
                       const struct sf_exchange *exchange,
                       bool is_pipelined)
{
    struct sf_record_param params[SF_PARAMS_MAX];
    struct sf_record record = {0};
    struct sf_buf line;

    if (!is_wanted(session, SF_RECORD_COMMAND)) {
        return;
    }
    sf_buf_init(&line, exchange->command.line.len + 8);
    fill_command(&record, exchange, params);
    record.u.command.line = sf_report_line(session, exchange, &line);
    record.u.command.is_pipelined = is_pipelined;
    record.u.command.is_cancelled =
        exchange->event == SF_EVENT_AUTH_RESPONSE &&
        sf_slice_eq_str(exchange->command.argument, "*");
    if (line.failed) {
        sf_session_fail(session, line.failed);
    } else {
        write_record(session, &record, SF_RECORD_COMMAND,
                     exchange->transaction);
    }
    sf_buf_fini(&line);
}

/* A client may have sent its password where the name was due. */
static struct sf_slice find_shown_user(const struct sf_session *session)
{
    struct sf_slice user = sf_auth_user(session);

    return sf_scenario_is_password(session->run->scenario, user)
               ? sf_slice("", 0)
               : user;
}

void sf_report_auth(struct sf_session *session,
                    const struct sf_exchange *exchange,
                    bool is_accepted)
{
    enum sf_mechanism mechanism =
        sf_mechanism_find(sf_slice_str(session->mechanism));
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_AUTH)) {
        return;
    }
    if (mechanism != SF_MECHANISM_COUNT) {
        record.u.auth.mechanism = sf_mechanism_name(mechanism);
    }
    record.u.auth.user = find_shown_user(session);
    record.u.auth.is_ok = is_accepted;
    record.u.auth.code = exchange->code;
    write_record(session, &record, SF_RECORD_AUTH, exchange->transaction);
}

/* Cuts the gathered octets into lines without CRLF; NULL without memory. */
static const struct sf_slice *split_lines(struct sf_exchange *exchange)
{
    struct sf_slice rest = sf_buf_slice(&exchange->reply);

    if (exchange->line_size < exchange->reply_lines) {
        struct sf_slice *grown = realloc(
            exchange->lines, exchange->reply_lines * sizeof(*exchange->lines));

        if (grown == NULL) {
            return NULL;
        }
        exchange->lines = grown;
        exchange->line_size = exchange->reply_lines;
    }
    for (size_t i = 0; i < exchange->reply_lines; i++) {
        exchange->lines[i] = sf_slice_cut(&rest, '\n');
        exchange->lines[i].len--; /* the CR */
    }
    return exchange->lines;
}

void sf_report_reply(struct sf_session *session, struct sf_exchange *exchange)
{
    struct sf_record record = {0};
    const struct sf_slice *lines;
    struct sf_slice last;

    if (!is_wanted(session, SF_RECORD_REPLY) || exchange->reply_lines == 0) {
        return;
    }
    lines = split_lines(exchange);
    if (lines == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return;
    }
    last = lines[exchange->reply_lines - 1];
    record.u.reply.n = exchange->n;
    if (exchange->event != SF_EVENT_COUNT) {
        record.u.reply.event = sf_event_get(exchange->event)->name;
    }
    record.u.reply.code = exchange->code;
    if (last.len > 4) {
        record.u.reply.enhanced =
            sf_reply_enhanced(sf_slice(last.ptr + 4, last.len - 4));
    }
    record.u.reply.lines = lines;
    record.u.reply.line_count = exchange->reply_lines;
    record.u.reply.rule = exchange->reply_rule;
    write_record(session, &record, SF_RECORD_REPLY, exchange->transaction);
}

/* Rules. */

void sf_report_fired(struct sf_session *session,
                     const struct sf_exchange *exchange,
                     const struct sf_rule *rule)
{
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_FIRED)) {
        return;
    }
    record.u.fired.rule =
        (struct sf_rule_ref){rule->label, rule->path, rule->line};
    record.u.fired.event = sf_event_get(exchange->event)->name;
    record.u.fired.count = session->run->fired[rule->index];
    write_record(session, &record, SF_RECORD_FIRED, exchange->transaction);
}

void sf_report_fault(struct sf_session *session,
                     const struct sf_exchange *exchange,
                     const struct sf_action *action,
                     struct sf_slice value)
{
    const struct sf_firing *firing =
        &exchange->decision.firings[exchange->firing];
    struct sf_record record = {0};

    if (!is_wanted(session, SF_RECORD_FAULT)) {
        return;
    }
    record.u.fault.rule =
        (struct sf_rule_ref){firing->rule->label, action->path, action->line};
    record.u.fault.event = sf_event_get(exchange->event)->name;
    record.u.fault.action = sf_action_get(action->kind)->key;
    record.u.fault.value = value;
    write_record(session, &record, SF_RECORD_FAULT, exchange->transaction);
}

/* Messages. */

/* Enters every recipient; the first copy found is the one that is named. */
static const char *find_duplicate(struct sf_session *session,
                                  const char *id,
                                  char *first,
                                  size_t first_size)
{
    const struct sf_transaction *transaction = session->transaction;
    struct sf_slice identity = sf_transaction_identity(transaction);
    const char *found = NULL;

    for (size_t i = 0; i < transaction->recipient_count; i++) {
        const char *earlier = NULL;

        if (!transaction->recipients[i].is_accepted) {
            continue;
        }
        sf_session_fail(
            session, sf_ledger_enter(&session->run->ledger, identity,
                                     sf_transaction_recipient(transaction, i),
                                     id, &earlier));
        /* An address that was given twice is no second copy. */
        if (earlier != NULL && found == NULL && strcmp(earlier, id) != 0) {
            snprintf(first, first_size, "%s", earlier);
            found = first;
        }
    }
    return found;
}

/* RFC 3848. */
static const char *find_protocol(const struct sf_session *session)
{
    if (sf_session_is_lmtp(session)) {
        return session->is_tls ? "LMTPS" : "LMTP";
    }
    if (session->is_esmtp) {
        return session->is_tls ? "ESMTPS" : "ESMTP";
    }
    return "SMTP";
}

static void fill_message(struct sf_session *session, struct sf_record *record)
{
    struct sf_transaction *transaction = session->transaction;

    record->u.message.message_id = transaction->message_id;
    record->u.message.sha256 = transaction->sha256;
    record->u.message.octets = transaction->octets;
    record->u.message.sender = sf_transaction_sender(transaction);
    record->u.message.content = transaction->first_chunk;
    record->u.message.helo = sf_slice_str(session->helo);
    record->u.message.client = session->client;
    record->u.message.protocol = find_protocol(session);
    record->u.message.recipients = sf_transaction_recipients(
        transaction, &record->u.message.recipient_count);
    record->u.message.accepted =
        sf_transaction_accepted(transaction, &record->u.message.accepted_count);
    if (record->u.message.recipient_count != transaction->recipient_count) {
        sf_session_fail(session, SF_ENOMEM);
    }
}

void sf_report_message(struct sf_session *session)
{
    struct sf_transaction *transaction = session->transaction;
    struct sf_record record = {0};
    char first[SF_MESSAGE_ID_SIZE];
    struct sf_buf id;

    if (!is_wanted(session, SF_RECORD_MESSAGE) || transaction->is_reported) {
        return;
    }
    transaction->is_reported = true;
    sf_buf_init(&id, SF_MESSAGE_ID_SIZE);
    sf_expand_queue_id(session, &id);
    sf_buf_putc(&id, '\0');
    sf_session_fail(session, id.failed);
    fill_message(session, &record);
    if (session->error == 0) {
        record.u.message.id = id.ptr;
        record.u.message.duplicate_of =
            find_duplicate(session, id.ptr, first, sizeof(first));
        write_record(session, &record, SF_RECORD_MESSAGE, transaction->number);
    }
    sf_buf_fini(&id);
}
