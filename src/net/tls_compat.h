/* tls_compat.h - what differs between mbedTLS 2.28 and 3.6, in one place. */
#ifndef SF_NET_TLS_COMPAT_H
#define SF_NET_TLS_COMPAT_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdbool.h>

#include "smtpfault.h"

#define SF_TLS_IS_3 (MBEDTLS_VERSION_NUMBER >= 0x03000000)

#if SF_TLS_IS_3
#include <psa/crypto.h>

#define SF_TLS_OLDEST SF_TLS_1_2
#define SF_TLS_NEWEST SF_TLS_1_3
#define SF_TLS_CIPHERS_1_3                                                     \
    "TLS_AES_128_GCM_SHA256,TLS_CHACHA20_POLY1305_SHA256,"                     \
    "TLS_AES_256_GCM_SHA384,"

static inline int sf_tls_init_library(void)
{
    return psa_crypto_init() == PSA_SUCCESS ? 0 : -1;
}

static inline int sf_tls_parse_key(mbedtls_pk_context *key,
                                   const unsigned char *text,
                                   size_t size,
                                   mbedtls_ctr_drbg_context *random)
{
    return mbedtls_pk_parse_key(key, text, size, NULL, 0,
                                mbedtls_ctr_drbg_random, random);
}

static inline int sf_tls_check_pair(const mbedtls_x509_crt *certificate,
                                    const mbedtls_pk_context *key,
                                    mbedtls_ctr_drbg_context *random)
{
    return mbedtls_pk_check_pair(&certificate->pk, key, mbedtls_ctr_drbg_random,
                                 random);
}

static inline int sf_tls_set_serial(mbedtls_x509write_cert *writing,
                                    unsigned char *octets,
                                    size_t len)
{
    return mbedtls_x509write_crt_set_serial_raw(writing, octets, len);
}

static inline bool sf_tls_is_over(mbedtls_ssl_context *ssl)
{
    return mbedtls_ssl_is_handshake_over(ssl) != 0;
}

static inline void sf_tls_set_versions(mbedtls_ssl_config *config,
                                       enum sf_tls_version min,
                                       enum sf_tls_version max)
{
    mbedtls_ssl_conf_min_tls_version(config, (mbedtls_ssl_protocol_version)min);
    mbedtls_ssl_conf_max_tls_version(config, (mbedtls_ssl_protocol_version)max);
}

/* The description of the alert that has just ended a call. */
static inline int sf_tls_get_alert(const mbedtls_ssl_context *ssl)
{
    return ssl->MBEDTLS_PRIVATE(in_msg)[1];
}

/* OpenSSL's client tells in the clear what it has against a certificate of TLS
 * 1.3, when the library has keys already and cannot decrypt that. */
static inline bool sf_tls_is_clear_alert(const mbedtls_ssl_context *ssl,
                                         int result)
{
    const unsigned char *header = ssl->MBEDTLS_PRIVATE(in_hdr);

    return result == MBEDTLS_ERR_SSL_INVALID_MAC &&
           header[0] == MBEDTLS_SSL_MSG_ALERT && header[3] == 0 &&
           header[4] == 2;
}

/* Only once the ServerHello is chosen. */
static inline bool sf_tls_is_1_3(const mbedtls_ssl_context *ssl)
{
    return mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
}

/* The fast curves first: the library's own order costs three times as much. */
static inline void sf_tls_set_groups(mbedtls_ssl_config *config)
{
    static const uint16_t groups[] = {
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

    mbedtls_ssl_conf_groups(config, groups);
}

#else

#define SF_TLS_OLDEST      SF_TLS_1_0
#define SF_TLS_NEWEST      SF_TLS_1_2
#define SF_TLS_CIPHERS_1_3 ""

static inline int sf_tls_init_library(void)
{
    return 0;
}

static inline int sf_tls_parse_key(mbedtls_pk_context *key,
                                   const unsigned char *text,
                                   size_t size,
                                   mbedtls_ctr_drbg_context *random)
{
    (void)random;
    return mbedtls_pk_parse_key(key, text, size, NULL, 0);
}

static inline int sf_tls_check_pair(const mbedtls_x509_crt *certificate,
                                    const mbedtls_pk_context *key,
                                    mbedtls_ctr_drbg_context *random)
{
    (void)random;
    return mbedtls_pk_check_pair(&certificate->pk, key);
}

static inline int sf_tls_set_serial(mbedtls_x509write_cert *writing,
                                    unsigned char *octets,
                                    size_t len)
{
    mbedtls_mpi serial;
    int err;

    mbedtls_mpi_init(&serial);
    err = mbedtls_mpi_read_binary(&serial, octets, len);
    if (err == 0) {
        err = mbedtls_x509write_crt_set_serial(writing, &serial);
    }
    mbedtls_mpi_free(&serial);
    return err;
}

static inline bool sf_tls_is_over(const mbedtls_ssl_context *ssl)
{
    return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

static inline void sf_tls_set_versions(mbedtls_ssl_config *config,
                                       enum sf_tls_version min,
                                       enum sf_tls_version max)
{
    mbedtls_ssl_conf_min_version(config, (int)min >> 8, (int)min & 0xff);
    mbedtls_ssl_conf_max_version(config, (int)max >> 8, (int)max & 0xff);
}

/* The description of the alert that has just ended a call. */
static inline int sf_tls_get_alert(const mbedtls_ssl_context *ssl)
{
    return ssl->in_msg[1];
}

static inline bool sf_tls_is_clear_alert(const mbedtls_ssl_context *ssl,
                                         int result)
{
    (void)ssl;
    (void)result;
    return false;
}

static inline bool sf_tls_is_1_3(const mbedtls_ssl_context *ssl)
{
    (void)ssl;
    return false;
}

/* The fast curves first: the library's own order costs three times as much. */
static inline void sf_tls_set_groups(mbedtls_ssl_config *config)
{
    static const mbedtls_ecp_group_id groups[] = {
        MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
        MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE};
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384,
                                 MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE};

    mbedtls_ssl_conf_curves(config, groups);
    mbedtls_ssl_conf_sig_hashes(config, hashes);
}

#endif

#endif
