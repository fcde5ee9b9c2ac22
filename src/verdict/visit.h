/* visit.h - a session while it goes on, and its transaction: what a history is
 * made of. */
#ifndef SF_VERDICT_VISIT_H
#define SF_VERDICT_VISIT_H

#include "verdict/history.h"

/* A recipient of a transaction. */
struct sf_addressee {
    uint32_t name;
    uint64_t n;  /* of its RCPT */
    int code;    /* of the reply to that; 0: none yet */
    int content; /* of the reply to the content; 0: none yet */
    uint64_t end_us;
};

struct sf_envelope {
    bool is_open;
    bool is_sent; /* its content was: no recipient comes any more */
    bool is_over; /* nothing more is of it but the evidence */
    uint32_t order;
    uint32_t sender;
    uint32_t message; /* SF_NAMELESS: no content yet */
    uint64_t n;       /* of its MAIL */
    int code;         /* of the reply to that; 0: none yet */
    uint64_t begin_us;
    uint64_t end_us;  /* when that reply came */
    uint64_t over_us; /* when it was over */
    struct sf_mark where;
    struct sf_addressee *addressees; /* reused by the next transaction */
    size_t count;
    size_t size;
    size_t answered; /* LMTP: those whose content was answered, from the first
                        accepted one on */
};

/* A rule that the client bears at the moment. */
struct sf_burden {
    const char *rule; /* label; NULL: none */
    uint64_t begin_us;
    uint64_t n;       /* of the command that it answers; 0: none */
    bool has_reading; /* it reads slowly, or not, until the end */
    bool is_silent;   /* it answers nothing */
    bool is_answered; /* and done, unless has_reading */
    uint64_t end_us;  /* when that was */
    struct sf_mark where;
};

struct sf_visit {
    uint64_t number;
    struct sf_mark where;
    bool is_tls;
    bool is_lmtp;
    bool has_begun_tls; /* before any command */
    bool has_spoken;    /* sent a command */
    bool has_quit;
    bool has_reset;
    bool has_starttls;
    uint64_t n; /* of its last command */
    struct sf_envelope envelope;
    struct sf_burden burden;
};

/* A record of the session stands in that line: its part of the dialogue
 * grows. */
void sf_visit_see(struct sf_visit *visit,
                  const struct sf_record *record,
                  uint64_t line);

/* What a session does, by type of record; `visit` is NULL where the record is
 * of no session that is known.  SF_ENOMEM is the only error. */
typedef int sf_visit_fn(struct sf_history *history,
                        struct sf_visit *visit,
                        const struct sf_record *record,
                        uint64_t line);

sf_visit_fn sf_visit_command;
sf_visit_fn sf_visit_reply;
sf_visit_fn sf_visit_fired;
sf_visit_fn sf_visit_fault;
sf_visit_fn sf_visit_tls;
sf_visit_fn sf_visit_message;
sf_visit_fn sf_visit_disconnect;

/* The records end while the session goes on. */
SF_MUST_CHECK int sf_visit_end(struct sf_history *history,
                               struct sf_visit *visit);

/* The index of a name, SF_NAMELESS if there are too many.  Addresses are the
 * same in any case, what messages are known by is not.  SF_ENOMEM is the only
 * error. */
SF_MUST_CHECK int sf_visit_name(struct sf_history *history,
                                bool is_address,
                                struct sf_slice text,
                                uint32_t *out_name);

/* MAIL; RCPT; a reply; a message. */
SF_MUST_CHECK int sf_envelope_open(struct sf_envelope *envelope,
                                   struct sf_history *history,
                                   const struct sf_record *record,
                                   uint64_t line);
SF_MUST_CHECK int sf_envelope_address(struct sf_envelope *envelope,
                                      struct sf_history *history,
                                      const struct sf_record *record);
void sf_envelope_answer(struct sf_envelope *envelope,
                        const struct sf_record *record,
                        bool is_lmtp);
SF_MUST_CHECK int sf_envelope_fill(struct sf_envelope *envelope,
                                   struct sf_history *history,
                                   const struct sf_record *record);

/* The client ended the transaction, by RSET or the like. */
void sf_envelope_end(struct sf_envelope *envelope, uint64_t now_us);

/* Makes an attempt for each recipient. */
SF_MUST_CHECK int sf_envelope_close(struct sf_envelope *envelope,
                                    struct sf_history *history,
                                    uint64_t now_us);

/* Room for one more item of an array; NULL without memory, or when there are
 * as many as may be, which sets has_overflowed. */
void *sf_visit_make_room(struct sf_history *history,
                         void *items,
                         size_t item_size,
                         size_t count,
                         size_t *size);

#endif
