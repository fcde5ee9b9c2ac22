/* history.h - what the clients of a run did, as far as it can be judged.
 *
 * It is made of records and of nothing else, so that it is the same live and
 * from a saved journal.  It keeps attempts, waits and messages up to a limit
 * each; what is beyond is not looked at, and has_overflowed says so. */
#ifndef SF_VERDICT_HISTORY_H
#define SF_VERDICT_HISTORY_H

#include "base/digest.h"
#include "base/map.h"
#include "verdict/dialogue.h"

/* Attempts, waits, accepted messages, each; different names of them. */
#define SF_HISTORY_ITEMS_MAX 262144
#define SF_HISTORY_NAMES_MAX 1048576

/* Octets of all names together. */
#define SF_HISTORY_NAME_BYTES_MAX 67108864

/* Client rules that were broken, mechanisms that were used. */
#define SF_HISTORY_BREACHES_MAX   256
#define SF_HISTORY_MECHANISMS_MAX 32

/* No name: it is not known. */
#define SF_NAMELESS UINT32_MAX

enum sf_fate {
    SF_FATE_DEFERRED,  /* everything else, a lost connection too */
    SF_FATE_DELIVERED, /* 2yz */
    SF_FATE_REFUSED,   /* 5yz */
    SF_FATE_COUNT
};

/* A transaction, for one of its recipients. */
struct sf_attempt {
    uint32_t sender;    /* names */
    uint32_t recipient; /* SF_NAMELESS: it ended before one was named */
    uint32_t message;   /* SF_NAMELESS: it ended before its content */
    uint32_t order;     /* of its transaction in the run */
    enum sf_fate fate;
    int code;             /* that decided it; 0: none came */
    uint64_t begin_us;    /* MAIL */
    uint64_t end_us;      /* when its fate was known */
    struct sf_mark where; /* the transaction */
};

/* How long a client bore a rule. */
struct sf_wait {
    const char *rule; /* label */
    uint64_t us;      /* as measured, at the speed of the run */
    bool is_over;     /* the client left, or the rule was done */
    struct sf_mark where;
};

/* A message that was accepted for somebody. */
struct sf_receipt {
    uint32_t message; /* name */
    uint64_t octets;
    char sha256[SF_DIGEST_HEX_SIZE];
    struct sf_mark where;
};

/* A thing that sessions do or do not. */
struct sf_custom {
    uint64_t with;
    uint64_t without; /* though they could have done it */
    struct sf_mark first_with;
    struct sf_mark first_without;
};

/* A thing that clients should not do. */
struct sf_slip {
    uint64_t count;
    struct sf_mark first;
};

struct sf_mechanism_use {
    const char *name;
    uint64_t count;
    struct sf_mark first;
};

/* How often a rule has fired. */
struct sf_firings {
    uint64_t count;
    struct sf_mark first;
    struct sf_mark last;
};

/* The command under test. */
struct sf_exit {
    bool is_known; /* it has ended */
    int status;
    enum sf_stop stop;
    struct sf_slice standard_output;
    struct sf_slice standard_error;
    bool is_cut;
    uint64_t duration_us;
    uint64_t cpu_us;
    uint64_t memory_bytes;
    uint64_t line; /* of the journal */
};

struct sf_visit_entry;

struct sf_history {
    struct sf_arena arena;
    struct sf_dialogue dialogue;
    const char *const *waited; /* labels of rules that waits are kept for */
    size_t waited_count;

    /* The run line. */
    const char *wall_clock;
    const char *command; /* NULL: none */
    uint64_t seed;
    double speed;
    uint64_t begin_us;
    uint64_t end_us; /* of the last record */

    /* Names: addresses and what messages are known by. */
    struct sf_map *name_ids;
    struct sf_slice *names;
    size_t name_count;
    size_t name_size;
    size_t name_bytes;
    struct sf_buf key; /* scratch */

    struct sf_visit_entry *visits; /* sessions that go on */
    uint64_t session_count;
    uint64_t transaction_count;
    uint64_t message_count; /* different ones */
    uint64_t duplicate_count;
    uint64_t auth_count; /* AUTH commands */
    struct sf_slip duplicates;
    struct sf_slip auths;
    struct sf_slip plaintext_auth;
    struct sf_slip plaintext_mail;
    struct sf_custom quit;
    struct sf_custom rset;
    struct sf_custom starttls;
    struct sf_mechanism_use mechanisms[SF_HISTORY_MECHANISMS_MAX];
    size_t mechanism_count;
    struct sf_breach *breaches;
    size_t breach_count;
    struct sf_map *firings;      /* by label: struct sf_firings */
    struct sf_map *accepted;     /* messages: by name */
    struct sf_attempt *attempts; /* in the order of their end */
    size_t attempt_count;
    size_t attempt_size;
    struct sf_wait *waits;
    size_t wait_count;
    size_t wait_size;
    struct sf_receipt *receipts;
    size_t receipt_count;
    size_t receipt_size;
    bool has_overflowed;
    struct sf_exit exit;
};

/* `waited` is borrowed.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_history_init(struct sf_history *history,
                                  const char *const *waited,
                                  size_t waited_count);
void sf_history_fini(struct sf_history *history);

/* Adds the record that is in that line of the journal, from 1.  SF_ENOMEM is
 * the only error. */
SF_MUST_CHECK int sf_history_add(struct sf_history *history,
                                 const struct sf_record *record,
                                 uint64_t line);

/* No more records will come: ends what goes on. */
SF_MUST_CHECK int sf_history_end(struct sf_history *history);

/* How often the rule of that label has fired; NULL: never. */
const struct sf_firings *sf_history_find_firings(struct sf_history *history,
                                                 const char *label);

#endif
