/* dialog_engine.c - drives sessions for a dialog as a server would: octets,
 * deadlines, ends (see dialog_engine.h). */
#include "dialog_engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/record.h"

#define DIAG_SIZE    4096
#define SCENARIO_DIR "tests/scenario/good/"
#define STEPS_MAX    100000
#define RANDOM_PIECE 40u /* octets; longest piece of a random cut */

void dialog_fail(struct dialog *dialog, const char *format, ...)
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

/* Octets. */

void dialog_append(struct dialog *dialog,
                   struct octets *to,
                   const char *ptr,
                   size_t len)
{
    char *grown;

    if (len == 0) {
        return;
    }
    grown = realloc(to->ptr, to->len + len);
    if (grown == NULL) {
        dialog_fail(dialog, "out of memory");
        return;
    }
    memcpy(grown + to->len, ptr, len);
    to->ptr = grown;
    to->len += len;
}

void dialog_consume(struct octets *from, size_t len)
{
    if (len > 0) {
        memmove(from->ptr, from->ptr + len, from->len - len);
        from->len -= len;
    }
}

void dialog_discard(struct octets *octets)
{
    free(octets->ptr);
    octets->ptr = NULL;
    octets->len = 0;
}

/* The engine. */

/* The dialog itself looks at violations only. */
static int take_record(void *ctx, const struct sf_record *record)
{
    struct dialog *dialog = ctx;

    if (record->type == SF_RECORD_VIOLATION &&
        dialog->breach_count < DIALOG_BREACHES_MAX) {
        dialog->breaches[dialog->breach_count++] = record->u.violation.id;
    }
    return dialog->observer == NULL
               ? 0
               : dialog->observer->record(dialog->observer->ctx, record);
}

/* An inline scenario is found under a name of its own; others in the tests'
 * directory; what is not there the loader looks up in the bundle. */
static int
read_scenario(void *ctx, const char *path, char **out_text, size_t *out_len)
{
    struct dialog *dialog = ctx;
    char full[sizeof(SCENARIO_DIR) + DIALOG_WORD_MAX + sizeof(".ini")];

    if (strcmp(path, DIALOG_INLINE_NAME) == 0) {
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
    snprintf(full, sizeof(full), SCENARIO_DIR "%.*s.ini", DIALOG_WORD_MAX,
             path);
    *out_text = dialog_read_file(full, out_len);
    return *out_text == NULL ? SF_ENOTFOUND : 0;
}

static void load_scenario(struct dialog *dialog)
{
    const char *path = dialog->scenario_name;
    struct sf_setting settings[DIALOG_SETTINGS_MAX];
    struct sf_load load = {.paths = &path,
                           .path_count = 1,
                           .settings = settings,
                           .setting_count = dialog->setting_count,
                           .read = read_scenario,
                           .read_ctx = dialog};
    struct sf_diags *diags = sf_diags_new();
    char text[DIAG_SIZE] = "";

    for (size_t i = 0; i < dialog->setting_count; i++) {
        settings[i].name = dialog->settings[i][0];
        settings[i].value = dialog->settings[i][1];
    }
    if (dialog->observer != NULL) {
        load.expectations = dialog->observer->expectations;
        load.expectation_count = dialog->observer->expectation_count;
    }
    if (diags == NULL) {
        dialog_fail(dialog, "out of memory");
        return;
    }
    if (sf_scenario_load(&load, diags, &dialog->scenario) != 0) {
        if (sf_diags_len(diags) > 0) {
            sf_diag_format(sf_diags_get(diags, 0), text, sizeof(text));
        }
        dialog_fail(dialog, "the scenario does not load: %s", text);
    }
    sf_diags_free(diags);
}

void dialog_start_run(struct dialog *dialog)
{
    struct sf_run_config config = {
        .sink = {.write = take_record, .ctx = dialog, .mask = UINT32_MAX}};

    if (dialog->scenario_name[0] == '\0') {
        memcpy(dialog->scenario_name, DIALOG_INLINE_NAME,
               sizeof(DIALOG_INLINE_NAME));
    }
    load_scenario(dialog);
    if (dialog->is_failed) {
        return;
    }
    if (dialog->observer != NULL) {
        dialog->observer->begin(dialog->observer->ctx, dialog->scenario,
                                dialog->seed, dialog->speed);
    }
    config.scenario = dialog->scenario;
    config.seed = dialog->seed;
    config.speed = dialog->speed;
    dialog->run = sf_run_new(&config);
    if (dialog->run == NULL) {
        dialog_fail(dialog, "out of memory");
    }
}

/* The driver's part of the end: what the engine asked for is done at once, and
 * the engine told so. */
void dialog_close_client(struct dialog *dialog, struct client *client)
{
    struct sf_step step = {.kind = SF_STEP_CLOSED,
                           .now_us = dialog->now_us,
                           .len = client->untaken.len};
    struct sf_effects effects = {0};

    client->is_closed = true;
    if (sf_session_step(client->engine, &step, &effects) != 0) {
        dialog_fail(dialog, "the engine failed when told of the end");
    }
    dialog_discard(&client->untaken);
}

/* Carries out what the engine wants.  Returns whether the connection ends. */
static bool obey(struct client *client, const struct sf_effects *effects)
{
    bool is_over = false;

    for (size_t i = 0; i < effects->control_count; i++) {
        if (effects->controls[i] == SF_CONTROL_DISCARD) {
            dialog_discard(&client->untaken);
        } else if (effects->controls[i] == SF_CONTROL_START_TLS) {
            client->offered = effects->handshake;
            client->handshake = effects->handshake;
        } else {
            client->control = effects->controls[i];
            client->has_control = true;
            is_over = true;
        }
    }
    return is_over;
}

static size_t
take_step(struct dialog *dialog, struct client *client, struct sf_step step)
{
    const enum sf_step_kind kind = step.kind;
    struct sf_effects effects = {0};
    size_t appetite;
    int rc;

    step.now_us = dialog->now_us;
    if (client->is_closed) {
        return 0;
    }
    if (kind == SF_STEP_INPUT) {
        appetite = sf_session_appetite(client->engine);
        step.data = client->untaken.ptr;
        step.len =
            client->untaken.len < appetite ? client->untaken.len : appetite;
    }
    rc = sf_session_step(client->engine, &step, &effects);
    if (rc != 0) {
        dialog_fail(dialog, "the engine failed: %s", sf_strerror(rc));
        return 0;
    }
    dialog_append(dialog, &client->output, effects.output, effects.output_len);
    if (effects.taken > client->untaken.len) {
        dialog_fail(dialog, "the engine took more than there was");
        return 0;
    }
    dialog_consume(&client->untaken, effects.taken);
    if (obey(client, &effects) || kind == SF_STEP_RESET) {
        /* Of a connection that broke nothing is left to close. */
        client->has_control = client->has_control && kind != SF_STEP_RESET;
        dialog_close_client(dialog, client);
    }
    return effects.taken;
}

size_t dialog_take_step(struct dialog *dialog,
                        struct client *client,
                        enum sf_step_kind kind)
{
    return take_step(dialog, client, (struct sf_step){.kind = kind});
}

void dialog_take_abrupt_end(struct dialog *dialog, struct client *client)
{
    (void)take_step(dialog, client,
                    (struct sf_step){.kind = SF_STEP_EOF, .is_abrupt = true});
}

void dialog_shake(struct dialog *dialog,
                  struct client *client,
                  const char *alert)
{
    const bool is_plain = alert != NULL && alert[0] == '\0';
    const struct sf_tls_info info = {.version =
                                         alert == NULL ? "TLSv1.2" : NULL,
                                     .alert = is_plain ? NULL : alert,
                                     .is_by_client = alert != NULL,
                                     .is_plain = is_plain};
    struct sf_step step = {.kind = SF_STEP_TLS_UP, .tls = &info};

    if (client->handshake == NULL) {
        dialog_fail(dialog, "there is no handshake to be made");
        return;
    }
    if (alert != NULL) {
        step.kind = SF_STEP_TLS_FAILED;
    } else if (client->handshake->cut != SF_TLS_NOWHERE) {
        step.kind = SF_STEP_TLS_CUT;
    }
    client->handshake = NULL;
    (void)take_step(dialog, client, step);
}

void dialog_offer_input(struct dialog *dialog, struct client *client)
{
    if (client->untaken.len > 0 && !client->is_closed &&
        client->handshake == NULL) {
        dialog_take_step(dialog, client, SF_STEP_INPUT);
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
void dialog_serve_deadlines(struct dialog *dialog, uint64_t until_us)
{
    struct client *client;
    unsigned count = 0;

    while (!dialog->is_failed &&
           (client = find_due(dialog, until_us)) != NULL) {
        uint64_t deadline_us = sf_session_deadline(client->engine);

        if (++count > STEPS_MAX) {
            dialog_fail(dialog, "the engine's deadline does not move on");
            return;
        }
        if (deadline_us > dialog->now_us) {
            dialog->now_us = deadline_us;
        }
        dialog_take_step(dialog, client, SF_STEP_TIME);
        dialog_offer_input(dialog, client);
    }
}

static void feed_piece(struct dialog *dialog,
                       struct client *client,
                       const char *ptr,
                       size_t len)
{
    /* In the clear it would break the handshake that is due: only dialogs that
     * are cut into pieces send it so late, and they mean it to be dropped. */
    if (client->handshake == NULL || client->handshake->keeps_input) {
        dialog_append(dialog, &client->untaken, ptr, len);
    }
    dialog_offer_input(dialog, client);
    dialog_serve_deadlines(dialog, dialog->now_us);
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
void dialog_send(struct dialog *dialog)
{
    struct client *client = &dialog->clients[dialog->current];
    size_t at = 0;

    while (at < dialog->sending.len && !client->is_closed &&
           !dialog->is_failed) {
        size_t piece = next_piece(dialog, dialog->sending.len - at);

        feed_piece(dialog, client, dialog->sending.ptr + at, piece);
        at += piece;
    }
    dialog_discard(&dialog->sending);
}
