/* turns.c - what came of each event of a conversation.
 *
 * A turn begins with a command, or with the first thing that is told of
 * another event.  VIOLATION stands on top of the turn before it, which may go
 * on.  All rules of an event are told in order; so one that does not
 * come behind the last is of a new turn. */
#include "app/turns.h"

#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "rule/key.h"

void sf_turns_init(struct sf_turns *turns)
{
    *turns = (struct sf_turns){.first = NULL};
    sf_arena_init(&turns->arena);
}

void sf_turns_fini(struct sf_turns *turns)
{
    sf_arena_fini(&turns->arena);
}

static void *keep(struct sf_turns *turns, size_t size)
{
    void *memory = sf_arena_alloc(&turns->arena, size);

    turns->is_out_of_memory |= memory == NULL;
    return memory;
}

static struct sf_slice keep_text(struct sf_turns *turns, struct sf_slice text)
{
    char *copy = sf_arena_dup(&turns->arena, text);

    turns->is_out_of_memory |= copy == NULL;
    return sf_slice(copy, copy == NULL ? 0 : text.len);
}

static bool is_violation(const char *event)
{
    return event != NULL &&
           strcmp(event, sf_event_get(SF_EVENT_VIOLATION)->name) == 0;
}

bool sf_turns_begin(struct sf_turns *turns, const char *event)
{
    struct sf_turn *turn = keep(turns, sizeof(*turn));

    if (turn == NULL) {
        return false;
    }
    turn->event = event;
    turn->line_end = &turn->lines;
    turn->fault_end = &turn->faults;
    if (is_violation(event)) {
        turn->below = turns->last;
    }
    if (turns->last == NULL) {
        turns->first = turn;
    } else {
        turns->last->next = turn;
    }
    turns->last = turn;
    turns->rule_end = &turn->rules;
    turns->last_rule = NULL;
    return true;
}

static bool is_of_turn(const struct sf_turn *turn, const char *event)
{
    if (turn == NULL || turn->event == NULL || event == NULL) {
        return turn != NULL && turn->event == event;
    }
    return strcmp(turn->event, event) == 0;
}

/* The turn of what was done at an event; NULL without memory. */
static struct sf_turn *get_turn(struct sf_turns *turns, const char *event)
{
    if (is_of_turn(turns->last, event)) {
        return turns->last;
    }
    if (turns->last != NULL && turns->last->below != NULL &&
        is_of_turn(turns->last->below, event)) {
        return turns->last->below;
    }
    return sf_turns_begin(turns, event) ? turns->last : NULL;
}

/* What the engine tells. */

static const char *explain_step(struct sf_turns *turns,
                                const struct sf_trace_step *step)
{
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
                      sf_per_get(step->missing)->key);
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
    why = keep_text(turns, sf_buf_slice(&text)).ptr;
    turns->is_out_of_memory |= text.failed != 0;
    sf_buf_fini(&text);
    return why;
}

static void
hear_step(void *ctx, enum sf_event event, const struct sf_trace_step *step)
{
    struct sf_turns *turns = ctx;
    const char *name = sf_event_get(event)->name;
    const struct sf_turn_rule *last = turns->last_rule;
    struct sf_turn_rule *entry = keep(turns, sizeof(*entry));
    bool is_new = !is_of_turn(turns->last, name) ||
                  (last != NULL && last->rule->index >= step->rule->index);

    if (entry == NULL || (is_new && !sf_turns_begin(turns, name))) {
        return;
    }
    entry->rule = step->rule;
    entry->outcome = step->outcome;
    entry->why = explain_step(turns, step);
    *turns->rule_end = entry;
    turns->rule_end = &entry->next;
    turns->last_rule = entry;
}

static void hear_reply(struct sf_turns *turns, const struct sf_record *record)
{
    struct sf_turn *turn = get_turn(turns, record->u.reply.event);

    if (turn == NULL) {
        return;
    }
    for (size_t i = 0; i < record->u.reply.line_count; i++) {
        struct sf_turn_line *line = keep(turns, sizeof(*line));

        if (line == NULL) {
            return;
        }
        line->text = keep_text(turns, record->u.reply.lines[i]);
        line->is_last = i + 1 == record->u.reply.line_count;
        line->after_us = record->t_us - turns->said_us;
        *turn->line_end = line;
        turn->line_end = &line->next;
    }
}

static void hear_fault(struct sf_turns *turns, const struct sf_record *record)
{
    struct sf_turn *turn = get_turn(turns, record->u.fault.event);
    struct sf_turn_fault *fault = keep(turns, sizeof(*fault));

    if (turn != NULL && fault != NULL) {
        fault->action = record->u.fault.action;
        fault->value = keep_text(turns, record->u.fault.value);
        *turn->fault_end = fault;
        turn->fault_end = &fault->next;
    }
}

static int hear_record(void *ctx, const struct sf_record *record)
{
    struct sf_turns *turns = ctx;

    if (record->type == SF_RECORD_COMMAND) {
        if (sf_turns_begin(turns, record->u.command.event)) {
            turns->last->command = turns->command;
            turns->last->is_implied = turns->is_implied;
        }
    } else if (record->type == SF_RECORD_REPLY) {
        hear_reply(turns, record);
    } else {
        hear_fault(turns, record);
    }
    return 0;
}

struct sf_trace sf_turns_trace(struct sf_turns *turns)
{
    return (struct sf_trace){hear_step, turns};
}

struct sf_sink sf_turns_sink(struct sf_turns *turns)
{
    return (struct sf_sink){
        .write = hear_record,
        .ctx = turns,
        .mask = SF_RECORD_BIT(SF_RECORD_COMMAND) |
                SF_RECORD_BIT(SF_RECORD_REPLY) | SF_RECORD_BIT(SF_RECORD_FAULT),
    };
}
