/* dialog.c - the language of dialogs: lines become steps and expectations
 * (see dialog.h). */
#include "dialog.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog_engine.h"

#define LINE_MAX     4096
#define SHOWN_MAX    200 /* octets of a line in a message */
#define REPEATED_MAX (64u << 20)

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
        return client->has_control       ? "the connection's end"
               : client->offered != NULL ? "a handshake"
                                         : "nothing";
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

/* Expectations. */

static void expect_silence(struct dialog *dialog, const struct client *client)
{
    char shown[SHOWN_MAX];

    if (client->output.len > 0 || client->has_control ||
        client->offered != NULL) {
        dialog_fail(dialog, "session %zu: unexpected: %s",
                    (size_t)(client - dialog->clients) + 1,
                    show(client, shown));
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
        dialog_fail(dialog, "no session is open");
        return NULL;
    }
    return &dialog->clients[dialog->current];
}

static bool equals(const char *text, const char *line, size_t len)
{
    return len == strlen(text) && memcmp(line, text, len) == 0;
}

/* The next line of output has to agree with the text. */
static void
expect_agreement(struct dialog *dialog,
                 const char *text,
                 bool (*agrees)(const char *text, const char *line, size_t len))
{
    struct client *client = get_client(dialog);
    char shown[SHOWN_MAX];
    size_t len;

    if (client == NULL) {
        return;
    }
    len = line_length(&client->output);
    if (len == SIZE_MAX || !agrees(text, client->output.ptr, len)) {
        dialog_fail(dialog, "expected `%s`, got %s", text, show(client, shown));
        return;
    }
    dialog_consume(&client->output, len + 2);
}

static void expect_line(struct dialog *dialog, char *text)
{
    expect_agreement(dialog, text, equals);
}

static void expect_pattern(struct dialog *dialog, char *text)
{
    expect_agreement(dialog, text, matches);
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
            dialog_fail(dialog, "expected a reply %s, got %s", code,
                        show(client, shown));
            return;
        }
        is_last = len == 3 || client->output.ptr[3] != '-';
        dialog_consume(&client->output, len + 2);
    }
}

/* `tls`, and what is wrong with the handshake. */
static void describe_handshake(const struct sf_tls_profile *profile,
                               char text[SHOWN_MAX])
{
    static const char *const certificates[] = {"",
                                               " expired",
                                               " not-yet-valid",
                                               " wrong-host",
                                               " self-signed",
                                               " untrusted",
                                               " missing-intermediate",
                                               " weak-key"};
    static const char *const cuts[] = {
        "", " until client-hello", " until server-hello", " until finished"};
    size_t len = (size_t)snprintf(
        text, SHOWN_MAX, "tls%s%s%s", certificates[profile->certificate],
        cuts[profile->cut], profile->keeps_input ? " keep-input" : "");

    if (profile->min != SF_TLS_ANY_VERSION) {
        len += (size_t)snprintf(text + len, SHOWN_MAX - len, " min 1.%d",
                                (int)profile->min - SF_TLS_1_0);
    }
    if (profile->max != SF_TLS_ANY_VERSION) {
        (void)snprintf(text + len, SHOWN_MAX - len, " max 1.%d",
                       (int)profile->max - SF_TLS_1_0);
    }
}

static void
expect_handshake(struct dialog *dialog, struct client *client, const char *text)
{
    char shown[SHOWN_MAX] = "none";

    if (client->offered != NULL) {
        describe_handshake(client->offered, shown);
    }
    if (client->output.len > 0) {
        dialog_fail(dialog, "expected `%s`, got %s", text, show(client, shown));
    } else if (strcmp(shown, text) != 0) {
        dialog_fail(dialog, "expected `%s`, got `%s`", text, shown);
    } else {
        client->offered = NULL;
    }
}

static void expect_end(struct dialog *dialog, char *word)
{
    static const struct {
        const char *word;
        enum sf_control control;
    } ends[] = {{"close", SF_CONTROL_CLOSE},
                {"reset", SF_CONTROL_RESET},
                {"half", SF_CONTROL_HALF},
                {"abrupt", SF_CONTROL_ABRUPT}};
    const size_t count = sizeof(ends) / sizeof(ends[0]);
    struct client *client = get_client(dialog);
    char shown[SHOWN_MAX];
    size_t i = 0;

    if (client == NULL) {
        return;
    }
    if (strncmp(word, "tls", 3) == 0) {
        expect_handshake(dialog, client, word);
        return;
    }
    while (i < count && strcmp(word, ends[i].word) != 0) {
        i++;
    }
    if (i == count) {
        dialog_fail(dialog, "`S!` knows close, reset, half, abrupt and tls");
    } else if (client->output.len > 0 || !client->has_control ||
               client->control != ends[i].control) {
        dialog_fail(dialog, "expected a %s, got %s", word, show(client, shown));
    } else {
        client->has_control = false;
    }
}

/* The next rule for clients that was broken. */
static void expect_breach(struct dialog *dialog, char *id)
{
    const size_t next = dialog->breach_named;

    dialog->is_watching = true;
    if (next == dialog->breach_count) {
        dialog_fail(dialog, "expected a violation of %s, saw none", id);
    } else if (strcmp(dialog->breaches[next], id) != 0) {
        dialog_fail(dialog, "expected a violation of %s, saw one of %s", id,
                    dialog->breaches[next]);
    } else {
        dialog->breach_named++;
    }
}

static void watch(struct dialog *dialog, char *rest)
{
    (void)rest;
    dialog->is_watching = true;
}

static void expect_no_more_breaches(struct dialog *dialog)
{
    if (dialog->is_watching && dialog->breach_named < dialog->breach_count) {
        dialog_fail(dialog, "a violation of %s that no V line names",
                    dialog->breaches[dialog->breach_named]);
    }
}

/* The client's lines. */

static void say_line(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);

    if (client != NULL) {
        expect_silence(dialog, client);
        dialog_append(dialog, &dialog->sending, text, strlen(text));
        dialog_append(dialog, &dialog->sending, "\r\n", 2);
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

/* Appends what quoted pieces say. */
static void read_octets(struct dialog *dialog, char *text, struct octets *to)
{
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
            dialog_fail(dialog, "that is too much to repeat");
        }
        for (size_t i = 0; i < count && !dialog->is_failed; i++) {
            dialog_append(dialog, to, piece, len);
        }
    }
    if (*text != '\0') {
        dialog_fail(dialog, "expected a quoted piece at `%s`", text);
    }
}

static void say_octets(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);

    if (client != NULL) {
        expect_silence(dialog, client);
        read_octets(dialog, text, &dialog->sending);
    }
}

static void expect_octets(struct dialog *dialog, char *text)
{
    struct client *client = get_client(dialog);
    struct octets wanted = {0};
    char shown[SHOWN_MAX];

    if (client == NULL) {
        return;
    }
    read_octets(dialog, text, &wanted);
    if (client->output.len < wanted.len ||
        memcmp(client->output.ptr, wanted.ptr, wanted.len) != 0) {
        dialog_fail(dialog, "expected these %zu octets, got %s", wanted.len,
                    show(client, shown));
    } else {
        dialog_consume(&client->output, wanted.len);
    }
    dialog_discard(&wanted);
}

/* What the client does beside sending. */
static void act(struct dialog *dialog, struct client *client, const char *word)
{
    static const char alert[] = "alert ";

    if (strcmp(word, "eof") == 0) {
        dialog_take_step(dialog, client, SF_STEP_EOF);
    } else if (strcmp(word, "reset") == 0) {
        dialog_take_step(dialog, client, SF_STEP_RESET);
    } else if (strcmp(word, "plain") == 0) {
        dialog_shake(dialog, client, "");
    } else if (strcmp(word, "abrupt") == 0) {
        dialog_take_abrupt_end(dialog, client);
    } else if (strcmp(word, "tls") == 0) {
        dialog_shake(dialog, client, NULL);
    } else if (strncmp(word, alert, sizeof(alert) - 1) == 0) {
        dialog_shake(dialog, client, word + sizeof(alert) - 1);
    } else {
        dialog_fail(dialog, "`C!` knows eof, reset, abrupt, tls, alert, plain");
    }
}

static void act_as_told(struct dialog *dialog, char *word)
{
    struct client *client = get_client(dialog);

    if (client == NULL) {
        return;
    }
    expect_silence(dialog, client);
    act(dialog, client, word);
    dialog_offer_input(dialog, client);
    dialog_serve_deadlines(dialog, dialog->now_us);
}

/* What happens around. */

static void open_client(struct dialog *dialog, char *rest)
{
    struct client *client = &dialog->clients[dialog->client_count];
    struct sf_session_config config = {.protocol = dialog->protocol,
                                       .listener = client->listener,
                                       .client = client->address,
                                       .tls = dialog->tls,
                                       .port = 40000};

    (void)rest;
    if (dialog->run == NULL) {
        dialog_start_run(dialog);
    }
    if (dialog->is_failed || dialog->client_count == DIALOG_SESSIONS_MAX) {
        dialog_fail(dialog, "too many sessions");
        return;
    }
    memcpy(client->address, dialog->address, DIALOG_WORD_MAX);
    memcpy(client->listener, dialog->listener, DIALOG_WORD_MAX);
    client->engine = sf_session_new(dialog->run, &config);
    if (client->engine == NULL) {
        dialog_fail(dialog, "out of memory");
        return;
    }
    dialog->current = dialog->client_count++;
    dialog_take_step(dialog, client, SF_STEP_OPEN);
    dialog_serve_deadlines(dialog, dialog->now_us);
}

static void shut_down(struct dialog *dialog, char *rest)
{
    (void)rest;
    for (size_t i = 0; i < dialog->client_count; i++) {
        dialog_take_step(dialog, &dialog->clients[i], SF_STEP_SHUTDOWN);
    }
    dialog_serve_deadlines(dialog, dialog->now_us);
}

static void
copy_word(struct dialog *dialog, char out[DIALOG_WORD_MAX], const char *word)
{
    if (strlen(word) >= DIALOG_WORD_MAX) {
        dialog_fail(dialog, "`%s` is too long", word);
        return;
    }
    memcpy(out, word, strlen(word) + 1);
}

static void set_scenario(struct dialog *dialog, char *name)
{
    dialog->is_in_scenario = *name == '\0';
    copy_word(dialog, dialog->scenario_name,
              dialog->is_in_scenario ? DIALOG_INLINE_NAME : name);
}

static void set_name(struct dialog *dialog, char *text)
{
    char *equals = strchr(text, '=');

    if (equals == NULL || dialog->setting_count == DIALOG_SETTINGS_MAX) {
        dialog_fail(dialog, "`set` takes NAME=VALUE, %d times",
                    DIALOG_SETTINGS_MAX);
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

static void set_tls(struct dialog *dialog, char *text)
{
    bool is_at_once = strcmp(text, "at-once") == 0;

    dialog->tls = is_at_once ? SF_TLS_AT_ONCE : SF_TLS_IF_ASKED;
    if (!is_at_once && strcmp(text, "if-asked") != 0) {
        dialog_fail(dialog, "`tls` knows at-once and if-asked");
    }
}

static void set_protocol(struct dialog *dialog, char *text)
{
    bool is_lmtp = strcmp(text, "lmtp") == 0;

    dialog->protocol = is_lmtp ? SF_PROTOCOL_LMTP : SF_PROTOCOL_SMTP;
    if (!is_lmtp && strcmp(text, "smtp") != 0) {
        dialog_fail(dialog, "`protocol` knows smtp and lmtp");
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

/* Lines. */

static const struct directive {
    const char *word;
    void (*apply)(struct dialog *dialog, char *rest);
    bool is_setup; /* only before the first session */
} directives[] = {
    {"C:", say_line, false},          {"C=", say_octets, false},
    {"C!", act_as_told, false},       {"S:", expect_line, false},
    {"S~", expect_pattern, false},    {"S*", expect_reply, false},
    {"S!", expect_end, false},        {"S=", expect_octets, false},
    {"open", open_client, false},     {"shutdown", shut_down, false},
    {"tls", set_tls, false},          {"protocol", set_protocol, false},
    {"client", set_client, false},    {"listener", set_listener, false},
    {"scenario", set_scenario, true}, {"set", set_name, true},
    {"speed", set_speed, true},       {"seed", set_seed, true},
    {"V:", expect_breach, false},     {"watch", watch, true},
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
        dialog_send(dialog);
        if (number == 0 || number > dialog->client_count) {
            dialog_fail(dialog, "session %lu was not opened", number);
            return line;
        }
        dialog->current = number - 1;
    }
    if (*line == '+') {
        unsigned long delay_ms = strtoul(line + 1, &line, 10);
        uint64_t until_us = dialog->now_us + delay_ms * (uint64_t)US_PER_MS;

        dialog_send(dialog);
        expect_silence_of_all(dialog);
        dialog_serve_deadlines(dialog, until_us);
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
        dialog_append(dialog, &dialog->inline_text, line, strlen(line));
        dialog_append(dialog, &dialog->inline_text, "\n", 1);
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
        dialog_fail(dialog, "`%s` is no line of a dialog", line);
        return;
    }
    if (directive->is_setup && dialog->run != NULL) {
        dialog_fail(dialog, "`%s` comes too late", directive->word);
        return;
    }
    if (directive->apply != say_line && directive->apply != say_octets) {
        dialog_send(dialog);
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
            dialog_fail(dialog, "the line is too long");
            return;
        }
        memcpy(line, text, len);
        line[len] = '\0';
        run_line(dialog, line);
        text += len + (text[len] == '\n');
    }
    dialog_send(dialog);
    expect_silence_of_all(dialog);
    expect_no_more_breaches(dialog);
    if (dialog->client_count == 0) {
        dialog_fail(dialog, "no session was opened");
    }
}

static void end_dialog(struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->client_count; i++) {
        struct client *client = &dialog->clients[i];

        if (!client->is_closed) {
            dialog_close_client(dialog, client);
        }
        sf_session_free(client->engine);
        dialog_discard(&client->untaken);
        dialog_discard(&client->output);
    }
    sf_run_free(dialog->run);
    if (dialog->observer != NULL && dialog->run != NULL) {
        dialog->observer->end(dialog->observer->ctx);
    }
    sf_scenario_free(dialog->scenario);
    dialog_discard(&dialog->inline_text);
    dialog_discard(&dialog->sending);
}

static bool run_text(const char *name,
                     const char *text,
                     enum dialog_chunking chunking,
                     const struct dialog_observer *observer,
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
    dialog->observer = observer;
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

bool dialog_run_text(const char *name,
                     const char *text,
                     enum dialog_chunking chunking,
                     char *error,
                     size_t error_size)
{
    return run_text(name, text, chunking, NULL, error, error_size);
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

bool dialog_run_observed(const char *path,
                         enum dialog_chunking chunking,
                         const struct dialog_observer *observer,
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
    is_passed = run_text(path, text, chunking, observer, error, error_size);
    free(text);
    return is_passed;
}

bool dialog_run(const char *path,
                enum dialog_chunking chunking,
                char *error,
                size_t error_size)
{
    return dialog_run_observed(path, chunking, NULL, error, error_size);
}
