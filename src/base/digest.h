/* digest.h - SHA-256 of octets that come in pieces (mbedTLS underneath). */
#ifndef SF_BASE_DIGEST_H
#define SF_BASE_DIGEST_H

#include "smtpfault.h"

/* 64 hexadecimal digits and NUL. */
#define SF_DIGEST_HEX_SIZE 65

struct sf_digest;

struct sf_digest *sf_digest_new(void);         /* owned; NULL without memory */
void sf_digest_free(struct sf_digest *digest); /* accepts NULL */
void sf_digest_update(struct sf_digest *digest, const void *data, size_t len);
/* Writes lower-case hexadecimal, or "" if the library failed on the way; the
 * digest can only be freed afterwards. */
void sf_digest_finish(struct sf_digest *digest, char out[SF_DIGEST_HEX_SIZE]);

/* All at once.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_digest_hex(struct sf_slice slice,
                                char out[SF_DIGEST_HEX_SIZE]);

#endif
