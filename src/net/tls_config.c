/* tls_config.c - what connections with TLS share. */
#include "net/tls_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* A client may keep a ticket for so long. */
#define TICKET_LIFE_S 86400

/* RFC 8446 B.4: the first octet of the suites of TLS 1.3, and of no others. */
#define SUITES_1_3 0x13

struct sf_tls_store {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    struct sf_authority authority;
    bool has_authority;
    char scratch[SF_TLS_CIPHER_SIZE];
};

struct sf_tls_store *sf_tls_store_new(void)
{
    struct sf_tls_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        return NULL;
    }
    mbedtls_entropy_init(&store->entropy);
    mbedtls_ctr_drbg_init(&store->random);
    if (sf_tls_init_library() != 0 ||
        mbedtls_ctr_drbg_seed(&store->random, mbedtls_entropy_func,
                              &store->entropy, NULL, 0) != 0) {
        sf_tls_store_free(store);
        return NULL;
    }
    return store;
}

void sf_tls_store_free(struct sf_tls_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->has_authority) {
        sf_authority_fini(&store->authority);
    }
    mbedtls_ctr_drbg_free(&store->random);
    mbedtls_entropy_free(&store->entropy);
    free(store);
}

static struct sf_authority *get_authority(struct sf_tls_store *store)
{
    if (store->has_authority) {
        return &store->authority;
    }
    if (sf_authority_init(&store->authority, &store->random) != 0) {
        sf_authority_fini(&store->authority);
        return NULL;
    }
    store->has_authority = true;
    return &store->authority;
}

const char *sf_tls_store_authority(struct sf_tls_store *store)
{
    struct sf_authority *authority = get_authority(store);

    return authority == NULL ? NULL : authority->text;
}

/* Configs. */

char *sf_tls_store_scratch(struct sf_tls_store *store)
{
    return store->scratch;
}

static int fail(char *error, size_t size, const char *what)
{
    (void)snprintf(error, size, "%s", what);
    return SF_EIO;
}

static int make_cert(struct sf_tls_config *config,
                     const struct sf_tls_settings *settings,
                     char *error,
                     size_t error_size)
{
    const char *fault =
        "a throw-away certificate cannot be made: give one "
        "with --tls-cert";
    const struct sf_cert_order order = {config->profile.certificate,
                                        settings->names, settings->name_count};
    struct sf_authority *authority = NULL;
    int err = SF_EIO;

    if (order.kind == SF_TLS_RIGHT && settings->certificate.ptr != NULL) {
        err = sf_cert_parse(&config->cert, settings->certificate,
                            settings->key.ptr == NULL ? settings->certificate
                                                      : settings->key,
                            &config->store->random, &fault);
    } else {
        authority = get_authority(config->store);
    }
    if (authority != NULL) {
        err = sf_cert_make(&config->cert, &order, authority,
                           &config->store->random);
    }
    return err == 0 ? 0 : fail(error, error_size, fault);
}

/* The library parts words by `-` and, unlike IANA, names those of TLS 1.3
 * TLS1-3. */
static int find_cipher(struct sf_slice name)
{
    static const char *const prefixes[] = {"TLS-", "TLS1-3-"};
    int cipher = 0;

    if (!sf_slice_starts_nocase(name, "TLS_")) {
        return 0;
    }
    name = sf_slice_skip(name, strlen("TLS_"));
    for (size_t i = 0; i < 2 && cipher == 0; i++) {
        char text[SF_TLS_CIPHER_SIZE];
        int len =
            snprintf(text, sizeof(text), "%s%.*s", prefixes[i],
                     (int)(name.len < sizeof(text) ? name.len : 0), name.ptr);

        for (char *c = text; len > 0 && *c != '\0'; c++) {
            if (*c == '_') {
                *c = '-';
            }
        }
        cipher = mbedtls_ssl_get_ciphersuite_id(text);
    }
    return cipher;
}

static int choose_ciphers(struct sf_tls_config *config,
                          const char *names,
                          char *error,
                          size_t error_size)
{
    struct sf_slice rest = sf_slice_str(names);
    size_t count = 0;

    while (rest.len > 0) {
        size_t len = sf_slice_find(rest, ',');
        struct sf_slice name = sf_slice_trim(sf_slice(rest.ptr, len));
        int cipher = find_cipher(name);

        if (cipher == 0 || count == SF_TLS_CIPHERS_MAX) {
            (void)snprintf(error, error_size,
                           "`ciphers`: %.*s cannot be had: write names such as "
                           "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                           (int)name.len, name.ptr);
            return SF_EIO;
        }
        config->ciphers[count++] = cipher;
        rest = sf_slice_skip(rest, len < rest.len ? len + 1 : len);
    }
    return 0;
}

static bool knows_cipher(struct sf_slice name)
{
    return find_cipher(name) != 0;
}

static const char *check_pair(struct sf_slice certificate, struct sf_slice key)
{
    struct sf_tls_store *store = sf_tls_store_new();
    const char *fault = NULL;
    struct sf_cert cert;

    if (store == NULL) {
        return sf_strerror(SF_ENOMEM);
    }
    if (sf_cert_parse(&cert, certificate, key.ptr == NULL ? certificate : key,
                      &store->random, &fault) == 0) {
        fault = NULL;
    }
    sf_cert_fini(&cert);
    sf_tls_store_free(store);
    return fault;
}

const struct sf_tls_ability *sf_tls_ability(void)
{
    static const struct sf_tls_ability ability = {SF_TLS_OLDEST, SF_TLS_NEWEST,
                                                  knows_cipher, check_pair};

    return &ability;
}

/* Forward secret and authenticated; those of TLS 1.3 where it is there. */
#define CIPHERS                                                                \
    SF_TLS_CIPHERS_1_3                                                         \
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"                                 \
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,"                           \
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,"                                 \
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,"                                   \
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,"                             \
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"

/* TLS 1.0 and 1.1 know none of them. */
#define OLD_CIPHERS                                                            \
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"

/* What the profile does not say, the listener does; a limit of the profile
 * moves the other one along where it has to. */
static bool find_versions(const struct sf_tls_profile *profile,
                          const struct sf_tls_settings *settings,
                          enum sf_tls_version *out_min,
                          enum sf_tls_version *out_max)
{
    enum sf_tls_version min = settings->min;
    enum sf_tls_version max = settings->max;

    max = max == SF_TLS_ANY_VERSION ? SF_TLS_NEWEST : max;
    if (min == SF_TLS_ANY_VERSION) {
        min = max < SF_TLS_1_2 ? SF_TLS_OLDEST : SF_TLS_1_2;
    }
    if (profile->min != SF_TLS_ANY_VERSION) {
        min = profile->min;
        max = max < min ? min : max;
    }
    if (profile->max != SF_TLS_ANY_VERSION) {
        max = profile->max;
        min = min > max ? SF_TLS_OLDEST : min;
    }
    *out_min = min;
    *out_max = max;
    return min <= max && min >= SF_TLS_OLDEST && max <= SF_TLS_NEWEST;
}

/* The library would take TLS 1.3 without a suite for it, and fail. */
static void set_versions(struct sf_tls_config *config,
                         enum sf_tls_version min,
                         enum sf_tls_version max)
{
    bool has_1_3 = false;

    for (const int *cipher = config->ciphers; *cipher != 0; cipher++) {
        has_1_3 |= *cipher >> 8 == SUITES_1_3;
    }
    if (max == SF_TLS_1_3 && min < max && !has_1_3) {
        max = SF_TLS_1_2;
    }
    sf_tls_set_versions(&config->ssl, min, max);
}

/* A session that is resumed shows no certificate: only the right one may be. */
static bool may_resume(const struct sf_tls_profile *profile)
{
    return profile->certificate == SF_TLS_RIGHT &&
           profile->min == SF_TLS_ANY_VERSION &&
           profile->max == SF_TLS_ANY_VERSION;
}

static int offer_tickets(struct sf_tls_config *config)
{
    if (mbedtls_ssl_ticket_setup(
            &config->tickets, mbedtls_ctr_drbg_random, &config->store->random,
            MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFE_S) != 0) {
        return SF_ENOMEM;
    }
    mbedtls_ssl_conf_session_tickets_cb(&config->ssl, mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse,
                                        &config->tickets);
    return 0;
}

static int configure(struct sf_tls_config *config,
                     const struct sf_tls_settings *settings,
                     char *error,
                     size_t error_size)
{
    struct sf_tls_store *store = config->store;
    mbedtls_ssl_config *ssl = &config->ssl;
    const char *ciphers = settings->ciphers;
    enum sf_tls_version min;
    enum sf_tls_version max;
    int err;

    if (mbedtls_ssl_config_defaults(ssl, MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        mbedtls_ssl_conf_own_cert(ssl, &config->cert.chain,
                                  &config->cert.key) != 0) {
        return SF_ENOMEM;
    }
    if (!find_versions(&config->profile, settings, &min, &max)) {
        return fail(error, error_size,
                    "there is no version of TLS between `min-version` and "
                    "`max-version`: leave one of them out");
    }
    if (ciphers == NULL) {
        ciphers = min < SF_TLS_1_2 ? CIPHERS "," OLD_CIPHERS : CIPHERS;
    }
    err = choose_ciphers(config, ciphers, error, error_size);
    mbedtls_ssl_conf_ciphersuites(ssl, config->ciphers);
    set_versions(config, min, max);
    sf_tls_set_groups(ssl);
    mbedtls_ssl_conf_rng(ssl, mbedtls_ctr_drbg_random, &store->random);
    mbedtls_ssl_conf_sni(ssl, sf_tls_note_sni, NULL);
    if (err == 0 && may_resume(&config->profile)) {
        err = offer_tickets(config);
    }
    return err;
}

static int make_config(struct sf_tls_store *store,
                       const struct sf_tls_settings *settings,
                       const struct sf_tls_profile *profile,
                       struct sf_tls_config **out_config,
                       char *error,
                       size_t error_size)
{
    struct sf_tls_config *config = calloc(1, sizeof(*config));
    int err;

    if (config == NULL) {
        return SF_ENOMEM;
    }
    config->store = store;
    config->profile = *profile;
    sf_cert_init(&config->cert);
    mbedtls_ssl_config_init(&config->ssl);
    mbedtls_ssl_ticket_init(&config->tickets);
    err = make_cert(config, settings, error, error_size);
    if (err == 0) {
        err = configure(config, settings, error, error_size);
    }
    if (err != 0) {
        sf_tls_config_free(config);
        return err;
    }
    *out_config = config;
    return 0;
}

int sf_tls_config_new(struct sf_tls_store *store,
                      const struct sf_tls_settings *settings,
                      struct sf_tls_config **out_configs,
                      char *error,
                      size_t error_size)
{
    static const struct sf_tls_profile right;
    struct sf_tls_config *configs = NULL;
    struct sf_tls_config **end = NULL;
    int err;

    (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
    err = make_config(store, settings, &right, &configs, error, error_size);
    for (size_t i = 0; err == 0 && i < settings->profile_count; i++) {
        if (sf_tls_config_find(configs, &settings->profiles[i]) == NULL) {
            end = &configs->next;
            while (*end != NULL) {
                end = &(*end)->next;
            }
            err = make_config(store, settings, &settings->profiles[i], end,
                              error, error_size);
        }
    }
    if (err != 0) {
        sf_tls_config_free(configs);
        return err;
    }
    *out_configs = configs;
    return 0;
}

void sf_tls_config_free(struct sf_tls_config *configs)
{
    while (configs != NULL) {
        struct sf_tls_config *next = configs->next;

        mbedtls_ssl_config_free(&configs->ssl);
        mbedtls_ssl_ticket_free(&configs->tickets);
        sf_cert_fini(&configs->cert);
        free(configs);
        configs = next;
    }
}

const struct sf_tls_config *
sf_tls_config_find(const struct sf_tls_config *configs,
                   const struct sf_tls_profile *profile)
{
    while (configs != NULL &&
           (configs->profile.certificate != profile->certificate ||
            configs->profile.min != profile->min ||
            configs->profile.max != profile->max)) {
        configs = configs->next;
    }
    return configs;
}
