/* conduct.h - watches what the client does against the rules that it has to
 * meet (conduct/conduct.def), and tells of each breach at its octet.
 *
 * Nothing is watched where nobody looks: neither the sink nor a rule.  A breach
 * changes no answer, but for rules of the event VIOLATION. */
#ifndef SF_SESSION_CONDUCT_H
#define SF_SESSION_CONDUCT_H

#include "conduct/watch.h"
#include "smtp/reply.h"

struct sf_session;
struct sf_exchange;

/* The numbers of LIMITS (RFC 9422 5). */
#define SF_LIMIT_MAP(X)                                                        \
    X(MAIL, "MAILMAX")                                                         \
    X(RCPT, "RCPTMAX")                                                         \
    X(DOMAIN, "RCPTDOMAINMAX")

enum sf_limit {
#define X(name, text) SF_LIMIT_##name,
    SF_LIMIT_MAP(X)
#undef X
        SF_LIMIT_COUNT
};

/* How what was sent so far ends. */
enum sf_tail {
    SF_TAIL_WHOLE,   /* in a last line of a reply */
    SF_TAIL_MORE,    /* in another line of a reply */
    SF_TAIL_PIECE,   /* in the middle of a line */
    SF_TAIL_BARE_LF, /* in LF alone */
};

/* The greeting, as far as it forbids something. */
enum sf_greeting {
    SF_GREETING_OK,
    SF_GREETING_554, /* or another refusal */
    SF_GREETING_521,
    SF_GREETING_421,
};

/* What a session remembers of its client, beside what a server has to. */
struct sf_conduct {
    uint32_t earlier;    /* capabilities of EHLO answers before the last one */
    uint32_t first_line; /* in the first line of the last one */
    uint32_t size_max;   /* that SIZE announces; 0: none */
    uint16_t limits[SF_LIMIT_COUNT]; /* that LIMITS announces; 0: none */
    uint16_t code;                   /* of the last answer; 0: there was none */
    uint16_t borne_ds;  /* the longest wait for an answer, in tenths of a
                           second */
    uint16_t auth_code; /* of the last AUTH that was refused */
    unsigned char auth_mechanism; /* its enum sf_mechanism */
    unsigned char event;          /* that the last answer was for */
    unsigned char command;        /* the last one taken: enum sf_event */
    unsigned char form;     /* what the last answer tests: id + 1; 0: nothing */
    unsigned char tail : 2; /* enum sf_tail */
    unsigned char greeting : 2;   /* enum sf_greeting */
    unsigned char auth_parts : 2; /* that the client has sent, up to three */
    unsigned char hellos : 2;     /* answers since TLS began, up to three */
    bool has_quit : 1;
    bool has_tried_ehlo : 1;
    bool is_unanswered : 1;    /* the last event, on purpose */
    bool has_told_early : 1;   /* of octets behind the last command */
    bool is_one_line : 1;      /* the last EHLO answer */
    bool is_vague_offer : 1;   /* it was octets of `send`: who knows what */
    bool has_long_reply : 1;   /* one of several lines, in this group */
    bool has_injected : 1;     /* octets behind the 220 of STARTTLS */
    bool is_uncertain_tls : 1; /* the certificate was a bad one */
    bool is_fresh_tls : 1;     /* no command came since it began */
    bool has_odd_limits : 1;   /* some of LIMITS are unknown or malformed */
    bool has_new_limits : 1;   /* an earlier answer had others */
};

/* Records that the rule is broken, by these octets (empty: by an omission). */
void sf_conduct_break(struct sf_session *session,
                      enum sf_conduct_id id,
                      struct sf_slice bytes);

/* Whether anybody looks. */
bool sf_conduct_is_watching(const struct sf_session *session);

/* Begins the event VIOLATION if a rule wants it and something was broken since
 * the last call. */
void sf_conduct_raise(struct sf_session *session);

/* What the client sends. */
void sf_conduct_take_line(struct sf_session *session,
                          struct sf_exchange *exchange);
void sf_conduct_take_early(struct sf_session *session, struct sf_slice octets);
void sf_conduct_take_text(struct sf_session *session,
                          struct sf_slice octets,
                          bool is_chunk);
void sf_conduct_count_octets(struct sf_session *session);
void sf_conduct_take_plain(struct sf_session *session, struct sf_slice octets);

/* The client ends the connection. */
void sf_conduct_leave(struct sf_session *session);

/* The client took no output for too long. */
void sf_conduct_stall(struct sf_session *session);

/* What the server says, as far as it matters. */
void sf_conduct_say_line(struct sf_session *session,
                         struct sf_exchange *exchange,
                         const struct sf_reply_line *line);
void sf_conduct_end_exchange(struct sf_session *session,
                             const struct sf_exchange *exchange);
void sf_conduct_begin_tls(struct sf_session *session, bool is_uncertain);
void sf_conduct_fail_tls(struct sf_session *session);
void sf_conduct_sent(struct sf_session *session, struct sf_slice output);

/* For the files of this module. */

/* The exchange of a command that is still to be answered; NULL: none. */
const struct sf_exchange *
sf_conduct_find_owed(const struct sf_session *session);

/* Whether the answer to the last command has to be waited for: no PIPELINING is
 * offered, or the command ends a group. */
bool sf_conduct_has_to_wait(const struct sf_session *session);

/* Whether the form of the last answer was taken for something else: the client
 * gave up where it had to go on. */
bool sf_conduct_gave_up(const struct sf_session *session, bool has_left);

/* LEN-08, LEN-09 or SEQ-13 if the recipients that were accepted get nothing
 * because others were refused; SF_CONDUCT_COUNT: they do. */
enum sf_conduct_id sf_conduct_forsaken(const struct sf_session *session);

#endif
