/* rehearsal.c - a conversation with the engine without a client. */
#include "app/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "session/reading.h"
#include "session/session.h"

/* Steps for what one operand brings about; endless output has no end. */
#define STEPS_MAX 5000

/* A chunk of BDAT that is made up. */
#define CHUNK_MAX_BYTES 67108864

#define INPUT_LIMIT_BYTES 268435456

struct sf_rehearsal {
    const struct sf_scenario *scenario;
    struct sf_run *run;
    struct sf_trace trace;
    struct sf_session *session; /* NULL: none is open */
    struct sf_buf input;        /* not taken yet */
    uint64_t now_us;
    int steps_left;
    struct sf_turns turns;
};

/* Steps. */

static int step_session(struct sf_rehearsal *rehearsal,
                        enum sf_step_kind kind,
                        struct sf_slice input,
                        struct sf_effects *out_effects)
{
    const struct sf_step step = {.kind = kind,
                                 .now_us = rehearsal->now_us,
                                 .data = input.ptr,
                                 .len = input.len};
    int err = sf_session_step(rehearsal->session, &step, out_effects);

    if (err == 0 && rehearsal->turns.is_out_of_memory) {
        err = SF_ENOMEM;
    }
    return err;
}

static int close_session(struct sf_rehearsal *rehearsal)
{
    struct sf_effects effects;
    int err = 0;

    if (rehearsal->session != NULL) {
        err = step_session(rehearsal, SF_STEP_CLOSED, sf_slice(NULL, 0),
                           &effects);
        sf_session_free(rehearsal->session);
        rehearsal->session = NULL;
    }
    return err;
}

static int
take_step(struct sf_rehearsal *rehearsal, enum sf_step_kind kind, size_t len);

/* The client shakes hands, as far as the server lets it. */
static int shake(struct sf_rehearsal *rehearsal,
                 const struct sf_tls_profile *profile)
{
    return take_step(
        rehearsal,
        profile->cut == SF_TLS_NOWHERE ? SF_STEP_TLS_UP : SF_STEP_TLS_CUT, 0);
}

static int obey(struct sf_rehearsal *rehearsal,
                enum sf_control control,
                const struct sf_tls_profile *handshake)
{
    static const char *const notes[] = {
        [SF_CONTROL_CLOSE] = "the server closes the connection",
        [SF_CONTROL_RESET] = "the server resets the connection",
        [SF_CONTROL_HALF] = "the server sends no more",
        [SF_CONTROL_ABRUPT] = "the server closes without the end of TLS",
    };

    if (control == SF_CONTROL_DISCARD) {
        sf_buf_clear(&rehearsal->input);
        return 0;
    }
    if (control == SF_CONTROL_START_TLS) {
        return shake(rehearsal, handshake);
    }
    if (rehearsal->turns.last != NULL) {
        rehearsal->turns.last->note = notes[control];
    }
    return close_session(rehearsal);
}

static int
take_step(struct sf_rehearsal *rehearsal, enum sf_step_kind kind, size_t len)
{
    struct sf_slice input = {rehearsal->input.ptr, len};
    struct sf_effects effects;
    int err = step_session(rehearsal, kind, input, &effects);

    rehearsal->steps_left--;
    sf_buf_consume(&rehearsal->input, effects.taken);
    for (size_t i = 0; err == 0 && i < effects.control_count; i++) {
        err = obey(rehearsal, effects.controls[i], effects.handshake);
    }
    return err;
}

/* An answer is under way, or has not left yet. */
static bool is_busy(const struct sf_rehearsal *rehearsal)
{
    return sf_session_is_answering(rehearsal->session) ||
           !sf_output_is_empty(&rehearsal->session->output);
}

/* Rates are for clients that write: here they only part one command from the
 * next. */
static size_t find_offer(const struct sf_rehearsal *rehearsal)
{
    return sf_session_appetite(rehearsal->session) > 0 ? rehearsal->input.len
                                                       : 0;
}

/* Whether time alone brings the server on. */
static bool is_waiting(const struct sf_rehearsal *rehearsal)
{
    return is_busy(rehearsal) ||
           (rehearsal->input.len > 0 &&
            sf_reading_deadline(rehearsal->session) != UINT64_MAX);
}

/* Until the server waits for the client, or for ever. */
static int settle(struct sf_rehearsal *rehearsal)
{
    bool may_offer = true;
    int err = 0;

    while (err == 0 && rehearsal->session && rehearsal->steps_left > 0) {
        uint64_t deadline_us = sf_session_deadline(rehearsal->session);
        size_t offer = may_offer ? find_offer(rehearsal) : 0;

        if (offer > 0) {
            size_t before = rehearsal->input.len;

            err = take_step(rehearsal, SF_STEP_INPUT, offer);
            may_offer = rehearsal->input.len < before;
        } else if (deadline_us != UINT64_MAX && is_waiting(rehearsal)) {
            if (deadline_us > rehearsal->now_us) {
                rehearsal->now_us = deadline_us;
            }
            err = take_step(rehearsal, SF_STEP_TIME, 0);
            may_offer = true;
        } else {
            break;
        }
    }
    return err;
}

static const char *name_wait(const struct sf_session *session)
{
    if (sf_session_deadline(session) != UINT64_MAX) {
        return "the server goes on for ever";
    }
    return session->exchange != NULL && session->exchange->wait == SF_WAIT_INPUT
               ? "the server waits for the client's next octet"
               : "the server waits for ever";
}

/* What the turn cannot show by lines. */
static void note_rest(struct sf_rehearsal *rehearsal)
{
    if (rehearsal->session == NULL || rehearsal->turns.last == NULL) {
        return;
    }
    if (is_busy(rehearsal)) {
        rehearsal->turns.last->note = name_wait(rehearsal->session);
    } else if (rehearsal->input.len > 0) {
        rehearsal->turns.last->note = "the server does not read on";
    }
}

static int go_on(struct sf_rehearsal *rehearsal)
{
    int err = settle(rehearsal);

    note_rest(rehearsal);
    return err;
}

/* The interface. */

struct sf_rehearsal *sf_rehearsal_new(const struct sf_rehearsal_config *config)
{
    struct sf_rehearsal *rehearsal = calloc(1, sizeof(*rehearsal));
    struct sf_run_config run = {.scenario = config->scenario,
                                .seed = config->seed,
                                .speed = config->speed};

    if (rehearsal == NULL) {
        return NULL;
    }
    sf_turns_init(&rehearsal->turns);
    rehearsal->scenario = config->scenario;
    sf_buf_init(&rehearsal->input, INPUT_LIMIT_BYTES);
    rehearsal->trace = sf_turns_trace(&rehearsal->turns);
    run.sink = sf_turns_sink(&rehearsal->turns);
    run.trace = &rehearsal->trace;
    rehearsal->run = sf_run_new(&run);
    if (rehearsal->run == NULL) {
        sf_rehearsal_free(rehearsal);
        return NULL;
    }
    return rehearsal;
}

void sf_rehearsal_free(struct sf_rehearsal *rehearsal)
{
    if (rehearsal == NULL) {
        return;
    }
    sf_session_free(rehearsal->session);
    sf_run_free(rehearsal->run);
    sf_buf_fini(&rehearsal->input);
    sf_turns_fini(&rehearsal->turns);
    free(rehearsal);
}

/* The first listener of the scenario at which such a client is served. */
static const char *find_listener(const struct sf_scenario *scenario,
                                 enum sf_protocol protocol)
{
    for (size_t i = 0; i < scenario->listener_count; i++) {
        const struct sf_listener *listener = &scenario->listeners[i];

        if (listener->mode == SF_LISTEN_SERVES &&
            listener->url.protocol == protocol) {
            return listener->name;
        }
    }
    return "default";
}

/* Why a client gets no session there; NULL: it gets one. */
static const char *explain_silence(const struct sf_scenario *scenario,
                                   const char *name)
{
    static const char *const notes[] = {
        [SF_LISTEN_SERVES] = NULL,
        [SF_LISTEN_REFUSES] = "the listener refuses connections",
        [SF_LISTEN_STALLS] = "the listener never accepts a connection",
    };
    const struct sf_listener *listener =
        sf_scenario_find_listener(scenario, name);

    return listener != NULL ? notes[listener->mode] : NULL;
}

int sf_rehearsal_open(struct sf_rehearsal *rehearsal,
                      enum sf_protocol protocol,
                      const char *listener)
{
    const struct sf_session_config config = {
        .protocol = protocol,
        .listener = listener != NULL
                        ? listener
                        : find_listener(rehearsal->scenario, protocol),
        .client = "127.0.0.1",
        .port = 1};
    const char *silence = explain_silence(rehearsal->scenario, config.listener);
    const char *event =
        silence == NULL ? sf_event_get(SF_EVENT_CONNECT)->name : NULL;
    int err = close_session(rehearsal);

    if (err != 0) {
        return err;
    }
    sf_buf_clear(&rehearsal->input);
    if (!sf_turns_begin(&rehearsal->turns, event)) {
        return SF_ENOMEM;
    }
    if (silence != NULL) {
        rehearsal->turns.last->command = "CONNECT";
        rehearsal->turns.last->note = silence;
        return 0;
    }
    rehearsal->session = sf_session_new(rehearsal->run, &config);
    if (rehearsal->session == NULL) {
        return SF_ENOMEM;
    }
    rehearsal->turns.said_us = rehearsal->now_us;
    rehearsal->steps_left = STEPS_MAX;
    err = take_step(rehearsal, SF_STEP_OPEN, 0);
    return err == 0 ? go_on(rehearsal) : err;
}

/* A turn for a command that never reaches the server. */
static int skip_line(struct sf_rehearsal *rehearsal)
{
    if (!sf_turns_begin(&rehearsal->turns, NULL)) {
        return SF_ENOMEM;
    }
    rehearsal->turns.last->command = rehearsal->turns.command;
    rehearsal->turns.last->is_implied = rehearsal->turns.is_implied;
    rehearsal->turns.last->note =
        rehearsal->session == NULL
            ? "not sent: no connection is open"
            : "not looked at: the server does not read on";
    return 0;
}

int sf_rehearsal_say(struct sf_rehearsal *rehearsal,
                     const char *line,
                     bool is_implied)
{
    struct sf_turn *before = rehearsal->turns.last;
    int err = 0;

    rehearsal->turns.command = line;
    rehearsal->turns.is_implied = is_implied;
    rehearsal->turns.said_us = rehearsal->now_us;
    rehearsal->steps_left = STEPS_MAX;
    if (rehearsal->session == NULL) {
        return skip_line(rehearsal);
    }
    sf_buf_puts(&rehearsal->input, line);
    sf_buf_puts(&rehearsal->input, "\r\n");
    err = rehearsal->input.failed != 0 ? rehearsal->input.failed
                                       : settle(rehearsal);
    if (err == 0 && rehearsal->turns.last == before) {
        err = skip_line(rehearsal);
    }
    if (err == 0 && rehearsal->turns.last->event != NULL) {
        note_rest(rehearsal);
    }
    return err;
}

static void put_chunk(struct sf_buf *out, struct sf_slice text, uint64_t len)
{
    text.len = text.len < len ? text.len : (size_t)len;
    sf_buf_put_slice(out, text);
    for (uint64_t i = text.len; i < len; i++) {
        sf_buf_putc(out, 'x');
    }
}

static int refuse_chunk(struct sf_rehearsal *rehearsal)
{
    rehearsal->turns.last->note = "not sent: the chunk is over 64 MiB";
    return close_session(rehearsal);
}

static void put_message(struct sf_buf *out, struct sf_slice text)
{
    while (text.len > 0) {
        struct sf_slice line = sf_slice_cut(&text, '\n');

        sf_buf_puts(out, line.len > 0 && line.ptr[0] == '.' ? "." : "");
        sf_buf_put_slice(out, line);
        sf_buf_puts(out, "\r\n");
    }
    sf_buf_puts(out, ".\r\n");
}

int sf_rehearsal_send_message(struct sf_rehearsal *rehearsal,
                              struct sf_slice text)
{
    const struct sf_session *session = rehearsal->session;

    rehearsal->turns.said_us = rehearsal->now_us;
    rehearsal->steps_left = STEPS_MAX;
    if (session != NULL && session->phase == SF_PHASE_DATA) {
        put_message(&rehearsal->input, text);
    } else if (session != NULL && session->phase == SF_PHASE_CHUNK) {
        if (session->chunk_left > CHUNK_MAX_BYTES) {
            return refuse_chunk(rehearsal);
        }
        put_chunk(&rehearsal->input, text, session->chunk_left);
    } else {
        if (text.len > 0 && rehearsal->turns.last->note == NULL) {
            rehearsal->turns.last->note = "the message is not sent";
        }
        return 0;
    }
    return rehearsal->input.failed != 0 ? rehearsal->input.failed
                                        : go_on(rehearsal);
}

int sf_rehearsal_wait(struct sf_rehearsal *rehearsal, uint64_t us)
{
    uint64_t end_us = rehearsal->now_us + us;
    int err = 0;

    rehearsal->steps_left = STEPS_MAX;
    while (err == 0 && rehearsal->session && rehearsal->steps_left > 0) {
        uint64_t deadline_us = sf_session_deadline(rehearsal->session);

        if (deadline_us > end_us) {
            break;
        }
        if (deadline_us > rehearsal->now_us) {
            rehearsal->now_us = deadline_us;
        }
        rehearsal->turns.said_us = rehearsal->now_us;
        err = take_step(rehearsal, SF_STEP_TIME, 0);
        err = err == 0 ? go_on(rehearsal) : err;
    }
    if (rehearsal->now_us < end_us) {
        rehearsal->now_us = end_us;
    }
    return err;
}

const struct sf_turn *sf_rehearsal_turns(const struct sf_rehearsal *rehearsal)
{
    return rehearsal->turns.first;
}
