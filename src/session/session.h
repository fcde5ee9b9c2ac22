/* session.h - one connection's SMTP server, as the files of this layer share
 * it.  The outside sees smtpfault.h. */
#ifndef SF_SESSION_SESSION_H
#define SF_SESSION_SESSION_H

#include "session/conduct.h"
#include "session/exchange.h"
#include "session/output.h"
#include "session/run.h"
#include "smtp/data.h"

struct sf_reading;
struct sf_sasl;

/* RFC 4422 3.1: octets of the name of a SASL mechanism. */
#define SF_MECHANISM_MAX 20

enum sf_phase {
    SF_PHASE_OPENING,   /* the greeting was not sent yet */
    SF_PHASE_COMMAND,   /* a command line is next */
    SF_PHASE_SKIP,      /* the rest of a line that was too long */
    SF_PHASE_AUTH,      /* a line of an AUTH exchange is next */
    SF_PHASE_DATA,      /* message data up to CRLF.CRLF */
    SF_PHASE_CHUNK,     /* the octets of a BDAT */
    SF_PHASE_HANDSHAKE, /* of TLS; before it what is in the clear leaves */
    SF_PHASE_SPOILED,   /* it went wrong: what still comes is dropped */
    SF_PHASE_CLOSING,   /* no more events; output may still wait */
    SF_PHASE_CLOSED,    /* the control was given out */
};

struct sf_session {
    struct sf_run *run;
    const struct sf_server *server; /* settings for this listener */
    const char *listener;
    uint64_t now_us; /* of this step */
    uint64_t opened_us;
    uint64_t active_us; /* last octet taken, or answer sent */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t chunk_left; /* CHUNK: octets still to come */
    uint32_t number;
    uint32_t transactions; /* MAIL commands so far */
    uint32_t commands;
    sf_mechanism_set mechanisms; /* offered by the last EHLO answer */
    uint32_t offered;            /* likewise: sf_capability_set */
    int error;                   /* sticky: fails the step */
    uint16_t scanned;            /* octets of input without a line end */
    uint16_t port;

    unsigned char protocol; /* enum sf_protocol */
    unsigned char phase;    /* enum sf_phase; set_phase() */
    struct sf_data data;
    unsigned char control; /* enum sf_control: how it closes */
    unsigned char end_by;  /* enum sf_end_by */
    unsigned char end_how; /* enum sf_end_how */
    bool has_greeted : 1;  /* EHLO, HELO or LHLO was accepted */
    bool is_esmtp : 1;     /* by EHLO or LHLO */
    bool is_refused : 1;   /* CONNECT was: 503 to all until QUIT */
    bool is_authenticated : 1;
    bool has_tried_auth : 1; /* credentials may still come as commands */
    bool took_secret : 1;    /* this step, for its driver */
    bool has_early : 1;      /* input came while an exchange waited */
    bool is_lenient : 1;     /* how messages are read, unless DATA says so */
    bool is_mid_line : 1;    /* the last octet that left ended no line */
    bool wants_discard : 1;  /* what has come and was not taken is dropped */
    bool has_tls : 1;        /* a handshake can be had */
    bool is_tls : 1;         /* it was */
    bool is_tls_first : 1;   /* before the greeting */
    bool wants_tls : 1;      /* it begins once the output has left */
    bool is_counted : 1;     /* among the open ones */
    bool has_end : 1;        /* by and how are known */
    struct sf_conduct conduct;
    /* Of the last AUTH; empty if there is none of that length. */
    char mechanism[SF_MECHANISM_MAX + 1];
    uint16_t user_len;

    struct sf_sasl *sasl;               /* of an AUTH under way; NULL: none */
    char *user;                         /* who has authenticated; owned */
    char *helo;                         /* owned; NULL: none */
    struct sf_exchange *exchange;       /* being answered; NULL: none */
    struct sf_transaction *transaction; /* open; NULL: none */
    struct sf_output output;
    const struct sf_tls_info *tls_info; /* of this step; NULL: none */
    const struct sf_rule *handshake;    /* that says how it goes; NULL: well */
    const struct sf_rule *waiting; /* at the end: was not done; NULL: none */
    struct sf_reading *reading;    /* NULL: as fast as octets come */
    uint32_t timers_done;          /* set of points, bit 1 << index */
    uint32_t idles_done;
    uint32_t nth[SF_EVENT_COUNT];
    char client[]; /* address */
};

/* The only place that changes the phase. */
void sf_session_set_phase(struct sf_session *session, enum sf_phase phase);

/* Remembers the first error; it fails the step. */
void sf_session_fail(struct sf_session *session, int err);

/* Of the open transaction, else of the last MAIL; 0: there was none. */
uint64_t sf_session_transaction_number(const struct sf_session *session);

/* `nth` of the events of a transaction begins anew. */
void sf_session_restart_nth(struct sf_session *session);

/* No more events: the connection closes when the output has left. */
void sf_session_close(struct sf_session *session,
                      enum sf_end_by by,
                      enum sf_end_how how,
                      enum sf_control control);

/* Ends the transaction, if there is one, whatever became of it. */
void sf_session_end_transaction(struct sf_session *session);

/* An exchange for the command that was counted last; NULL without memory. */
struct sf_exchange *sf_session_new_exchange(struct sf_session *session);

/* An exchange is under way, and not one that waits for octets of its own. */
bool sf_session_is_answering(const struct sf_session *session);

/* The end of the message was received: begins its event, under LMTP the first
 * recipient's.  Returns false if there is none: the transaction has ended, and
 * the exchange is over. */
bool sf_session_begin_message(struct sf_session *session,
                              struct sf_exchange *exchange);

/* Runs what is under way until it waits or nothing is. */
void sf_session_resume(struct sf_session *session);

bool sf_session_is_lmtp(const struct sf_session *session);

#endif
