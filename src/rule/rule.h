/* rule.h - the model of compiled rules: immutable, made by the scenario layer,
 * read by match, eval and session.
 *
 * Everything is borrowed from the scenario that owns the rules. */
#ifndef SF_RULE_RULE_H
#define SF_RULE_RULE_H

#include "base/pattern.h"
#include "journal/record.h"
#include "smtp/capability.h"
#include "smtp/event.h"
#include "smtp/handshake.h"

/* Templates. */

/* Dynamic names, replaced when the text is needed. */
#define SF_NAME_MAP(X)                                                         \
    X(CLIENT, "client")                                                        \
    X(HELO, "helo")                                                            \
    X(SENDER, "sender")                                                        \
    X(RECIPIENT, "recipient")                                                  \
    X(DOMAIN, "domain")                                                        \
    X(HOSTNAME, "hostname")                                                    \
    X(SESSION, "session")                                                      \
    X(TRANSACTION, "transaction")                                              \
    X(ATTEMPT, "attempt")                                                      \
    X(REMAINING, "remaining")                                                  \
    X(MESSAGE, "message")                                                      \
    X(QUEUE_ID, "queue-id")                                                    \
    X(SIZE, "size")                                                            \
    X(USER, "user")                                                            \
    X(GROUP_1, "1")                                                            \
    X(GROUP_2, "2")                                                            \
    X(GROUP_3, "3")                                                            \
    X(GROUP_4, "4")                                                            \
    X(GROUP_5, "5")                                                            \
    X(GROUP_6, "6")                                                            \
    X(GROUP_7, "7")                                                            \
    X(GROUP_8, "8")                                                            \
    X(GROUP_9, "9")

enum sf_name {
#define X(name, text) SF_NAME_##name,
    SF_NAME_MAP(X)
#undef X
        SF_NAME_COUNT
};

/* A run of literal text, or a dynamic name. */
struct sf_piece {
    bool is_name;
    enum sf_name name;
    struct sf_slice literal;
};

/* Pieces first..end - 1 stand there so often; SF_LOOP_FOREVER: without end. */
struct sf_loop {
    size_t first;
    size_t end;
    uint64_t count;
};

#define SF_LOOP_FOREVER UINT64_MAX

struct sf_template {
    const struct sf_piece *pieces;
    size_t count;
    const struct sf_loop *loops; /* in the order of the pieces, apart */
    size_t loop_count;
};

/* Conditions. */

/* X(NAME, "key", TYPE, SCOPE): TYPE is an sf_condition_type, SCOPE what an
 * event has to know for the condition to be known.  From ATTEMPT on they are
 * counted. */
#define SF_CONDITION_MAP(X)                                                    \
    X(CLIENT, "client", LIST, CONNECTION)                                      \
    X(LISTENER, "listener", LIST, CONNECTION)                                  \
    X(HELO, "helo", LIST, SESSION)                                             \
    X(SENDER, "sender", LIST, SENDER)                                          \
    X(RECIPIENT, "recipient", LIST, RECIPIENT)                                 \
    X(USER, "user", LIST, SESSION)                                             \
    X(MECHANISM, "mechanism", LIST, SESSION)                                   \
    X(HEADER, "header", LIST, MESSAGE)                                         \
    X(BODY, "body", LIST, MESSAGE)                                             \
    X(ARGUMENT, "argument", LIST, CONNECTION)                                  \
    X(SIZE, "size", SIZE, SENDER)                                              \
    X(LENGTH, "length", SIZE, CONNECTION)                                      \
    X(ESMTP, "esmtp", SWITCH, SESSION)                                         \
    X(AUTHENTICATED, "authenticated", SWITCH, SESSION)                         \
    X(TLS, "tls", SWITCH, CONNECTION)                                          \
    X(SESSION, "session", NUMBER, CONNECTION)                                  \
    X(TRANSACTION, "transaction", NUMBER, CONNECTION)                          \
    X(NTH, "nth", NUMBER, CONNECTION)                                          \
    X(CONCURRENT, "concurrent", NUMBER, CONNECTION)                            \
    X(VIOLATION, "violation", LIST, CONNECTION)                                \
    X(STATE, "state", LIST, CONNECTION)                                        \
    X(AT, "at", SIZE, RECIPIENT)                                               \
    X(AFTER, "after", DURATION, CONNECTION)                                    \
    X(ATTEMPT, "attempt", NUMBER, CONNECTION)                                  \
    X(AGE, "age", DURATION, CONNECTION)                                        \
    X(RATE, "rate", RATE, CONNECTION)                                          \
    X(CHANCE, "chance", CHANCE, CONNECTION)

enum sf_condition_kind {
#define X(name, key, type, scope) SF_CONDITION_##name,
    SF_CONDITION_MAP(X)
#undef X
        SF_CONDITION_COUNT
};

/* A chance of 100%. */
#define SF_CHANCE_WHOLE 1000000

/* The state of a key before `next-state` sets one. */
#define SF_STATE_START "start"

/* The rule's own counters: the others have to hold before these are asked. */
#define SF_CONDITION_FIRST_COUNTED SF_CONDITION_ATTEMPT

/* What the value of a condition is. */
enum sf_condition_type {
    SF_CONDITION_IS_LIST,
    SF_CONDITION_IS_NUMBER,   /* a selector, and so are */
    SF_CONDITION_IS_SIZE,     /* in octets */
    SF_CONDITION_IS_DURATION, /* in microseconds */
    SF_CONDITION_IS_RATE,     /* of the number of events in a window */
    SF_CONDITION_IS_CHANCE,   /* of draws from 0 to SF_CHANCE_WHOLE - 1 */
    SF_CONDITION_IS_SWITCH,
};

struct sf_condition {
    enum sf_condition_kind kind;
    bool is_by_key; /* NTH: counts the values of `key` */
    unsigned key;   /* of that: enum sf_per; CONCURRENT: set of sf_shared */
    struct sf_slice name; /* HEADER: of the field */
    uint64_t window_us;   /* RATE, at speed 1 */
    const char *text;     /* as written: "key = value" */
    union {
        struct sf_list list;
        struct sf_selector selector;
        bool is_on;
    } u;
};

/* The keys of `per`, in a set: bit 1 << key.
 * X(NAME, "key", SCOPE needed to know it) */
#define SF_PER_MAP(X)                                                          \
    X(CLIENT, "client", CONNECTION)                                            \
    X(LISTENER, "listener", CONNECTION)                                        \
    X(SESSION, "session", CONNECTION)                                          \
    X(HELO, "helo", SESSION)                                                   \
    X(SENDER, "sender", SENDER)                                                \
    X(TRANSACTION, "transaction", SENDER)                                      \
    X(RECIPIENT, "recipient", RECIPIENT)                                       \
    X(DOMAIN, "domain", RECIPIENT)                                             \
    X(MESSAGE, "message", MESSAGE)                                             \
    X(USER, "user", SESSION)

enum sf_per {
#define X(name, key, scope) SF_PER_##name,
    SF_PER_MAP(X)
#undef X
        SF_PER_COUNT
};

#define SF_PER_BIT(per) (1u << (per))

/* Actions. */

enum sf_action_flag {
    SF_ACTION_REPLIES = 1, /* it is a `reply` */
    SF_ACTION_SAYS = 2,    /* it has octets to send */
    SF_ACTION_TAKES = 4,   /* a rule with it answers the event */
    SF_ACTION_ANSWERS = SF_ACTION_REPLIES | SF_ACTION_SAYS | SF_ACTION_TAKES,
};

/* X(NAME, "key", set of sf_action_flag): REPLY is one line of a reply, also
 * `challenge = raw:`; the next two are `reply = none` and `reply = default`. */
#define SF_ACTION_MAP(X)                                                       \
    X(REPLY, "reply", SF_ACTION_ANSWERS)                                       \
    X(REPLY_NONE, "reply", SF_ACTION_REPLIES | SF_ACTION_TAKES)                \
    X(REPLY_DEFAULT, "reply", SF_ACTION_ANSWERS)                               \
    X(CHALLENGE, "challenge", SF_ACTION_ANSWERS)                               \
    X(SEND, "send", SF_ACTION_SAYS | SF_ACTION_TAKES)                          \
    X(DELAY, "delay", 0)                                                       \
    X(PACE, "pace", 0)                                                         \
    X(HOLD, "hold", 0)                                                         \
    X(READ, "read", 0)                                                         \
    X(CONTENT, "content", 0)                                                   \
    X(CLOSE, "close", SF_ACTION_TAKES)                                         \
    X(ACCEPT, "accept", 0)                                                     \
    X(EXTENSIONS, "extensions", 0)                                             \
    X(NOTE, "note", 0)                                                         \
    X(NEXT_STATE, "next-state", 0)                                             \
    X(HANDSHAKE, "handshake", 0)

enum sf_action_kind {
#define X(name, key, flags) SF_ACTION_##name,
    SF_ACTION_MAP(X)
#undef X
        SF_ACTION_COUNT
};

enum sf_delay_kind {
    SF_DELAY_RANGE,       /* low_us..high_us, both included */
    SF_DELAY_FOREVER,     /* until the client leaves or the run ends */
    SF_DELAY_UNTIL_INPUT, /* until the client's next octet */
    SF_DELAY_TEXT,        /* what the text says, with groups in it */
};

/* X(NAME, "word"): HALF sends no more and reads on, ABRUPT is FIN without
 * close_notify. */
#define SF_CLOSE_MAP(X)                                                        \
    X(FIN, "fin")                                                              \
    X(RESET, "reset")                                                          \
    X(HALF, "half")                                                            \
    X(ABRUPT, "abrupt")                                                        \
    X(NO, "no")

enum sf_close_kind {
#define X(name, word) SF_CLOSE_##name,
    SF_CLOSE_MAP(X)
#undef X
        SF_CLOSE_COUNT
};

enum sf_pace_kind {
    SF_PACE_OCTETS, /* so many octets an interval */
    SF_PACE_LINE,   /* a line an interval */
    SF_PACE_SPLIT,  /* cut at places, an interval apart */
    SF_PACE_WHOLE,  /* gathered, then in one segment */
};

/* How the output of a rule leaves. */
struct sf_pace {
    const char *text; /* as written */
    enum sf_pace_kind kind;
    uint64_t octets;        /* OCTETS */
    uint64_t interval_us;   /* real time; WHOLE: 0 */
    const int32_t *offsets; /* SPLIT: after so many octets; negative ones count
                               from the end; none is 0 */
    size_t offset_count;
};

enum sf_read_kind {
    SF_READ_STOP,    /* until RESUME */
    SF_READ_RATE,    /* so many octets an interval */
    SF_READ_DISCARD, /* drops what has come and was not looked at */
    SF_READ_RESUME,
};

/* How the client's octets are read from now on. */
struct sf_read {
    const char *text; /* as written */
    enum sf_read_kind kind;
    uint64_t octets;      /* RATE */
    uint64_t interval_us; /* RATE; real time */
};

struct sf_action {
    enum sf_action_kind kind;
    const char *path; /* of the file */
    unsigned line;
    union {
        struct {
            int code;
            unsigned code_group; /* 1..SF_GROUPS_MAX: the code is what that
                                    group holds; 0: it is `code` */
            bool is_last;
            bool has_text;
            struct sf_template text;
        } reply;
        struct {
            enum sf_delay_kind kind;
            uint64_t low_us;
            uint64_t high_us;
            struct sf_template text; /* TEXT */
        } delay;
        struct sf_template challenge; /* not encoded yet */
        struct sf_template send;
        struct sf_pace pace;
        uint64_t hold_us; /* real time */
        struct sf_read read;
        bool is_lenient; /* CONTENT */
        enum sf_close_kind close;
        bool accept;
        struct sf_extensions extensions;
        struct sf_template note;
        const char *next_state;
        struct sf_handshake handshake;
    } u;
};

/* Rules. */

struct sf_rule {
    const char *label; /* as written, or "EVENT@line" */
    const char *path;
    unsigned line;  /* of the section */
    unsigned index; /* in the rule set */
    sf_event_set events;

    const struct sf_condition *conditions; /* that need no counter */
    size_t condition_count;

    /* Groups of its regular expressions are used: sf_groups_capture(). */
    bool uses_groups;

    /* Its plain `at` and `after`, at speed 1; UINT64_MAX: none. */
    uint64_t at_bytes;
    uint64_t after_us;

    /* The rule's own counters. */
    bool has_counters; /* a counted condition, or a name that needs it */
    unsigned per;      /* set of sf_per; 0: the whole run */
    const struct sf_condition *counted;
    size_t counted_count;
    size_t rate_size;  /* events that its rate tells apart; 0: it has none */
    size_t rate_index; /* among the rules with a rate */
    size_t rate_keys_max;
    uint64_t rate_window_us; /* at speed 1 */
    bool has_chance;
    bool has_next_state;
    uint64_t identity;   /* of its label, or its number where it has none */
    uint64_t age_end_us; /* smallest end of the age conditions, for
                            ${remaining}; UINT64_MAX: none */

    const struct sf_action *actions;
    size_t action_count;
    bool is_taker; /* has reply, challenge, send or close: answers the event */
    bool is_deliberate;
};

/* Points at which an event happens that no command causes: each once, in
 * ascending order. */
struct sf_points {
    const uint64_t *items;
    size_t count;
};

#define SF_POINTS_MAX 32

struct sf_ruleset {
    const struct sf_rule *rules; /* in file order */
    size_t count;
    /* For each event its rules, in file order. */
    const struct sf_rule *const *by_event[SF_EVENT_COUNT];
    size_t by_event_count[SF_EVENT_COUNT];
    struct sf_points timer_after; /* us, as written */
    struct sf_points idle_after;
    struct sf_points body_at; /* octets */
    /* Some rule needs the identity of messages (per = message, ${message}). */
    bool needs_message;
    bool uses_read;        /* some rule reads slowly, or not at all */
    bool needs_header;     /* some rule looks at fields of the header section */
    bool needs_body;       /* some rule looks at what is behind it */
    bool needs_concurrent; /* some rule asks how many sessions are open */
    bool needs_violations; /* some rule asks what the client did wrong */
    /* For each event the set of sf_per whose values its rules count by
     * `nth KEY`. */
    unsigned nth_keys[SF_EVENT_COUNT];
};

#endif
