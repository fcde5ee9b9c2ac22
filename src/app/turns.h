/* turns.h - what came of each event of a conversation, and who had a say in it:
 * gathered from what the engine tells, in order. */
#ifndef SF_APP_TURNS_H
#define SF_APP_TURNS_H

#include "base/arena.h"
#include "rule/eval.h"

/* What became of a rule of the event. */
struct sf_turn_rule {
    const struct sf_turn_rule *next;
    const struct sf_rule *rule;
    enum sf_trace_outcome outcome;
    const char *why; /* it has no say, printable; NULL: it applies */
};

/* A line that the server sent. */
struct sf_turn_line {
    const struct sf_turn_line *next;
    struct sf_slice text; /* without CRLF */
    bool is_last;         /* of its reply */
    uint64_t after_us;    /* since the command */
};

/* An action that is no plain reply: `delay`, "2s". */
struct sf_turn_fault {
    const struct sf_turn_fault *next;
    const char *action;
    struct sf_slice value;
};

struct sf_turn {
    struct sf_turn *next;
    const char *command; /* as it was given; NULL: the event is none */
    const char *event;   /* NULL: the server spoke unasked, or not sent */
    const struct sf_turn_rule *rules; /* in file order */
    const struct sf_turn_line *lines;
    const struct sf_turn_fault *faults;
    const char *note;      /* what else there is to say; NULL: nothing */
    bool is_implied;       /* nobody gave the command */
    struct sf_turn *below; /* that it stands on top of; NULL: none */
    const struct sf_turn_line **line_end;
    const struct sf_turn_fault **fault_end;
};

struct sf_turns {
    struct sf_arena arena;
    bool is_out_of_memory;
    struct sf_turn *first;
    struct sf_turn *last;

    /* The client's next command, and when it was sent. */
    const char *command;
    bool is_implied;
    uint64_t said_us;

    const struct sf_turn_rule *last_rule;
    const struct sf_turn_rule **rule_end;
};

void sf_turns_init(struct sf_turns *turns);
void sf_turns_fini(struct sf_turns *turns);

/* Begins a turn of that event; false without memory. */
bool sf_turns_begin(struct sf_turns *turns, const char *event);

/* What the engine is to be given: both borrow the turns. */
struct sf_trace sf_turns_trace(struct sf_turns *turns);
struct sf_sink sf_turns_sink(struct sf_turns *turns);

#endif
