/* event.h - the events of a conversation: names and what is known at each. */
#ifndef SF_SMTP_EVENT_H
#define SF_SMTP_EVENT_H

#include "smtpfault.h"

enum sf_event {
#define X(name, text, scope, flags, answer, rfc, meaning) SF_EVENT_##name,
#include "smtp/event.def"
#undef X
    SF_EVENT_COUNT
};

/* A set of events: bit 1 << event. */
typedef uint64_t sf_event_set;

#define SF_EVENT_BIT(event) ((sf_event_set)1 << (event))

enum sf_event_flag {
    SF_EVENT_COMMAND = 1,        /* one of the commands that ANY stands for */
    SF_EVENT_IN_TRANSACTION = 2, /* `nth` counts within the transaction */
    SF_EVENT_ASIDE = 4, /* no command causes it, and none is answered */
};

/* How much of the envelope can be known at an event; each includes those
 * before it. */
enum sf_scope {
    SF_SCOPE_CONNECTION,
    SF_SCOPE_SESSION,
    SF_SCOPE_SENDER,
    SF_SCOPE_RECIPIENT,
    SF_SCOPE_MESSAGE,
};

struct sf_event_info {
    const char *name;
    enum sf_scope scope;
    unsigned flags;
    const char *answer;  /* the default one */
    const char *rfc;     /* sections; "": no RFC has the event */
    const char *meaning; /* what it is and when it happens, one phrase */
};

/* The row of the table; never NULL for a valid event. */
const struct sf_event_info *sf_event_get(enum sf_event event);

/* Looks up a section's event word, upper case as the contract has it.  "ANY"
 * gives all commands.  Returns the set, 0 if there is no such event. */
sf_event_set sf_event_find(struct sf_slice name);

/* The events that are lines of the client: commands, and what answers a 334. */
bool sf_event_is_line(enum sf_event event);

/* EHLO, HELO or LHLO. */
bool sf_event_is_hello(enum sf_event event);

/* The command verb (any case) of a line; SF_EVENT_UNKNOWN for all others. */
enum sf_event sf_event_of_verb(struct sf_slice verb);

#endif
