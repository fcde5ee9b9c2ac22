/* read.c - a line of a journal back into a record, through jansson.
 *
 * Everything is copied into the arena of the reader, octets as they were
 * before jsonl.c wrote them as characters.  A key that does not apply is
 * absent; one of another type than it should have makes the line faulty. */
#include "journal/read.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

#define US_PER_S 1e6

struct line {
    struct sf_journal_reader *reader;
    const json_t *object;
    struct sf_record *record;
    int err; /* the first one */
};

static void fail(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(struct line *line, const char *format, ...)
{
    va_list args;

    if (line->err == 0) {
        va_start(args, format);
        (void)vsnprintf(line->reader->error, sizeof(line->reader->error),
                        format, args);
        va_end(args);
        line->err = SF_ESYNTAX;
    }
}

static void *get_memory(struct line *line, size_t size)
{
    void *memory = sf_arena_alloc(&line->reader->arena, size);

    if (memory == NULL) {
        line->err = SF_ENOMEM;
    }
    return memory;
}

/* Values. */

static int digit_of(char c)
{
    if (sf_ascii_is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that `\xNN` at the start of the text stands for; -1: it is none. */
static int find_octet(const char *text, size_t len)
{
    if (len < 4 || text[1] != 'x' || digit_of(text[2]) < 0 ||
        digit_of(text[3]) < 0) {
        return -1;
    }
    return digit_of(text[2]) * 16 + digit_of(text[3]);
}

/* The octets as they were; NUL behind them. */
static struct sf_slice decode(struct line *line, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    char *octets = get_memory(line, len + 1);
    size_t count = 0;

    for (size_t i = 0; i < len && octets != NULL; i++) {
        int octet = text[i] == '\\' ? find_octet(text + i, len - i) : -1;

        if (octet >= 0) {
            octets[count++] = (char)octet;
            i += 3;
        } else {
            octets[count++] = text[i];
            i += text[i] == '\\' && i + 1 < len && text[i + 1] == '\\';
        }
    }
    return sf_slice(octets, octets == NULL ? 0 : count);
}

static struct sf_slice get_octets(struct line *line, const char *key)
{
    const json_t *value = json_object_get(line->object, key);

    if (value != NULL && !json_is_string(value)) {
        fail(line, "`%s` is no string", key);
        value = NULL;
    }
    return value == NULL ? (struct sf_slice){NULL, 0} : decode(line, value);
}

/* NULL: it is not there. */
static const char *find_text(struct line *line, const char *key)
{
    return get_octets(line, key).ptr;
}

static const char *get_text(struct line *line, const char *key)
{
    const char *text = find_text(line, key);

    return text == NULL ? "" : text;
}

static double get_real(struct line *line, const char *key)
{
    const json_t *value = json_object_get(line->object, key);

    if (value == NULL) {
        return 0;
    }
    if (!json_is_number(value) || json_number_value(value) < 0) {
        fail(line, "`%s` is no number from 0 on", key);
        return 0;
    }
    return json_number_value(value);
}

static uint64_t get_number(struct line *line, const char *key)
{
    const json_t *value = json_object_get(line->object, key);
    double real = get_real(line, key);

    if (json_is_integer(value)) {
        return real >= 0 && line->err == 0 ? (uint64_t)json_integer_value(value)
                                           : 0;
    }
    return real < 1.8e19 ? (uint64_t)real : UINT64_MAX;
}

static uint64_t get_us(struct line *line, const char *key)
{
    double seconds = get_real(line, key);

    return seconds < 1e12 ? (uint64_t)(seconds * US_PER_S + 0.5) : 0;
}

static int get_int(struct line *line, const char *key)
{
    uint64_t number = get_number(line, key);

    return number <= 1000000 ? (int)number : 0;
}

static bool get_bool(struct line *line, const char *key)
{
    const json_t *value = json_object_get(line->object, key);

    if (value != NULL && !json_is_boolean(value)) {
        fail(line, "`%s` is neither true nor false", key);
    }
    return json_is_true(value);
}

/* Strings; *out_count is 0 where there are none. */
static const struct sf_slice *
get_list(struct line *line, const char *key, size_t *out_count)
{
    const json_t *list = json_object_get(line->object, key);
    size_t count = json_array_size(list);
    struct sf_slice *items = NULL;

    if (list != NULL && !json_is_array(list)) {
        fail(line, "`%s` is no list", key);
    }
    items = get_memory(line, (count + 1) * sizeof(*items));
    for (size_t i = 0; i < count && items != NULL; i++) {
        const json_t *item = json_array_get(list, i);

        if (json_is_string(item)) {
            items[i] = decode(line, item);
        } else {
            fail(line, "`%s` is no list of strings", key);
        }
    }
    *out_count = items == NULL ? 0 : count;
    return items;
}

/* `rule` and `at`, which is `file:line`. */
static struct sf_rule_ref get_rule(struct line *line)
{
    struct sf_rule_ref rule = {.label = find_text(line, "rule")};
    struct sf_slice at = {NULL, 0};
    size_t end = 0;
    uint64_t number = 0;
    char *path = NULL;

    if (rule.label == NULL) {
        return rule;
    }
    at = get_octets(line, "at");
    end = at.len;
    while (end > 0 && at.ptr[end - 1] != ':') {
        end--;
    }
    if (end == 0 || sf_slice_parse_u64(sf_slice_skip(at, end), &number) != 0) {
        fail(line, "`at` is not `file:line`");
        return rule;
    }
    path = sf_arena_dup(&line->reader->arena, sf_slice(at.ptr, end - 1));
    if (path == NULL) {
        line->err = SF_ENOMEM;
    }
    rule.path = path;
    rule.line = (unsigned)number;
    return rule;
}

/* The index of a word in a table of `count`, given by `name`. */
static int find_word(struct line *line,
                     const char *key,
                     const char *(*name)(int index),
                     int count)
{
    const char *word = get_text(line, key);

    for (int i = 0; i < count; i++) {
        if (name(i) != NULL && strcmp(name(i), word) == 0) {
            return i;
        }
    }
    if (word[0] != '\0') {
        fail(line, "`%s` cannot be `%.60s`", key, word);
    }
    return 0;
}

static const char *by_name(int index)
{
    return sf_record_end_by_name((enum sf_end_by)index);
}

static const char *how_name(int index)
{
    return sf_record_end_how_name((enum sf_end_how)index);
}

static const char *stop_name(int index)
{
    return sf_record_stop_name((enum sf_stop)index);
}

/* Types. */

static void read_argv(struct line *line)
{
    size_t count = 0;
    const struct sf_slice *words = get_list(line, "argv", &count);
    const char **argv = get_memory(line, (count + 1) * sizeof(*argv));

    for (size_t i = 0; i < count && argv != NULL; i++) {
        argv[i] = words[i].ptr;
    }
    line->record->u.run.argv = argv;
    line->record->u.run.argc = argv == NULL ? 0 : count;
}

static void read_run(struct line *line)
{
    struct sf_record *record = line->record;

    if (get_number(line, "schema") != SF_RECORD_SCHEMA) {
        fail(line, "its schema is not %d", SF_RECORD_SCHEMA);
    }
    record->u.run.version = get_text(line, "version");
    record->u.run.seed = get_number(line, "seed");
    record->u.run.speed = get_real(line, "speed");
    record->u.run.wall_clock = get_text(line, "time");
    read_argv(line);
}

static void read_listen(struct line *line)
{
    line->record->u.listen.url = get_text(line, "url");
}

static void read_connect(struct line *line)
{
    line->record->u.connect.peer = get_text(line, "peer");
}

static void read_disconnect(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.disconnect.by =
        (enum sf_end_by)find_word(line, "by", by_name, SF_END_BY_SERVER + 1);
    record->u.disconnect.how =
        (enum sf_end_how)find_word(line, "how", how_name, SF_END_ABRUPT + 1);
    record->u.disconnect.bytes_in = get_number(line, "bytes_in");
    record->u.disconnect.bytes_out = get_number(line, "bytes_out");
    record->u.disconnect.unread = get_number(line, "unread");
    record->u.disconnect.duration_us = get_us(line, "duration");
    record->u.disconnect.waiting = get_rule(line);
}

/* Parameters are in the line as well and nobody asks for them. */
static void read_command(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.command.n = get_number(line, "n");
    record->u.command.event = get_text(line, "event");
    record->u.command.line = get_octets(line, "line");
    record->u.command.sender = get_octets(line, "sender");
    record->u.command.has_sender = record->u.command.sender.ptr != NULL;
    record->u.command.recipient = get_octets(line, "recipient");
    record->u.command.has_recipient = record->u.command.recipient.ptr != NULL;
    record->u.command.is_pipelined = get_bool(line, "pipelined");
    record->u.command.is_cancelled = get_bool(line, "cancelled");
}

static void read_reply(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.reply.n = get_number(line, "n");
    record->u.reply.event = find_text(line, "event");
    record->u.reply.code = get_int(line, "code");
    record->u.reply.enhanced = get_octets(line, "enhanced");
    record->u.reply.lines =
        get_list(line, "lines", &record->u.reply.line_count);
    record->u.reply.rule = get_rule(line);
}

static void read_auth(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.auth.mechanism = find_text(line, "mechanism");
    record->u.auth.user = get_octets(line, "user");
    record->u.auth.is_ok = get_bool(line, "ok");
    record->u.auth.code = get_int(line, "code");
}

static void read_fired(struct line *line)
{
    line->record->u.fired.rule = get_rule(line);
    line->record->u.fired.event = get_text(line, "event");
    line->record->u.fired.count = get_number(line, "count");
}

static void read_fault(struct line *line)
{
    line->record->u.fault.rule = get_rule(line);
    line->record->u.fault.event = get_text(line, "event");
    line->record->u.fault.action = get_text(line, "action");
    line->record->u.fault.value = get_octets(line, "value");
}

static void read_tls(struct line *line)
{
    struct sf_tls_info *info = &line->record->u.tls.info;

    info->version = find_text(line, "version");
    info->cipher = find_text(line, "cipher");
    info->sni = find_text(line, "sni");
    info->alert = find_text(line, "alert");
    line->record->u.tls.ok = get_bool(line, "ok");
}

static void read_message(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.message.id = get_text(line, "id");
    record->u.message.message_id = get_octets(line, "message_id");
    record->u.message.sha256 = get_text(line, "sha256");
    record->u.message.octets = get_number(line, "octets");
    record->u.message.sender = get_octets(line, "sender");
    record->u.message.recipients =
        get_list(line, "recipients", &record->u.message.recipient_count);
    record->u.message.accepted =
        get_list(line, "accepted", &record->u.message.accepted_count);
    record->u.message.duplicate_of = find_text(line, "duplicate_of");
    record->u.message.file = find_text(line, "file");
}

static void read_violation(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.violation.id = get_text(line, "id");
    record->u.violation.level = get_text(line, "level");
    record->u.violation.rfc = get_text(line, "rfc");
    record->u.violation.text = get_text(line, "text");
    record->u.violation.bytes = get_octets(line, "bytes");
}

static void read_exit(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.exit.status = get_int(line, "status");
    record->u.exit.signal = get_int(line, "signal");
    record->u.exit.standard_output = get_octets(line, "stdout");
    record->u.exit.standard_error = get_octets(line, "stderr");
    record->u.exit.is_cut = get_bool(line, "cut");
    record->u.exit.stop = (enum sf_stop)find_word(line, "stopped", stop_name,
                                                  SF_STOP_FAILURE + 1);
    record->u.exit.duration_us = get_us(line, "duration");
    record->u.exit.cpu_us = get_us(line, "cpu_s");
    record->u.exit.memory_bytes = get_number(line, "memory");
}

static void read_expectation(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.expectation.label = find_text(line, "label");
    record->u.expectation.key = get_text(line, "key");
    record->u.expectation.expected = get_text(line, "expected");
    record->u.expectation.actual = get_text(line, "actual");
    record->u.expectation.ok = get_bool(line, "ok");
    record->u.expectation.is_unreached = get_bool(line, "unreached");
}

static void read_verdict(struct line *line)
{
    struct sf_record *record = line->record;

    record->u.verdict.ok = get_bool(line, "ok");
    record->u.verdict.failed = get_number(line, "failed");
    record->u.verdict.unreached = get_number(line, "unreached");
    record->u.verdict.exit_status = get_int(line, "exit_status");
}

typedef void read_fn(struct line *line);

static read_fn *const readers[SF_RECORD_COUNT] = {
    [SF_RECORD_RUN] = read_run,
    [SF_RECORD_LISTEN] = read_listen,
    [SF_RECORD_CONNECT] = read_connect,
    [SF_RECORD_DISCONNECT] = read_disconnect,
    [SF_RECORD_COMMAND] = read_command,
    [SF_RECORD_REPLY] = read_reply,
    [SF_RECORD_AUTH] = read_auth,
    [SF_RECORD_FIRED] = read_fired,
    [SF_RECORD_FAULT] = read_fault,
    [SF_RECORD_TLS] = read_tls,
    [SF_RECORD_MESSAGE] = read_message,
    [SF_RECORD_VIOLATION] = read_violation,
    [SF_RECORD_EXIT] = read_exit,
    [SF_RECORD_EXPECTATION] = read_expectation,
    [SF_RECORD_VERDICT] = read_verdict,
};

/* Lines. */

static int read_object(struct line *line)
{
    const char *type = NULL;
    unsigned i = 0;

    if (!json_is_object(line->object)) {
        fail(line, "it is no JSON object");
        return line->err;
    }
    type = get_text(line, "type");
    while (i < SF_RECORD_COUNT &&
           strcmp(sf_record_type_name((enum sf_record_type)i), type) != 0) {
        i++;
    }
    if (type[0] == '\0' || json_object_get(line->object, "t") == NULL) {
        fail(line, "it lacks `t` or `type`");
    }
    if (line->err != 0 || i == SF_RECORD_COUNT) {
        return line->err != 0 ? line->err : SF_ENOTFOUND;
    }
    line->record->type = (enum sf_record_type)i;
    line->record->t_us = get_us(line, "t");
    line->record->session = get_number(line, "session");
    line->record->transaction = get_number(line, "transaction");
    line->record->listener = find_text(line, "listener");
    readers[i](line);
    return line->err;
}

/* A seed may be greater than what jansson has for integers: all numbers of
 * such a line are then read as reals. */
static json_t *parse(struct sf_slice text, json_error_t *error)
{
    json_t *object = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, error);

    if (object == NULL &&
        json_error_code(error) == json_error_numeric_overflow) {
        object = json_loadb(text.ptr, text.len,
                            JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);
    }
    return object;
}

int sf_journal_read(struct sf_journal_reader *reader,
                    struct sf_slice text,
                    struct sf_record *out_record)
{
    struct sf_record record = {0};
    struct line line = {.reader = reader, .record = &record};
    json_error_t error;
    json_t *object = parse(text, &error);
    int err = 0;

    sf_arena_fini(&reader->arena);
    sf_arena_init(&reader->arena);
    if (object == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory) {
            return SF_ENOMEM;
        }
        fail(&line, "it is no JSON: %s", error.text);
        return SF_ESYNTAX;
    }
    line.object = object;
    err = read_object(&line);
    json_decref(object);
    if (err == 0) {
        *out_record = record;
    }
    return err;
}

void sf_journal_reader_init(struct sf_journal_reader *reader)
{
    *reader = (struct sf_journal_reader){.error = ""};
    sf_arena_init(&reader->arena);
}

void sf_journal_reader_fini(struct sf_journal_reader *reader)
{
    sf_arena_fini(&reader->arena);
}
