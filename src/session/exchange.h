/* exchange.h - one event and its answer.
 *
 * An exchange begins when an event has happened, runs the actions of the rules
 * that apply, top to bottom, or gives the default answer, and ends when
 * everything is said.  While an action waits the session takes no input. */
#ifndef SF_SESSION_EXCHANGE_H
#define SF_SESSION_EXCHANGE_H

#include "conduct/watch.h"
#include "rule/eval.h"
#include "session/output.h"
#include "smtp/command.h"
#include "smtp/mechanism.h"

struct sf_session;

/* What a correct server answers: a single reply.  EHLO and LHLO add the list
 * of extensions. */
struct sf_answer {
    int code;
    const char *enhanced; /* NULL: none */
    const char *text;
};

enum sf_wait {
    SF_WAIT_NONE,
    SF_WAIT_TIME,   /* until wait_us */
    SF_WAIT_INPUT,  /* until the client's next octet */
    SF_WAIT_OUTPUT, /* until what was said has left at its pace */
    SF_WAIT_EVER,
};

/* How far a text has come that is said in several parts. */
struct sf_cursor {
    const struct sf_template *text;
    size_t piece;
    size_t loop;
    uint64_t round; /* of the loop */
    bool has_grown; /* this round added octets */
};

enum sf_effect {
    SF_EFFECT_OPEN, /* not decided yet */
    SF_EFFECT_ACCEPTED,
    SF_EFFECT_REFUSED,
    SF_EFFECT_SETTLED, /* at MESSAGE: BDAT LAST has decided */
};

struct sf_exchange {
    struct sf_exchange *next; /* in the run's pool */

    /* An event that no command causes stands on top of what was under way:
     * the exchange below goes on when this one is over. */
    struct sf_exchange *below; /* NULL: none */
    struct sf_output aside;    /* what that one still has to send */
    uint64_t threshold;        /* of IDLE, TIMER (us, as written), BODY */

    enum sf_event event;
    struct sf_conduct_set broken; /* rules for clients, by its octets */
    struct sf_slice *broken_ids;  /* their ids, when asked for */
    uint64_t began_us;

    sf_mechanism_set mechanisms; /* EHLO: that the lines sent offer */
    uint64_t n;                  /* of the command */
    uint64_t transaction;        /* 0: none */
    struct sf_command command;
    struct sf_buf line;  /* the command's octets, once it has to wait */
    bool is_too_long;    /* the line passed the limit */
    bool is_bare_lf;     /* it ended so */
    bool is_pipelined;   /* the answer before it had not left */
    unsigned char form;  /* what the answer tests: id of a rule + 1; 0: none */
    uint64_t line_bytes; /* with its end, also where it was skipped */
    size_t recipient;    /* LMTP MESSAGE: index of its recipient */
    struct sf_slice one; /* that recipient */
    struct sf_answer answer;   /* the default */
    struct sf_buf answer_text; /* of an answer whose text is NULL */
    struct sf_buf text;        /* scratch */

    struct sf_decision decision;
    size_t firing; /* where the run of the actions stands */
    size_t action;
    enum sf_wait wait;
    uint64_t wait_us;
    bool is_in_text; /* an action stands in the middle of its text */
    struct sf_cursor cursor;
    bool is_ending;     /* a reply was said and ends when it has left */
    bool has_defaulted; /* the default was asked to answer */

    unsigned seen; /* set of action kinds of which the first counts */
    const struct sf_rule *extensions; /* the rule whose edit counts */
    bool has_content; /* DATA: a rule says how the message is read */
    bool is_lenient;
    enum sf_effect effect;
    bool has_replied; /* a whole reply was sent */
    bool has_sent;    /* octets that are no reply were */
    int code;         /* of the last whole reply */
    bool wants_close; /* 421 or 521 was sent */
    bool is_left;     /* to the MESSAGE that follows a BDAT LAST */
    bool has_close;   /* the rule says how */
    enum sf_close_kind close;
    sf_capability_set offered; /* EHLO: by the lines sent */

    /* The reply whose last line was not sent yet. */
    struct sf_buf reply; /* lines as on the wire, CRLF */
    size_t reply_lines;
    size_t said_lines; /* of this reply; its record may hold fewer */
    struct sf_rule_ref reply_rule;
    struct sf_slice *lines; /* scratch for its record */
    size_t line_size;
};

/* Owned; NULL without memory. */
struct sf_exchange *sf_exchange_new(void);
void sf_exchange_free(struct sf_exchange *exchange);

/* Forgets what it answered, before it goes back to the pool. */
void sf_exchange_clear(struct sf_exchange *exchange);

/* The rule that is being run. */
const struct sf_firing *sf_exchange_firing(const struct sf_exchange *exchange);

/* Begins to answer `event`; the exchange becomes the session's.  Errors stick
 * to the session. */
void sf_exchange_begin(struct sf_session *session,
                       struct sf_exchange *exchange,
                       enum sf_event event);

/* Runs actions until one waits or all are done.  True when it is over; the
 * caller then lets the session end it. */
bool sf_exchange_run(struct sf_session *session, struct sf_exchange *exchange);

/* No command has caused its event. */
bool sf_exchange_is_aside(const struct sf_exchange *exchange);

/* A line that is no command: of an AUTH exchange, or over the limit. */
void sf_exchange_set_raw(struct sf_exchange *exchange,
                         enum sf_event event,
                         struct sf_slice line);

/* Nothing more of it is said, and what is not decided is refused: it is over
 * with the next run. */
void sf_exchange_cut(struct sf_exchange *exchange);

/* Copies what the exchange borrows from input, before the input goes. */
void sf_exchange_keep(struct sf_session *session, struct sf_exchange *exchange);

#endif
