/* sasl.h - the server's side of one SASL exchange (RFC 4422).
 *
 * Lines of the client come in as they stand on the wire, in base64; challenges
 * go out likewise.  What an exchange decodes is wiped before it is released. */
#ifndef SF_SMTP_SASL_H
#define SF_SMTP_SASL_H

#include "base/buf.h"
#include "smtp/mechanism.h"

/* Whose password is which. */
struct sf_sasl_users {
    /* The password of `user`, terminated and borrowed; NULL: there is no such
     * user.  NULL instead of a function: every password is right. */
    const char *(*find)(const void *ctx, struct sf_slice user);
    const void *ctx;
};

enum sf_sasl_result {
    SF_SASL_CHALLENGE,  /* the client has to answer one more */
    SF_SASL_DONE,       /* it is who it says */
    SF_SASL_REFUSED,    /* it is not */
    SF_SASL_BAD_BASE64, /* the line cannot be decoded; this ends it */
    SF_SASL_TOO_EARLY,  /* data came with AUTH and the server speaks first */
    SF_SASL_FAILED,     /* memory ran out, or nobody knows the passwords */
    SF_SASL_RESULT_COUNT
};

struct sf_sasl;

/* Owned; NULL without memory.  `users` is copied, what it points to is
 * borrowed. */
struct sf_sasl *sf_sasl_new(enum sf_mechanism mechanism,
                            const struct sf_sasl_users *users);
void sf_sasl_free(struct sf_sasl *sasl); /* accepts NULL */

/* Begins with what stood behind the mechanism in the AUTH command: nothing,
 * `=` for an initial response without octets, or base64.  A challenge is
 * appended to `out`. */
enum sf_sasl_result sf_sasl_start(struct sf_sasl *sasl,
                                  struct sf_slice initial,
                                  struct sf_buf *out);

/* Goes on with a line.  Once it has ended, the result stays what it was. */
enum sf_sasl_result
sf_sasl_step(struct sf_sasl *sasl, struct sf_slice line, struct sf_buf *out);

/* Who the client says it is, as far as it has; empty: not yet. */
struct sf_slice sf_sasl_user(const struct sf_sasl *sasl);

/* Appends octets in base64. */
void sf_sasl_encode(struct sf_slice octets, struct sf_buf *out);

#endif
