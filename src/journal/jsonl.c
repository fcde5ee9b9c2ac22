/* jsonl.c - a record as one line of JSON.
 *
 * Every line begins with the same keys (t, type, session, transaction,
 * listener); each type has a function that appends its own.  A key that does
 * not apply is left out, so that its absence means one thing only.  Names of
 * keys are written as they are; every value that came from outside goes
 * through sf_text_put_json(). */
#include "journal/jsonl.h"

#include "base/json.h"
#include "base/slice.h"
#include "base/text.h"

static void put_words(struct sf_buf *buf,
                      const char *key,
                      const char *const *words,
                      size_t count)
{
    sf_json_put_key(buf, key);
    sf_buf_putc(buf, '[');
    for (size_t i = 0; i < count; i++) {
        sf_buf_puts(buf, i > 0 ? "," : "");
        sf_text_put_json(buf, sf_slice_str(words[i]));
    }
    sf_buf_putc(buf, ']');
}

/* `rule` and `at`, if a rule had a part in it. */
static void put_rule(struct sf_buf *buf, const struct sf_rule_ref *rule)
{
    if (rule->label == NULL) {
        return;
    }
    sf_json_put_text(buf, "rule", rule->label);
    sf_json_put_octets(buf, "at", sf_slice_str(rule->path));
    if (!buf->failed) {
        buf->len--; /* The string goes on behind its closing quote. */
    }
    sf_buf_printf(buf, ":%u\"", rule->line);
}

static void put_run(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_number(buf, "schema", SF_RECORD_SCHEMA);
    sf_json_put_text(buf, "version", record->u.run.version);
    sf_json_put_number(buf, "seed", record->u.run.seed);
    sf_json_put_factor(buf, "speed", record->u.run.speed);
    sf_json_put_key(buf, "scenarios");
    sf_buf_putc(buf, '[');
    for (size_t i = 0; i < record->u.run.file_count; i++) {
        const struct sf_record_file *file = &record->u.run.files[i];

        sf_json_open(buf, '{');
        sf_json_put_text(buf, "file", file->path);
        sf_json_put_text(buf, "sha256", file->sha256);
        sf_buf_putc(buf, '}');
    }
    sf_buf_putc(buf, ']');
    sf_json_put_text(buf, "time", record->u.run.wall_clock);
    if (record->u.run.argc > 0) {
        put_words(buf, "argv", record->u.run.argv, record->u.run.argc);
    }
}

static void put_listen(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "url", record->u.listen.url);
}

static void put_connect(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "peer", record->u.connect.peer);
}

static void put_disconnect(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "by", sf_record_end_by_name(record->u.disconnect.by));
    sf_json_put_text(buf, "how",
                     sf_record_end_how_name(record->u.disconnect.how));
    sf_json_put_number(buf, "bytes_in", record->u.disconnect.bytes_in);
    sf_json_put_number(buf, "bytes_out", record->u.disconnect.bytes_out);
    sf_json_put_number(buf, "unread", record->u.disconnect.unread);
    sf_json_put_seconds(buf, "duration", record->u.disconnect.duration_us);
    put_rule(buf, &record->u.disconnect.waiting);
}

/* Of a keyword that was sent twice the first stands: names in a JSON object
 * are to be unique (RFC 8259 4), and `line` has them all. */
static bool is_repeated(const struct sf_record_param *params, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (sf_slice_eq(params[i].keyword, params[index].keyword)) {
            return true;
        }
    }
    return false;
}

static void put_params(struct sf_buf *buf,
                       const struct sf_record_param *params,
                       size_t count)
{
    sf_json_put_key(buf, "params");
    sf_buf_putc(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(params, i)) {
            continue;
        }
        if (i > 0) {
            sf_buf_putc(buf, ',');
        }
        sf_text_put_json(buf, params[i].keyword);
        sf_buf_putc(buf, ':');
        if (params[i].has_value) {
            sf_text_put_json(buf, params[i].value);
        } else {
            sf_buf_puts(buf, "true");
        }
    }
    sf_buf_putc(buf, '}');
}

static void put_command(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_number(buf, "n", record->u.command.n);
    sf_json_put_text(buf, "event", record->u.command.event);
    sf_json_put_octets(buf, "line", record->u.command.line);
    if (record->u.command.has_sender) {
        sf_json_put_octets(buf, "sender", record->u.command.sender);
    }
    if (record->u.command.has_recipient) {
        sf_json_put_octets(buf, "recipient", record->u.command.recipient);
    }
    if (record->u.command.param_count > 0) {
        put_params(buf, record->u.command.params,
                   record->u.command.param_count);
    }
    sf_json_put_bool(buf, "pipelined", record->u.command.is_pipelined);
    if (record->u.command.is_cancelled) {
        sf_json_put_bool(buf, "cancelled", true);
    }
}

static void put_reply(struct sf_buf *buf, const struct sf_record *record)
{
    if (record->u.reply.n > 0) {
        sf_json_put_number(buf, "n", record->u.reply.n);
    }
    sf_json_put_text(buf, "event", record->u.reply.event);
    sf_json_put_key(buf, "code");
    sf_buf_printf(buf, "%d", record->u.reply.code);
    if (record->u.reply.enhanced.len > 0) {
        sf_json_put_octets(buf, "enhanced", record->u.reply.enhanced);
    }
    sf_json_put_list(buf, "lines", record->u.reply.lines,
                     record->u.reply.line_count);
    put_rule(buf, &record->u.reply.rule);
}

static void put_auth(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "mechanism", record->u.auth.mechanism);
    if (record->u.auth.user.len > 0) {
        sf_json_put_octets(buf, "user", record->u.auth.user);
    }
    sf_json_put_bool(buf, "ok", record->u.auth.is_ok);
    if (record->u.auth.code > 0) {
        sf_json_put_number(buf, "code", (uint64_t)record->u.auth.code);
    }
}

static void put_fired(struct sf_buf *buf, const struct sf_record *record)
{
    put_rule(buf, &record->u.fired.rule);
    sf_json_put_text(buf, "event", record->u.fired.event);
    sf_json_put_number(buf, "count", record->u.fired.count);
}

static void put_fault(struct sf_buf *buf, const struct sf_record *record)
{
    put_rule(buf, &record->u.fault.rule);
    sf_json_put_text(buf, "event", record->u.fault.event);
    sf_json_put_text(buf, "action", record->u.fault.action);
    sf_json_put_octets(buf, "value", record->u.fault.value);
}

static void put_tls(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "version", record->u.tls.info.version);
    sf_json_put_text(buf, "cipher", record->u.tls.info.cipher);
    sf_json_put_text(buf, "sni", record->u.tls.info.sni);
    sf_json_put_text(buf, "alert", record->u.tls.info.alert);
    sf_json_put_bool(buf, "ok", record->u.tls.ok);
}

static void put_message(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "id", record->u.message.id);
    if (record->u.message.message_id.len > 0) {
        sf_json_put_octets(buf, "message_id", record->u.message.message_id);
    }
    sf_json_put_text(buf, "sha256", record->u.message.sha256);
    sf_json_put_number(buf, "octets", record->u.message.octets);
    sf_json_put_octets(buf, "sender", record->u.message.sender);
    sf_json_put_list(buf, "recipients", record->u.message.recipients,
                     record->u.message.recipient_count);
    sf_json_put_list(buf, "accepted", record->u.message.accepted,
                     record->u.message.accepted_count);
    sf_json_put_text(buf, "duplicate_of", record->u.message.duplicate_of);
    sf_json_put_text(buf, "file", record->u.message.file);
}

static void put_violation(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "id", record->u.violation.id);
    sf_json_put_text(buf, "level", record->u.violation.level);
    sf_json_put_text(buf, "rfc", record->u.violation.rfc);
    sf_json_put_text(buf, "text", record->u.violation.text);
    if (record->u.violation.bytes.len > 0) {
        sf_json_put_octets(buf, "bytes", record->u.violation.bytes);
    }
}

static void put_exit(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_number(buf, "status", (uint64_t)record->u.exit.status);
    if (record->u.exit.signal > 0) {
        sf_json_put_number(buf, "signal", (uint64_t)record->u.exit.signal);
    }
    sf_json_put_text(buf, "stopped", sf_record_stop_name(record->u.exit.stop));
    sf_json_put_octets(buf, "stdout", record->u.exit.standard_output);
    sf_json_put_octets(buf, "stderr", record->u.exit.standard_error);
    sf_json_put_bool(buf, "cut", record->u.exit.is_cut);
    sf_json_put_seconds(buf, "duration", record->u.exit.duration_us);
    sf_json_put_seconds(buf, "cpu_s", record->u.exit.cpu_us);
    sf_json_put_number(buf, "memory", record->u.exit.memory_bytes);
}

static void put_expectation(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_text(buf, "label", record->u.expectation.label);
    sf_json_put_text(buf, "key", record->u.expectation.key);
    sf_json_put_text(buf, "expected", record->u.expectation.expected);
    sf_json_put_text(buf, "actual", record->u.expectation.actual);
    sf_json_put_bool(buf, "ok", record->u.expectation.ok);
    if (record->u.expectation.is_unreached) {
        sf_json_put_bool(buf, "unreached", true);
    }
    sf_json_put_key(buf, "evidence");
    sf_buf_putc(buf, '[');
    for (size_t i = 0; i < record->u.expectation.line_count; i++) {
        sf_buf_puts(buf, i > 0 ? "," : "");
        sf_buf_put_u64(buf, record->u.expectation.lines[i]);
    }
    sf_buf_putc(buf, ']');
}

static void put_verdict(struct sf_buf *buf, const struct sf_record *record)
{
    sf_json_put_bool(buf, "ok", record->u.verdict.ok);
    sf_json_put_number(buf, "failed", record->u.verdict.failed);
    sf_json_put_number(buf, "unreached", record->u.verdict.unreached);
    sf_json_put_key(buf, "exit_status");
    sf_buf_printf(buf, "%d", record->u.verdict.exit_status);
}

typedef void put_fn(struct sf_buf *buf, const struct sf_record *record);

static put_fn *const writers[SF_RECORD_COUNT] = {
    [SF_RECORD_RUN] = put_run,
    [SF_RECORD_LISTEN] = put_listen,
    [SF_RECORD_CONNECT] = put_connect,
    [SF_RECORD_DISCONNECT] = put_disconnect,
    [SF_RECORD_COMMAND] = put_command,
    [SF_RECORD_REPLY] = put_reply,
    [SF_RECORD_AUTH] = put_auth,
    [SF_RECORD_FIRED] = put_fired,
    [SF_RECORD_FAULT] = put_fault,
    [SF_RECORD_TLS] = put_tls,
    [SF_RECORD_MESSAGE] = put_message,
    [SF_RECORD_VIOLATION] = put_violation,
    [SF_RECORD_EXIT] = put_exit,
    [SF_RECORD_EXPECTATION] = put_expectation,
    [SF_RECORD_VERDICT] = put_verdict,
};

static void put_head(struct sf_buf *buf, const struct sf_record *record)
{
    sf_buf_putc(buf, '{');
    sf_json_put_seconds(buf, "t", record->t_us);
    sf_json_put_text(buf, "type", sf_record_type_name(record->type));
    if (record->session > 0) {
        sf_json_put_number(buf, "session", record->session);
    }
    if (record->transaction > 0) {
        sf_json_put_number(buf, "transaction", record->transaction);
    }
    sf_json_put_text(buf, "listener", record->listener);
}

void sf_jsonl_put(struct sf_buf *buf, const struct sf_record *record)
{
    size_t start = buf->len;

    put_head(buf, record);
    writers[record->type](buf, record);
    sf_buf_puts(buf, "}\n");
    if (buf->failed) {
        buf->len = start;
    }
}
