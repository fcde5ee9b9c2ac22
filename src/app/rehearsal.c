/* rehearsal.c - a conversation with the engine without a client.
 *
 * A turn begins with a command, or with the first thing that is told of
 * another event.  Rules are told before what they do; so a rule that comes
 * after something was done, or again, is of a new turn. */
#include "app/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "session/reading.h"
#include "session/session.h"

/* Steps for what one command brings about; endless output has no end. */
#define STEPS_MAX 5000

/* A chunk of BDAT that is made up. */
#define CHUNK_MAX_BYTES 67108864

#define INPUT_LIMIT_BYTES (4 * CHUNK_MAX_BYTES)

struct sf_rehearsal {
    struct sf_arena arena;
    struct sf_run *run;
    struct sf_trace trace;
    struct sf_session *session; /* NULL: none is open */
    struct sf_buf input;        /* not taken yet */
    uint64_t now_us;
    uint64_t said_us; /* when the command of this turn was sent */
    const char *command;
    bool is_implied;
    bool is_out_of_memory;

    struct sf_turn *first;
    struct sf_turn *turn; /* the last one */
    bool is_acted;        /* something was done in it */
    const struct sf_turn_rule **rule_end;
    const struct sf_turn_line **line_end;
    const struct sf_turn_fault **fault_end;
    const struct sf_turn_rule *last_rule;
};

/* Turns. */

static void *keep(struct sf_rehearsal *rehearsal, size_t size)
{
    void *memory = sf_arena_alloc(&rehearsal->arena, size);

    rehearsal->is_out_of_memory |= memory == NULL;
    return memory;
}

static struct sf_slice keep_text(struct sf_rehearsal *rehearsal,
                                 struct sf_slice text)
{
    char *copy = sf_arena_dup(&rehearsal->arena, text);

    rehearsal->is_out_of_memory |= copy == NULL;
    return sf_slice(copy, copy == NULL ? 0 : text.len);
}

static bool begin_turn(struct sf_rehearsal *rehearsal, const char *event)
{
    struct sf_turn *turn = keep(rehearsal, sizeof(*turn));

    if (turn == NULL) {
        return false;
    }
    turn->event = event;
    if (rehearsal->turn == NULL) {
        rehearsal->first = turn;
    } else {
        rehearsal->turn->next = turn;
    }
    rehearsal->turn = turn;
    rehearsal->is_acted = false;
    rehearsal->rule_end = &turn->rules;
    rehearsal->line_end = &turn->lines;
    rehearsal->fault_end = &turn->faults;
    rehearsal->last_rule = NULL;
    return true;
}

static bool is_of_turn(const struct sf_rehearsal *rehearsal, const char *event)
{
    const struct sf_turn *turn = rehearsal->turn;

    if (turn == NULL || turn->event == NULL || event == NULL) {
        return turn != NULL && turn->event == event;
    }
    return strcmp(turn->event, event) == 0;
}

/* The turn of what was done at an event; false without memory. */
static bool get_turn(struct sf_rehearsal *rehearsal, const char *event)
{
    if (!is_of_turn(rehearsal, event) && !begin_turn(rehearsal, event)) {
        return false;
    }
    rehearsal->is_acted = true;
    return true;
}

/* What the engine tells. */

static const char *explain_step(struct sf_rehearsal *rehearsal,
                                const struct sf_trace_step *step)
{
    static const char *const per_keys[] = {
#define X(name, key, scope) key,
        SF_PER_MAP(X)
#undef X
    };
    struct sf_slice key;
    struct sf_buf text;
    const char *why = NULL;

    if (step->outcome == SF_TRACE_APPLIES) {
        return NULL;
    }
    sf_buf_init(&text, SIZE_MAX / 2);
    if (step->outcome == SF_TRACE_TAKEN) {
        sf_buf_puts(&text, "an earlier rule takes it");
    } else if (step->condition == NULL) {
        sf_buf_printf(&text, "no %s is known, which `per` asks for",
                      per_keys[step->missing]);
    } else {
        key = sf_slice_str(step->condition->text);
        key = sf_slice_trim(sf_slice_cut(&key, '='));
        sf_text_put_printable(&text, sf_slice_str(step->condition->text));
        sf_buf_puts(&text, " does not hold, ");
        sf_buf_put_slice(&text, key);
        sf_buf_puts(&text, step->actual.ptr == NULL ? " is not known"
                           : step->actual.len == 0  ? " is empty"
                                                    : " is ");
        sf_buf_put_slice(&text, step->actual);
    }
    why = keep_text(rehearsal, sf_buf_slice(&text)).ptr;
    rehearsal->is_out_of_memory |= text.failed != 0;
    sf_buf_fini(&text);
    return why;
}

static void
hear_step(void *ctx, enum sf_event event, const struct sf_trace_step *step)
{
    struct sf_rehearsal *rehearsal = ctx;
    const char *name = sf_event_get(event)->name;
    const struct sf_turn_rule *last = rehearsal->last_rule;
    struct sf_turn_rule *entry = keep(rehearsal, sizeof(*entry));
    bool is_new = !is_of_turn(rehearsal, name) || rehearsal->is_acted ||
                  (last != NULL && last->rule->index >= step->rule->index);

    if (entry == NULL || (is_new && !begin_turn(rehearsal, name))) {
        return;
    }
    entry->rule = step->rule;
    entry->outcome = step->outcome;
    entry->why = explain_step(rehearsal, step);
    *rehearsal->rule_end = entry;
    rehearsal->rule_end = &entry->next;
    rehearsal->last_rule = entry;
}

static void hear_reply(struct sf_rehearsal *rehearsal,
                       const struct sf_record *record)
{
    if (!get_turn(rehearsal, record->u.reply.event)) {
        return;
    }
    for (size_t i = 0; i < record->u.reply.line_count; i++) {
        struct sf_turn_line *line = keep(rehearsal, sizeof(*line));

        if (line == NULL) {
            return;
        }
        line->text = keep_text(rehearsal, record->u.reply.lines[i]);
        line->is_last = i + 1 == record->u.reply.line_count;
        line->after_us = record->t_us - rehearsal->said_us;
        *rehearsal->line_end = line;
        rehearsal->line_end = &line->next;
    }
}

static void hear_fault(struct sf_rehearsal *rehearsal,
                       const struct sf_record *record)
{
    struct sf_turn_fault *fault = NULL;

    if (!get_turn(rehearsal, record->u.fault.event)) {
        return;
    }
    fault = keep(rehearsal, sizeof(*fault));
    if (fault != NULL) {
        fault->action = record->u.fault.action;
        fault->value = keep_text(rehearsal, record->u.fault.value);
        *rehearsal->fault_end = fault;
        rehearsal->fault_end = &fault->next;
    }
}

static int hear_record(void *ctx, const struct sf_record *record)
{
    struct sf_rehearsal *rehearsal = ctx;

    if (record->type == SF_RECORD_COMMAND) {
        if (begin_turn(rehearsal, record->u.command.event)) {
            rehearsal->turn->command = rehearsal->command;
            rehearsal->turn->is_implied = rehearsal->is_implied;
        }
    } else if (record->type == SF_RECORD_REPLY) {
        hear_reply(rehearsal, record);
    } else if (record->type == SF_RECORD_FAULT) {
        hear_fault(rehearsal, record);
    } else {
        (void)get_turn(rehearsal, record->u.fired.event);
    }
    return 0;
}

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

    if (err == 0 && rehearsal->is_out_of_memory) {
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

static int obey(struct sf_rehearsal *rehearsal, enum sf_control control)
{
    static const char *const notes[] = {
        [SF_CONTROL_CLOSE] = "the server closes the connection",
        [SF_CONTROL_RESET] = "the server resets the connection",
        [SF_CONTROL_HALF] = "the server sends no more",
    };

    if (control == SF_CONTROL_DISCARD) {
        sf_buf_clear(&rehearsal->input);
        return 0;
    }
    if (rehearsal->turn != NULL) {
        rehearsal->turn->note = notes[control];
    }
    return close_session(rehearsal);
}

static int
take_step(struct sf_rehearsal *rehearsal, enum sf_step_kind kind, size_t len)
{
    struct sf_slice input = {rehearsal->input.ptr, len};
    struct sf_effects effects;
    int err = step_session(rehearsal, kind, input, &effects);

    sf_buf_consume(&rehearsal->input, effects.taken);
    for (size_t i = 0; err == 0 && i < effects.control_count; i++) {
        err = obey(rehearsal, effects.controls[i]);
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

    for (int i = 0; err == 0 && rehearsal->session && i < STEPS_MAX; i++) {
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
    if (rehearsal->session == NULL || rehearsal->turn == NULL) {
        return;
    }
    if (is_busy(rehearsal)) {
        rehearsal->turn->note = name_wait(rehearsal->session);
    } else if (rehearsal->input.len > 0) {
        rehearsal->turn->note = "the server does not read on";
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
    const struct sf_sink sink = {
        .write = hear_record,
        .ctx = rehearsal,
        .mask = SF_RECORD_BIT(SF_RECORD_COMMAND) |
                SF_RECORD_BIT(SF_RECORD_REPLY) |
                SF_RECORD_BIT(SF_RECORD_FIRED) | SF_RECORD_BIT(SF_RECORD_FAULT),
    };
    struct sf_run_config run = {.scenario = config->scenario,
                                .seed = config->seed,
                                .speed = config->speed,
                                .sink = sink};

    if (rehearsal == NULL) {
        return NULL;
    }
    sf_arena_init(&rehearsal->arena);
    sf_buf_init(&rehearsal->input, INPUT_LIMIT_BYTES);
    rehearsal->trace = (struct sf_trace){hear_step, rehearsal};
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
    sf_arena_fini(&rehearsal->arena);
    free(rehearsal);
}

int sf_rehearsal_open(struct sf_rehearsal *rehearsal, enum sf_protocol protocol)
{
    const struct sf_session_config config = {.protocol = protocol,
                                             .listener = "default",
                                             .client = "127.0.0.1",
                                             .port = 1};
    int err = close_session(rehearsal);

    if (err != 0) {
        return err;
    }
    sf_buf_clear(&rehearsal->input);
    rehearsal->session = sf_session_new(rehearsal->run, &config);
    if (rehearsal->session == NULL ||
        !begin_turn(rehearsal, sf_event_get(SF_EVENT_CONNECT)->name)) {
        return SF_ENOMEM;
    }
    rehearsal->said_us = rehearsal->now_us;
    err = take_step(rehearsal, SF_STEP_OPEN, 0);
    return err == 0 ? go_on(rehearsal) : err;
}

/* A turn for a command that never reaches the server. */
static int skip_line(struct sf_rehearsal *rehearsal)
{
    if (!begin_turn(rehearsal, NULL)) {
        return SF_ENOMEM;
    }
    rehearsal->turn->command = rehearsal->command;
    rehearsal->turn->is_implied = rehearsal->is_implied;
    rehearsal->turn->note = rehearsal->session == NULL
                                ? "not sent: the connection is closed"
                                : "not looked at: the server does not read on";
    return 0;
}

int sf_rehearsal_say(struct sf_rehearsal *rehearsal,
                     const char *line,
                     bool is_implied)
{
    struct sf_turn *before = rehearsal->turn;
    int err = 0;

    rehearsal->command = line;
    rehearsal->is_implied = is_implied;
    rehearsal->said_us = rehearsal->now_us;
    if (rehearsal->session == NULL) {
        return skip_line(rehearsal);
    }
    sf_buf_puts(&rehearsal->input, line);
    sf_buf_puts(&rehearsal->input, "\r\n");
    err = rehearsal->input.failed != 0 ? rehearsal->input.failed
                                       : settle(rehearsal);
    if (err == 0 && rehearsal->turn == before) {
        err = skip_line(rehearsal);
    }
    if (err == 0 && rehearsal->turn->event != NULL) {
        note_rest(rehearsal);
    }
    return err;
}

static void put_chunk(struct sf_buf *out, struct sf_slice text, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++) {
        sf_buf_putc(out, i < text.len ? text.ptr[i] : 'x');
    }
}

static int refuse_chunk(struct sf_rehearsal *rehearsal)
{
    rehearsal->turn->note = "not sent: the chunk is over 64 MiB";
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

    rehearsal->said_us = rehearsal->now_us;
    if (session != NULL && session->phase == SF_PHASE_DATA) {
        put_message(&rehearsal->input, text);
    } else if (session != NULL && session->phase == SF_PHASE_CHUNK) {
        if (session->chunk_left > CHUNK_MAX_BYTES) {
            return refuse_chunk(rehearsal);
        }
        put_chunk(&rehearsal->input, text, session->chunk_left);
    } else {
        if (text.len > 0 && rehearsal->turn->note == NULL) {
            rehearsal->turn->note = "the message is not sent";
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

    for (int i = 0; err == 0 && rehearsal->session && i < STEPS_MAX; i++) {
        uint64_t deadline_us = sf_session_deadline(rehearsal->session);

        if (deadline_us > end_us) {
            break;
        }
        if (deadline_us > rehearsal->now_us) {
            rehearsal->now_us = deadline_us;
        }
        rehearsal->said_us = rehearsal->now_us;
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
    return rehearsal->first;
}
