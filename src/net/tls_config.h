/* tls_config.h - what connections with TLS share: the store of a process, and
 * for each listener one config a profile.  For net only. */
#ifndef SF_NET_TLS_CONFIG_H
#define SF_NET_TLS_CONFIG_H

#include "net/cert.h"

#define SF_TLS_CIPHER_SIZE 64 /* of the name of a cipher suite */

/* What all connections of a process share: random numbers, and the throw-away
 * authority (made when first asked for). */
struct sf_tls_store;

/* Returns an owned store, or NULL: no memory, or no random numbers. */
struct sf_tls_store *sf_tls_store_new(void);
void sf_tls_store_free(struct sf_tls_store *store); /* accepts NULL */

/* The certificate of the throw-away authority, PEM; NULL if it cannot be
 * made.  Borrowed from the store. */
const char *sf_tls_store_authority(struct sf_tls_store *store);

/* How a listener speaks TLS. */
struct sf_tls_settings {
    const char *const *names; /* hosts and addresses of a throw-away leaf */
    size_t name_count;
    struct sf_slice certificate; /* PEM, NUL behind it; NULL: throw-away */
    struct sf_slice key;         /* likewise; NULL: in the certificate's file */
    enum sf_tls_version min;     /* ANY_VERSION: 1.2, or all up to max */
    enum sf_tls_version max;     /* ANY_VERSION: the newest that there is */
    const char *ciphers;         /* IANA's names, with commas; NULL: ours */
    const struct sf_tls_profile *profiles; /* that handshakes may have */
    size_t profile_count;
};

/* What the connections with one profile share; immutable. */
struct sf_tls_config {
    struct sf_tls_config *next; /* of the same listener; NULL: none */
    struct sf_tls_profile profile;
    struct sf_tls_store *store;
    struct sf_cert cert;
    mbedtls_ssl_ticket_context tickets; /* of this certificate */
    mbedtls_ssl_config ssl;
    int ciphers[SF_TLS_CIPHERS_MAX + 1]; /* 0 ends them */
};

/* What the linked library can do. */
const struct sf_tls_ability *sf_tls_ability(void);

/* Makes a config, in *out_configs, for the profile that is all zero and one for
 * each other that shows a certificate or has versions of its own.  Returns 0,
 * SF_ENOMEM, or SF_EIO with "what was wrong: what to do about it" in error.
 * The configs are owned, the store is borrowed for their life. */
SF_MUST_CHECK int sf_tls_config_new(struct sf_tls_store *store,
                                    const struct sf_tls_settings *settings,
                                    struct sf_tls_config **out_configs,
                                    char *error,
                                    size_t error_size);
void sf_tls_config_free(struct sf_tls_config *configs); /* accepts NULL */

/* The one for the profile; NULL: none was made. */
const struct sf_tls_config *
sf_tls_config_find(const struct sf_tls_config *configs,
                   const struct sf_tls_profile *profile);

/* Where the name of a cipher suite is put, SF_TLS_CIPHER_SIZE octets: one of
 * the store, since a name is told at once. */
char *sf_tls_store_scratch(struct sf_tls_store *store);

/* Called by the library with the name that a client asks for. */
int sf_tls_note_sni(void *ctx,
                    mbedtls_ssl_context *ssl,
                    const unsigned char *name,
                    size_t len);

#endif
