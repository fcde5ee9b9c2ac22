/* cert.h - certificates: a throw-away authority with leaves of its own, or the
 * user's.  For net only. */
#ifndef SF_NET_CERT_H
#define SF_NET_CERT_H

#include "net/tls_compat.h"
#include "smtpfault.h"

/* Enough for the authority's certificate as text. */
#define SF_CERT_TEXT_SIZE 2048

/* Makes certificates that nobody but who was given its own trusts. */
struct sf_authority {
    const char *name; /* as X.509 writes it */
    mbedtls_pk_context key;
    mbedtls_x509_crt certificate;
    char text[SF_CERT_TEXT_SIZE]; /* PEM, of the certificate */
};

struct sf_cert {
    mbedtls_pk_context key;
    mbedtls_x509_crt chain; /* the server's first */
};

/* Makes key and certificate (ECDSA, P-256).  Returns 0 or SF_EIO; fini in any
 * case. */
SF_MUST_CHECK int sf_authority_init(struct sf_authority *authority,
                                    mbedtls_ctr_drbg_context *random);
void sf_authority_fini(struct sf_authority *authority);

/* A leaf that is to be made. */
struct sf_cert_order {
    enum sf_tls_certificate kind;
    const char *const *names; /* besides localhost, 127.0.0.1 and ::1; numeric
                                 addresses become such */
    size_t name_count;
};

void sf_cert_init(struct sf_cert *cert);

/* Makes a leaf, and whatever signs it if that is not the authority.  Errors as
 * above. */
SF_MUST_CHECK int sf_cert_make(struct sf_cert *cert,
                               const struct sf_cert_order *order,
                               struct sf_authority *authority,
                               mbedtls_ctr_drbg_context *random);

/* Takes the user's, both PEM.  SF_ESYNTAX: *out_fault says what is wrong. */
SF_MUST_CHECK int sf_cert_parse(struct sf_cert *cert,
                                struct sf_slice chain,
                                struct sf_slice key,
                                mbedtls_ctr_drbg_context *random,
                                const char **out_fault);
void sf_cert_fini(struct sf_cert *cert);

#endif
