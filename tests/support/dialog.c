/* dialog.c - runs a written conversation against the engine (see dialog.h). */
#include "dialog.h"

#include "smtpfault.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS_MAX 16
#define SETTINGS_MAX 8
#define WORD_MAX     64
#define LINE_MAX     4096
#define INLINE_NAME  "inline.ini"
#define SCENARIO_DIR "tests/scenario/good/"
#define STEPS_MAX    100000
#define US_PER_MS    1000u
#define RANDOM_PIECE 40u /* octets; longest piece of a random cut */
#define SHOWN_MAX    200 /* octets of a line in a message */
#define REPEATED_MAX (64u << 20)

struct octets {
    char *ptr;
    size_t len;
};

struct client {
    struct sf_session *engine;
    char address[WORD_MAX];
    char listener[WORD_MAX];
    struct octets untaken; /* sent by the client, not taken by the engine */
    struct octets output;  /* sent by the engine, named by no S line yet */
    enum sf_control control;
    bool has_control; /* returned by the engine, named by no S line yet */
    bool is_closed;
};

struct dialog {
    const char *name;
    unsigned line;
    char *error;
    size_t error_size;
    bool is_failed;

    enum dialog_chunking chunking;
    uint32_t random;

    struct octets inline_text;
    char scenario_name[WORD_MAX];
    char settings[SETTINGS_MAX][2][WORD_MAX];
    size_t setting_count;
    double speed;
    uint64_t seed;
    enum sf_protocol protocol;
    char address[WORD_MAX];
    char listener[WORD_MAX];
    bool is_in_scenario;

    struct sf_scenario *scenario;
    struct sf_run *run;
    uint64_t now_us;
    struct client clients[SESSIONS_MAX];
    size_t client_count;
    size_t current;
    struct octets sending; /* of consecutive C: and C= lines */
};

__attribute__((format(printf, 2, 3))) static void
fail(struct dialog *dialog, const char *format, ...)
{
    va_list args;
    int len;

    if (dialog->is_failed) {
        return;
    }
    dialog->is_failed = true;
    len = snprintf(dialog->error, dialog->error_size,
                   "%s:%u: +%" PRIu64 " ms: ", dialog->name, dialog->line,
                   dialog->now_us / US_PER_MS);
    if (len < 0 || (size_t)len >= dialog->error_size) {
        return;
    }
    va_start(args, format);
    vsnprintf(dialog->error + len, dialog->error_size - (size_t)len, format,
              args);
    va_end(args);
}

/* ---- Octets ------------------------------------------------------------- */

static void
append(struct dialog *dialog, struct octets *to, const char *ptr, size_t len)
{
    char *grown;

    if (len == 0) {
        return;
    }
    grown = realloc(to->ptr, to->len + len);
    if (grown == NULL) {
        fail(dialog, "out of memory");
        return;
    }
    memcpy(grown + to->len, ptr, len);
    to->ptr = grown;
    to->len += len;
}

static void consume(struct octets *from, size_t len)
{
    if (len > 0) {
        memmove(from->ptr, from->ptr + len, from->len - len);
        from->len -= len;
    }
}

static void discard(struct octets *octets)
{
    free(octets->ptr);
    octets->ptr = NULL;
    octets->len = 0;
}

/* Length of the first line without its CRLF; SIZE_MAX without a CRLF. */
static size_t line_length(const struct octets *octets)
{
    for (size_t i = 0; i + 1 < octets->len; i++) {
        if (octets->ptr[i] == '\r' && octets->ptr[i + 1] == '\n') {
            return i;
        }
    }
    return SIZE_MAX;
}

/* The first line of what a client got, for messages. */
static const char *show(const struct client *client, char out[SHOWN_MAX])
{
    size_t len = line_length(&client->output);
    bool has_end = len != SIZE_MAX;

    if (client->output.len == 0) {
        return client->has_control ? "the connection's end" : "nothing";
    }
    if (!has_end) {
        len = client->output.len;
    }
    if (len > SHOWN_MAX / 2) {
        len = SHOWN_MAX / 2;
    }
    snprintf(out, SHOWN_MAX, "`%.*s`%s", (int)len, client->output.ptr,
             has_end ? "" : " without CRLF");
    return out;
}

/* ---- The engine -----------------------------------------------------------
 */

static int ignore_record(void *ctx, const struct sf_record *record)
{
    (void)ctx;
    (void)record;
    return 0;
}

/* An inline scenario is found under a name of its own; others in the tests'
 * directory; what is not there the loader looks up in the bundle. */
static int
read_scenario(void *ctx, const char *path, char **out_text, size_t *out_len)
{
    struct dialog *dialog = ctx;
    char full[sizeof(SCENARIO_DIR) + WORD_MAX + sizeof(".ini")];

    if (strcmp(path, INLINE_NAME) == 0) {
        *out_text = malloc(dialog->inline_text.len + 1);
        if (*out_text == NULL) {
            return SF_ENOMEM;
        }
        *out_len = dialog->inline_text.len;
        if (*out_len > 0) {
            memcpy(*out_text, dialog->inline_text.ptr, *out_len);
        }
        (*out_text)[*out_len] = '\0';
        return 0;
    }
    snprintf(full, sizeof(full), SCENARIO_DIR "%.*s.ini", WORD_MAX, path);
    *out_text = dialog_read_file(full, out_len);
    return *out_text == NULL ? SF_ENOTFOUND : 0;
}

static void load_scenario(struct dialog *dialog)
{
    const char *path = dialog->scenario_name;
    struct sf_setting settings[SETTINGS_MAX];
    struct sf_load load = {.paths = &path,
                           .path_count = 1,
                           .settings = settings,
                           .setting_count = dialog->setting_count,
                           .read = read_scenario,
                           .read_ctx = dialog};
    struct sf_diags *diags = sf_diags_new();
    char text[LINE_MAX] = "";

    for (size_t i = 0; i < dialog->setting_count; i++) {
        settings[i].name = dialog->settings[i][0];
        settings[i].value = dialog->settings[i][1];
    }
    if (diags == NULL) {
        fail(dialog, "out of memory");
        return;
    }
    if (sf_scenario_load(&load, diags, &dialog->scenario) != 0) {
        if (sf_diags_len(diags) > 0) {
            sf_diag_format(sf_diags_get(diags, 0), text, sizeof(text));
        }
        fail(dialog, "the scenario does not load: %s", text);
    }
    sf_diags_free(diags);
}

static void start_run(struct dialog *dialog)
{
    struct sf_run_config config = {
        .sink = {.write = ignore_record, .mask = UINT32_MAX}};

    if (dialog->scenario_name[0] == '\0') {
        memcpy(dialog->scenario_name, INLINE_NAME, sizeof(INLINE_NAME));
    }
    load_scenario(dialog);
    if (dialog->is_failed) {
        return;
    }
    config.scenario = dialog->scenario;
    config.seed = dialog->seed;
    config.speed = dialog->speed;
    dialog->run = sf_run_new(&config);
    if (dialog->run == NULL) {
        fail(dialog, "out of memory");
    }
}

/* The driver's part of the end: what the engine asked for is done at once, and
 * the engine told so. */
static void close_client(struct dialog *dialog, struct client *client)
{
    struct sf_step step = {.kind = SF_STEP_CLOSED,
                           .now_us = dialog->now_us,
                           .len = client->untaken.len};
    struct sf_effects effects = {0};

    client->is_closed = true;
    if (sf_session_step(client->engine, &step, &effects) != 0) {
        fail(dialog, "the engine failed when told of the end");
    }
    discard(&client->untaken);
}

/* One step and its effects.  Returns how many octets were taken. */
static size_t
take_step(struct dialog *dialog, struct client *client, enum sf_step_kind kind)
{
    struct sf_step step = {.kind = kind, .now_us = dialog->now_us};
    struct sf_effects effects = {0};
    int rc;

    if (client->is_closed) {
        return 0;
    }
    if (kind == SF_STEP_INPUT) {
        step.data = client->untaken.ptr;
        step.len = client->untaken.len;
    }
    rc = sf_session_step(client->engine, &step, &effects);
    if (rc != 0) {
        fail(dialog, "the engine failed: %s", sf_strerror(rc));
        return 0;
    }
    append(dialog, &client->output, effects.output, effects.output_len);
    if (effects.taken > client->untaken.len) {
        fail(dialog, "the engine took more than there was");
        return 0;
    }
    consume(&client->untaken, effects.taken);
    /* Of a connection that broke nothing is left to close. */
    if (effects.control_count > 0 && kind != SF_STEP_RESET) {
        client->control = effects.controls[effects.control_count - 1];
        client->has_control = true;
    }
    if (effects.control_count > 0 || kind == SF_STEP_RESET) {
        close_client(dialog, client);
    }
    return effects.taken;
}

static void offer_input(struct dialog *dialog, struct client *client)
{
    if (client->untaken.len > 0 && !client->is_closed) {
        take_step(dialog, client, SF_STEP_INPUT);
    }
}

/* The open client whose deadline comes first, not later than `until_us`. */
static struct client *find_due(struct dialog *dialog, uint64_t until_us)
{
    struct client *first = NULL;
    uint64_t first_us = until_us;

    for (size_t i = 0; i < dialog->client_count; i++) {
        struct client *client = &dialog->clients[i];
        uint64_t deadline_us;

        if (client->is_closed) {
            continue;
        }
        deadline_us = sf_session_deadline(client->engine);
        if (deadline_us <= until_us &&
            (first == NULL || deadline_us < first_us)) {
            first = client;
            first_us = deadline_us;
        }
    }
    return first;
}

/* Serves every deadline up to then, each in its own microsecond. */
static void serve_deadlines(struct dialog *dialog, uint64_t until_us)
{
    struct client *client;
    unsigned count = 0;

    while (!dialog->is_failed &&
           (client = find_due(dialog, until_us)) != NULL) {
        uint64_t deadline_us = sf_session_deadline(client->engine);

        if (++count > STEPS_MAX) {
            fail(dialog, "the engine's deadline does not move on");
            return;
        }
        if (deadline_us > dialog->now_us) {
            dialog->now_us = deadline_us;
        }
        take_step(dialog, client, SF_STEP_TIME);
        offer_input(dialog, client);
    }
}

static void feed_piece(struct dialog *dialog,
                       struct client *client,
                       const char *ptr,
                       size_t len)
{
    append(dialog, &client->untaken, ptr, len);
    offer_input(dialog, client);
    serve_deadlines(dialog, dialog->now_us);
}

static size_t next_piece(struct dialog *dialog, size_t left)
{
    size_t piece = left;

    if (dialog->chunking == DIALOG_OCTETS) {
        piece = 1;
    } else if (dialog->chunking == DIALOG_RANDOM) {
        dialog->random = dialog->random * 1664525u + 1013904223u;
        piece = 1 + (dialog->random >> 16) % RANDOM_PIECE;
    }
    return piece < left ? piece : left;
}

/* Sends what the C lines since the last other line say. */
static void send_lines(struct dialog *dialog)
{
    struct client *client = &dialog->clients[dialog->current];
    size_t at = 0;

    while (at < dialog->sending.len && !client->is_closed &&
           !dialog->is_failed) {
        size_t piece = next_piece(dialog, dialog->sending.len - at);

        feed_piece(dialog, client, dialog->sending.ptr + at, piece);
        at += piece;
    }
    discard(&dialog->sending);
}

/* ---- Expectations -----------------------------------------------------------
 */

static void expect_silence(struct dialog *dialog, const struct client *client)
{
    char shown[SHOWN_MAX];

    if (client->output.len > 0 || client->has_control) {
        fail(dialog, "session %zu: unexpected: %s",
             (size_t)(client - dialog->clients) + 1, show(client, shown));
    }
}

static void expect_silence_of_all(struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->client_count; i++) {
        expect_silence(dialog, &dialog->clients[i]);
    }
}

/* `*` stands for any octets, `?` for one. */
static bool matches(const char *pattern, const char *text, size_t len)
{
    const char *star = NULL;
    size_t at = 0;
    size_t star_at = 0;

    while (at < len) {
        if (*pattern == '*') {
            star = pattern++;
            star_at = at;
        } else if (*pattern == '?' || (*pattern == text[at] && *pattern)) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

static struct client *get_client(struct dialog *dialog)
{
    if (dialog->current >= dialog->client_count) {
        fail(dialog, "no session is open");
        return NULL;
    }
    return &dialog->clients[dialog->current];
}

static void expect_line(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);
    char shown[SHOWN_MAX];
    size_t len;

    if (client == NULL) {
        return;
    }
    len = line_length(&client->output);
    if (len == SIZE_MAX || len != strlen(text) ||
        memcmp(client->output.ptr, text, len) != 0) {
        fail(dialog, "expected `%s`, got %s", text, show(client, shown));
        return;
    }
    consume(&client->output, len + 2);
}

static void expect_pattern(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);
    char shown[SHOWN_MAX];
    size_t len;

    if (client == NULL) {
        return;
    }
    len = line_length(&client->output);
    if (len == SIZE_MAX || !matches(text, client->output.ptr, len)) {
        fail(dialog, "expected `%s`, got %s", text, show(client, shown));
        return;
    }
    consume(&client->output, len + 2);
}

static void expect_reply(struct dialog *dialog, char *code)
{
    struct client *client = get_client(dialog);
    char shown[SHOWN_MAX];
    bool is_last = false;

    while (client != NULL && !is_last) {
        size_t len = line_length(&client->output);

        if (len == SIZE_MAX || len < 3 || strlen(code) != 3 ||
            memcmp(client->output.ptr, code, 3) != 0) {
            fail(dialog, "expected a reply %s, got %s", code,
                 show(client, shown));
            return;
        }
        is_last = len == 3 || client->output.ptr[3] != '-';
        consume(&client->output, len + 2);
    }
}

static void expect_end(struct dialog *dialog, char *word)
{
    struct client *client = get_client(dialog);
    bool is_reset = strcmp(word, "reset") == 0;
    char shown[SHOWN_MAX];

    if (client == NULL) {
        return;
    }
    if (!is_reset && strcmp(word, "close") != 0) {
        fail(dialog, "`S!` knows close and reset");
        return;
    }
    if (client->output.len > 0 || !client->has_control ||
        (client->control == SF_CONTROL_RESET) != is_reset) {
        fail(dialog, "expected a %s, got %s", word, show(client, shown));
        return;
    }
    client->has_control = false;
}

/* ---- The client's lines -----------------------------------------------------
 */

static void say_line(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);

    if (client != NULL) {
        expect_silence(dialog, client);
        append(dialog, &dialog->sending, text, strlen(text));
        append(dialog, &dialog->sending, "\r\n", 2);
    }
}

static char unescape(char **at)
{
    static const char names[] = "rnt0\\\"";
    static const char values[] = "\r\n\t\0\\\"";
    char c = *(*at)++;
    const char *found;

    if (c != '\\') {
        return c;
    }
    c = *(*at)++;
    if (c == 'x') {
        char digits[3] = {0};

        memcpy(digits, *at, strnlen(*at, 2));
        *at += strlen(digits);
        return (char)strtoul(digits, NULL, 16);
    }
    found = strchr(names, c);
    return found != NULL && c != '\0' ? values[found - names] : c;
}

/* The `* 12K` behind a quoted piece; 1 without. */
static size_t parse_repetition(char **at)
{
    unsigned long count;

    *at += strspn(*at, " ");
    if (**at != '*') {
        return 1;
    }
    count = strtoul(*at + 1, at, 10);
    if (**at == 'K' || **at == 'M') {
        count <<= **at == 'K' ? 10 : 20;
        (*at)++;
    }
    *at += strspn(*at, " ");
    return count;
}

static void say_octets(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);

    if (client == NULL) {
        return;
    }
    expect_silence(dialog, client);
    while (*text == '"' && !dialog->is_failed) {
        char piece[LINE_MAX];
        size_t len = 0;
        size_t count;

        text++;
        while (*text != '"' && *text != '\0') {
            piece[len++] = unescape(&text);
        }
        text += *text == '"';
        count = parse_repetition(&text);
        if (len * count > REPEATED_MAX) {
            fail(dialog, "that is too much to repeat");
        }
        for (size_t i = 0; i < count && !dialog->is_failed; i++) {
            append(dialog, &dialog->sending, piece, len);
        }
    }
    if (*text != '\0') {
        fail(dialog, "expected a quoted piece at `%s`", text);
    }
}

static void end_client(struct dialog *dialog, char *word)
{
    struct client *client = get_client(dialog);
    bool is_reset = strcmp(word, "reset") == 0;

    if (client == NULL) {
        return;
    }
    if (!is_reset && strcmp(word, "eof") != 0) {
        fail(dialog, "`C!` knows eof and reset");
        return;
    }
    expect_silence(dialog, client);
    take_step(dialog, client, is_reset ? SF_STEP_RESET : SF_STEP_EOF);
    offer_input(dialog, client);
    serve_deadlines(dialog, dialog->now_us);
}

/* ---- What happens around
 * ------------------------------------------------------ */

static void open_client(struct dialog *dialog, char *rest)
{
    struct client *client = &dialog->clients[dialog->client_count];
    struct sf_session_config config = {.protocol = dialog->protocol,
                                       .listener = client->listener,
                                       .client = client->address,
                                       .port = 40000};

    (void)rest;
    if (dialog->run == NULL) {
        start_run(dialog);
    }
    if (dialog->is_failed || dialog->client_count == SESSIONS_MAX) {
        fail(dialog, "too many sessions");
        return;
    }
    memcpy(client->address, dialog->address, WORD_MAX);
    memcpy(client->listener, dialog->listener, WORD_MAX);
    client->engine = sf_session_new(dialog->run, &config);
    if (client->engine == NULL) {
        fail(dialog, "out of memory");
        return;
    }
    dialog->current = dialog->client_count++;
    take_step(dialog, client, SF_STEP_OPEN);
    serve_deadlines(dialog, dialog->now_us);
}

static void shut_down(struct dialog *dialog, char *rest)
{
    (void)rest;
    for (size_t i = 0; i < dialog->client_count; i++) {
        take_step(dialog, &dialog->clients[i], SF_STEP_SHUTDOWN);
    }
    serve_deadlines(dialog, dialog->now_us);
}

static void
copy_word(struct dialog *dialog, char out[WORD_MAX], const char *word)
{
    if (strlen(word) >= WORD_MAX) {
        fail(dialog, "`%s` is too long", word);
        return;
    }
    memcpy(out, word, strlen(word) + 1);
}

static void set_scenario(struct dialog *dialog, char *name)
{
    dialog->is_in_scenario = *name == '\0';
    copy_word(dialog, dialog->scenario_name,
              dialog->is_in_scenario ? INLINE_NAME : name);
}

static void set_name(struct dialog *dialog, char *text)
{
    char *equals = strchr(text, '=');

    if (equals == NULL || dialog->setting_count == SETTINGS_MAX) {
        fail(dialog, "`set` takes NAME=VALUE, %d times", SETTINGS_MAX);
        return;
    }
    *equals = '\0';
    copy_word(dialog, dialog->settings[dialog->setting_count][0], text);
    copy_word(dialog, dialog->settings[dialog->setting_count][1], equals + 1);
    dialog->setting_count++;
}

static void set_speed(struct dialog *dialog, char *text)
{
    dialog->speed = strtod(text, NULL);
}

static void set_seed(struct dialog *dialog, char *text)
{
    dialog->seed = strtoull(text, NULL, 10);
}

static void set_protocol(struct dialog *dialog, char *text)
{
    bool is_lmtp = strcmp(text, "lmtp") == 0;

    dialog->protocol = is_lmtp ? SF_PROTOCOL_LMTP : SF_PROTOCOL_SMTP;
    if (!is_lmtp && strcmp(text, "smtp") != 0) {
        fail(dialog, "`protocol` knows smtp and lmtp");
    }
}

static void set_client(struct dialog *dialog, char *text)
{
    copy_word(dialog, dialog->address, text);
}

static void set_listener(struct dialog *dialog, char *text)
{
    copy_word(dialog, dialog->listener, text);
}

/* ---- Lines
 * ------------------------------------------------------------------- */

static const struct directive {
    const char *word;
    void (*apply)(struct dialog *dialog, char *rest);
    bool is_setup; /* only before the first session */
} directives[] = {
    {"C:", say_line, false},          {"C=", say_octets, false},
    {"C!", end_client, false},        {"S:", expect_line, false},
    {"S~", expect_pattern, false},    {"S*", expect_reply, false},
    {"S!", expect_end, false},        {"open", open_client, false},
    {"shutdown", shut_down, false},   {"protocol", set_protocol, false},
    {"client", set_client, false},    {"listener", set_listener, false},
    {"scenario", set_scenario, true}, {"set", set_name, true},
    {"speed", set_speed, true},       {"seed", set_seed, true},
};

static const struct directive *find_directive(const char *word, size_t len)
{
    size_t count = sizeof(directives) / sizeof(directives[0]);

    for (size_t i = 0; i < count; i++) {
        if (strlen(directives[i].word) == len &&
            memcmp(directives[i].word, word, len) == 0) {
            return &directives[i];
        }
    }
    return NULL;
}

/* Takes `[N] ` and `+N ` from the front of a line. */
static char *run_prefixes(struct dialog *dialog, char *line)
{
    if (*line == '[' && isdigit((unsigned char)line[1])) {
        unsigned long number = strtoul(line + 1, &line, 10);

        line += *line == ']';
        line += strspn(line, " ");
        send_lines(dialog);
        if (number == 0 || number > dialog->client_count) {
            fail(dialog, "session %lu was not opened", number);
            return line;
        }
        dialog->current = number - 1;
    }
    if (*line == '+') {
        unsigned long delay_ms = strtoul(line + 1, &line, 10);
        uint64_t until_us = dialog->now_us + delay_ms * (uint64_t)US_PER_MS;

        send_lines(dialog);
        expect_silence_of_all(dialog);
        serve_deadlines(dialog, until_us);
        dialog->now_us = until_us;
        line += strspn(line, " ");
    }
    return line;
}

static void run_line(struct dialog *dialog, char *line)
{
    const struct directive *directive;
    size_t len;

    if (dialog->is_in_scenario && (strncmp(line, "    ", 4) == 0 || !*line)) {
        line += *line != '\0' ? 4 : 0;
        append(dialog, &dialog->inline_text, line, strlen(line));
        append(dialog, &dialog->inline_text, "\n", 1);
        return;
    }
    if (*line == '\0' || *line == ';') {
        return;
    }
    dialog->is_in_scenario = false;
    line = run_prefixes(dialog, line);
    len = strcspn(line, " ");
    if (len == 0 || dialog->is_failed) {
        return;
    }
    directive = find_directive(line, len);
    if (directive == NULL) {
        fail(dialog, "`%s` is no line of a dialog", line);
        return;
    }
    if (directive->is_setup && dialog->run != NULL) {
        fail(dialog, "`%s` comes too late", directive->word);
        return;
    }
    if (directive->apply != say_line && directive->apply != say_octets) {
        send_lines(dialog);
    }
    line += len;
    line += *line == ' ';
    directive->apply(dialog, line);
}

static void run_lines(struct dialog *dialog, const char *text)
{
    char line[LINE_MAX];

    while (*text != '\0' && !dialog->is_failed) {
        size_t len = strcspn(text, "\n");

        dialog->line++;
        if (len >= sizeof(line)) {
            fail(dialog, "the line is too long");
            return;
        }
        memcpy(line, text, len);
        line[len] = '\0';
        run_line(dialog, line);
        text += len + (text[len] == '\n');
    }
    send_lines(dialog);
    expect_silence_of_all(dialog);
    if (dialog->client_count == 0) {
        fail(dialog, "no session was opened");
    }
}

static void end_dialog(struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->client_count; i++) {
        struct client *client = &dialog->clients[i];

        if (!client->is_closed) {
            close_client(dialog, client);
        }
        sf_session_free(client->engine);
        discard(&client->untaken);
        discard(&client->output);
    }
    sf_run_free(dialog->run);
    sf_scenario_free(dialog->scenario);
    discard(&dialog->inline_text);
    discard(&dialog->sending);
}

bool dialog_run_text(const char *name,
                     const char *text,
                     enum dialog_chunking chunking,
                     char *error,
                     size_t error_size)
{
    struct dialog *dialog = calloc(1, sizeof(*dialog));
    bool is_passed;

    if (dialog == NULL) {
        snprintf(error, error_size, "%s: out of memory", name);
        return false;
    }
    dialog->name = name;
    dialog->error = error;
    dialog->error_size = error_size;
    dialog->chunking = chunking;
    dialog->random = 1;
    dialog->speed = 1;
    dialog->seed = 1;
    copy_word(dialog, dialog->address, "192.0.2.1");
    copy_word(dialog, dialog->listener, "default");
    run_lines(dialog, text);
    end_dialog(dialog);
    is_passed = !dialog->is_failed;
    free(dialog);
    return is_passed;
}

char *dialog_read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;

    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
    }
    if (text != NULL) {
        *out_len = fread(text, 1, (size_t)size, file);
        text[*out_len] = '\0';
    }
    fclose(file);
    return text;
}

bool dialog_run(const char *path,
                enum dialog_chunking chunking,
                char *error,
                size_t error_size)
{
    size_t len;
    char *text = dialog_read_file(path, &len);
    bool is_passed;

    if (text == NULL) {
        snprintf(error, error_size, "%s: cannot be read", path);
        return false;
    }
    is_passed = dialog_run_text(path, text, chunking, error, error_size);
    free(text);
    return is_passed;
}
