/* digest.c - SHA-256 through the message digest layer of mbedTLS.
 *
 * That layer has the same calls in 2.28 and 3.6, which sha256.h has not. */
#include "base/digest.h"

#include <mbedtls/md.h>
#include <stdlib.h>

#define SHA256_BYTES 32

struct sf_digest {
    mbedtls_md_context_t md;
    bool is_failed; /* only hardware or memory can do that */
};

struct sf_digest *sf_digest_new(void)
{
    const mbedtls_md_info_t *info =
        mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    struct sf_digest *digest = calloc(1, sizeof(*digest));

    if (digest == NULL) {
        return NULL;
    }
    mbedtls_md_init(&digest->md);
    if (info == NULL || mbedtls_md_setup(&digest->md, info, 0) != 0 ||
        mbedtls_md_starts(&digest->md) != 0) {
        sf_digest_free(digest);
        return NULL;
    }
    return digest;
}

void sf_digest_free(struct sf_digest *digest)
{
    if (digest != NULL) {
        mbedtls_md_free(&digest->md);
        free(digest);
    }
}

void sf_digest_update(struct sf_digest *digest, const void *data, size_t len)
{
    if (len > 0 && mbedtls_md_update(&digest->md, data, len) != 0) {
        digest->is_failed = true;
    }
}

/* After a failure the text is empty: no digest rather than a wrong one. */
void sf_digest_finish(struct sf_digest *digest, char out[SF_DIGEST_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[SHA256_BYTES];
    size_t at = 0;

    if (mbedtls_md_finish(&digest->md, octets) != 0) {
        digest->is_failed = true;
    }
    if (!digest->is_failed) {
        for (size_t i = 0; i < SHA256_BYTES; i++) {
            out[at++] = digits[octets[i] >> 4];
            out[at++] = digits[octets[i] & 15];
        }
    }
    out[at] = '\0';
}

int sf_digest_hex(struct sf_slice slice, char out[SF_DIGEST_HEX_SIZE])
{
    struct sf_digest *digest = sf_digest_new();

    if (digest == NULL) {
        return SF_ENOMEM;
    }
    sf_digest_update(digest, slice.ptr, slice.len);
    sf_digest_finish(digest, out);
    sf_digest_free(digest);
    return out[0] == '\0' ? SF_ENOMEM : 0;
}
