/* transaction.h - a mail transaction: envelope, and content as it comes
 * (RFC 5321 3.3).  Reused by the sessions of a run. */
#ifndef SF_SESSION_TRANSACTION_H
#define SF_SESSION_TRANSACTION_H

#include "base/buf.h"
#include "base/digest.h"
#include "conduct/watch.h"
#include "journal/record.h"
#include "smtp/header.h"

/* Octets of the header section that are kept, and of what is behind it: what
 * comes after them is not looked at. */
#define SF_HEADER_LIMIT_BYTES 262144
#define SF_BODY_LIMIT_BYTES   1048576

/* A message is cut off here whatever the scenario says. */
#define SF_MESSAGE_LIMIT_BYTES 1073741824

/* Domains of recipients that are told apart, for RCPTDOMAINMAX. */
#define SF_DOMAINS_TOLD 32

struct sf_recipient {
    size_t offset; /* into names */
    size_t len;
    bool is_accepted; /* the message was taken for it */
};

/* What is wanted of the content. */
enum sf_content_want {
    SF_CONTENT_IDENTITY = 1, /* Message-ID and SHA-256 */
    SF_CONTENT_OCTETS = 2,   /* all of it */
    SF_CONTENT_HEADER = 4,   /* fields of the header section, for rules */
    SF_CONTENT_BODY = 8,     /* what is behind it, for rules */
};

struct sf_transaction {
    struct sf_transaction *next; /* in the run's pool */

    uint64_t number;     /* of its MAIL in the session */
    struct sf_buf names; /* text of sender and recipients */
    size_t sender_len;   /* the sender comes first */
    struct sf_recipient *recipients;
    size_t recipient_count;
    size_t recipient_size;
    struct sf_slice *views; /* as slices, when asked for: all, accepted */
    size_t view_size;
    uint64_t declared_size; /* MAIL SIZE=, octets; 0: none */
    bool has_declared_size;
    bool is_smtputf8;
    bool is_8bit;     /* BODY=8BITMIME */
    bool is_binary;   /* BODY=BINARYMIME: BDAT only (RFC 3030 3) */
    bool is_chunked;  /* a BDAT came */
    bool has_failed;  /* a BDAT was refused (RFC 3030 2) */
    bool is_decided;  /* BDAT LAST said whether the message takes effect */
    bool is_complete; /* the end of the message was received */
    bool is_reported; /* the sink knows the message */

    bool is_too_big;
    bool has_header;     /* the header section is complete */
    bool starts_with_cr; /* its last line so far does, */
    size_t line_len;     /* which has so many octets */

    /* What the client did, for the rules that it has to meet. */
    struct sf_conduct_set broken; /* by the message */
    struct sf_watch_text text;
    bool has_tried_content; /* DATA or BDAT came */
    int refused_code;       /* of the last recipient that was refused */
    size_t refused_count;
    size_t rcpt_count; /* RCPT commands, refused or not */
    size_t domain_count;
    uint64_t domains[SF_DOMAINS_TOLD]; /* hashes */

    unsigned wants; /* set of sf_content_want */
    uint64_t size_limit_bytes;
    uint64_t octets;
    struct sf_digest *digest;
    struct sf_buf header;    /* up to and with the first empty line */
    struct sf_header fields; /* after sf_transaction_end_content(), if wanted */
    struct sf_buf body;
    struct sf_chunk *first_chunk;
    struct sf_chunk *last_chunk;
    size_t last_size; /* octets that the last chunk has room for */
    char sha256[SF_DIGEST_HEX_SIZE]; /* after sf_transaction_end_content() */
    struct sf_slice message_id;      /* likewise; into header */
};

/* Owned; NULL without memory. */
struct sf_transaction *sf_transaction_new(void);
void sf_transaction_free(struct sf_transaction *transaction);

/* Makes it as new; keeps what memory is worth keeping. */
void sf_transaction_clear(struct sf_transaction *transaction);

SF_MUST_CHECK int sf_transaction_set_sender(struct sf_transaction *transaction,
                                            struct sf_slice sender);
SF_MUST_CHECK int
sf_transaction_add_recipient(struct sf_transaction *transaction,
                             struct sf_slice recipient);

struct sf_slice sf_transaction_sender(const struct sf_transaction *transaction);
struct sf_slice
sf_transaction_recipient(const struct sf_transaction *transaction,
                         size_t index);

/* The recipients as slices, all of them or those that the message was taken
 * for; valid until a recipient is added.  NULL without memory or recipients. */
const struct sf_slice *
sf_transaction_recipients(struct sf_transaction *transaction,
                          size_t *out_count);
const struct sf_slice *
sf_transaction_accepted(struct sf_transaction *transaction, size_t *out_count);

/* Adds message content. */
SF_MUST_CHECK int sf_transaction_add_content(struct sf_transaction *transaction,
                                             struct sf_slice content);

/* The message is complete: fills sha256 and message_id. */
SF_MUST_CHECK int
sf_transaction_end_content(struct sf_transaction *transaction);

/* What a message is known by: its Message-ID, else its hash. */
struct sf_slice
sf_transaction_identity(const struct sf_transaction *transaction);

#endif
