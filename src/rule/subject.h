/* subject.h - what is known at one event: the facts that conditions look at,
 * and the parts of the keys by which rules count. */
#ifndef SF_RULE_SUBJECT_H
#define SF_RULE_SUBJECT_H

#include "rule/rule.h"
#include "smtp/header.h"

enum sf_shared { SF_SHARED_CLIENT = 1, SF_SHARED_LISTENER = 2 };

#define SF_SHARED_SETS 4

/* What is not known has its has_ flag off, and a condition on it does not
 * hold.  Everything is borrowed. */
struct sf_subject {
    enum sf_event event;
    bool has_helo;
    bool has_sender;
    bool has_argument;
    bool has_user;
    bool has_mechanism;
    bool has_size;
    bool has_body;
    bool is_esmtp;
    bool is_authenticated;
    bool is_tls;
    bool is_secret; /* the argument may hold a password */
    uint64_t now_us;
    struct sf_slice client;
    struct sf_slice listener;
    struct sf_slice helo;
    struct sf_slice sender;
    /* RCPT: the one; DATA, BDAT, BURL and MESSAGE: the accepted ones, of which
     * any may match.  The first one is the key of `per`. */
    const struct sf_slice *recipients;
    size_t recipient_count;
    struct sf_slice argument;
    struct sf_slice user; /* who authenticates, or has */
    struct sf_slice mechanism;
    struct sf_header *header; /* MESSAGE, if a rule asks for it; else NULL */
    struct sf_slice body;     /* likewise */
    struct sf_slice message;  /* identity; MESSAGE only */
    /* Ids of the rules for clients that the octets of the event broke. */
    const struct sf_slice *violations;
    size_t violation_count;
    uint64_t size;   /* of the message, octets */
    uint64_t length; /* of the line, octets; 0: there is none */
    uint64_t session;
    uint64_t transaction;
    uint64_t nth;
    uint64_t scope; /* of `nth`: another one begins to count anew */
    uint64_t nth_of[SF_PER_COUNT]; /* filled by the evaluation; 0: not known */
    /* Open sessions, this one included, by what they have in common with it: a
     * set of sf_shared.  Filled only if a rule asks. */
    uint64_t concurrent[SF_SHARED_SETS];
    uint64_t at_bytes; /* BODY: as in the rule that is meant */
    uint64_t after_us; /* IDLE, TIMER: likewise, at speed 1 */
};

#endif
