/* tls.c - TLS in memory, by mbedTLS. */
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "net/tls_config.h"
#include "smtp/alert.h"

/* What one write of the session may become. */
#define OUTPUT_LIMIT_BYTES 4194304

/* RFC 6066 3: longer ones are no host names. */
#define SNI_SIZE 256

/* RFC 8446 5.1: kind, version, length of what follows. */
#define RECORD_HEADER 5

enum record_kind {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23,
};

struct sf_tls {
    mbedtls_ssl_context ssl; /* first: the SNI callback finds us by it */
    enum sf_tls_state state;
    enum sf_tls_cut cut;
    struct sf_slice input; /* offered and not looked at; borrowed */
    struct sf_buf output;
    int alert; /* that ended the handshake; -1: none did */
    bool is_alert_theirs;
    bool has_input; /* of the client, ever */
    bool is_plain;  /* and it began like no record */
    char *sni;      /* owned, until it was told; NULL: none */
    struct sf_tls_store *store;
};

/* Octets of the wire. */

static int take_input(void *ctx, unsigned char *out, size_t size)
{
    struct sf_tls *tls = ctx;
    size_t count = size < tls->input.len ? size : tls->input.len;

    if (count == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(out, tls->input.ptr, count);
    tls->input = sf_slice_skip(tls->input, count);
    return (int)count;
}

static int put_output(void *ctx, const unsigned char *octets, size_t len)
{
    struct sf_tls *tls = ctx;

    sf_buf_put_slice(&tls->output, sf_slice((const char *)octets, len));
    return tls->output.failed != 0 ? MBEDTLS_ERR_SSL_ALLOC_FAILED : (int)len;
}

void sf_tls_forget(struct sf_tls *tls)
{
    free(tls->sni);
    tls->sni = NULL;
}

int sf_tls_note_sni(void *ctx,
                    mbedtls_ssl_context *ssl,
                    const unsigned char *name,
                    size_t len)
{
    struct sf_tls *tls = (struct sf_tls *)(void *)ssl;

    (void)ctx;
    /* A client that is asked for another ClientHello says it again. */
    sf_tls_forget(tls);
    if (len < SNI_SIZE) {
        tls->sni = calloc(1, len + 1);
    }
    if (tls->sni != NULL) {
        memcpy(tls->sni, name, len);
    }
    return 0;
}

/* Connections. */

struct sf_tls *sf_tls_new(const struct sf_tls_config *configs,
                          const struct sf_tls_profile *profile)
{
    const struct sf_tls_config *config = sf_tls_config_find(configs, profile);
    struct sf_tls *tls = NULL;

    if (config != NULL) {
        tls = calloc(1, sizeof(*tls));
    }
    if (tls == NULL) {
        return NULL;
    }
    tls->store = config->store;
    tls->cut = profile->cut;
    tls->alert = -1;
    sf_buf_init(&tls->output, OUTPUT_LIMIT_BYTES);
    mbedtls_ssl_init(&tls->ssl);
    if (mbedtls_ssl_setup(&tls->ssl, &config->ssl) != 0) {
        sf_tls_free(tls);
        return NULL;
    }
    mbedtls_ssl_set_bio(&tls->ssl, tls, put_output, take_input, NULL);
    return tls;
}

void sf_tls_free(struct sf_tls *tls)
{
    if (tls != NULL) {
        mbedtls_ssl_free(&tls->ssl);
        sf_buf_fini(&tls->output);
        free(tls->sni);
        free(tls);
    }
}

void sf_tls_offer(struct sf_tls *tls, struct sf_slice wire)
{
    tls->input = wire;
    if (!tls->has_input && wire.len > 0) {
        tls->has_input = true;
        tls->is_plain = wire.ptr[0] >= '\t' && wire.ptr[0] <= '~' &&
                        wire.ptr[0] != RECORD_HANDSHAKE &&
                        wire.ptr[0] != RECORD_ALERT;
    }
}

/* Records that are to be sent. */

struct cursor {
    const unsigned char *octets; /* of the record, with its header */
    size_t len;
    size_t end; /* where it ends among all of them */
};

/* The record that begins at `at`.  The library writes whole ones. */
static bool find_record(const struct sf_tls *tls, size_t at, struct cursor *out)
{
    if (tls->output.len < at + RECORD_HEADER) {
        return false;
    }
    out->octets = (const unsigned char *)tls->output.ptr + at;
    out->len = RECORD_HEADER + ((size_t)out->octets[3] << 8 | out->octets[4]);
    out->end = at + out->len;
    return out->end <= tls->output.len;
}

/* RFC 8446 4.1.3: a ServerHello that asks for another ClientHello is told by
 * its random octets, which are always these. */
static bool is_hello_retry(const struct cursor *record)
{
    static const unsigned char random[] = {0xcf, 0x21, 0xad, 0x74};
    const size_t at = RECORD_HEADER + 6; /* type, length, version */

    return record->len >= at + sizeof(random) &&
           memcmp(record->octets + at, random, sizeof(random)) == 0;
}

/* The ServerHello is the first record of the first flight, unless that is an
 * alert. */
static size_t find_server_hello(const struct sf_tls *tls)
{
    struct cursor record;

    return find_record(tls, 0, &record) &&
                   record.octets[0] == RECORD_HANDSHAKE &&
                   !is_hello_retry(&record)
               ? record.end
               : SIZE_MAX;
}

/* Up to TLS 1.2 Finished is what follows the server's ChangeCipherSpec.  In TLS
 * 1.3 it is the last record of the flight that begins to be encrypted. */
static size_t find_finished(const struct sf_tls *tls)
{
    struct cursor record;
    size_t last_at = SIZE_MAX;

    for (size_t at = 0; find_record(tls, at, &record); at = record.end) {
        bool is_last = record.end == tls->output.len;

        if (record.octets[0] == RECORD_CHANGE_CIPHER_SPEC &&
            !sf_tls_is_1_3(&tls->ssl)) {
            return record.end;
        }
        if (record.octets[0] == RECORD_DATA && is_last) {
            last_at = at;
        }
    }
    return last_at;
}

/* How many octets of the output leave before the profile cuts it off; SIZE_MAX:
 * it does not yet. */
static size_t find_cut(const struct sf_tls *tls)
{
    if (tls->output.len == 0) {
        return SIZE_MAX;
    }
    switch (tls->cut) {
    case SF_TLS_AFTER_CLIENT_HELLO:
        return 0;
    case SF_TLS_AFTER_SERVER_HELLO:
        return find_server_hello(tls);
    case SF_TLS_BEFORE_FINISHED:
        return find_finished(tls);
    case SF_TLS_NOWHERE:
        break;
    }
    return SIZE_MAX;
}

/* The handshake. */

static bool is_waiting(int result)
{
    return result == MBEDTLS_ERR_SSL_WANT_READ ||
           result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* The alert that we send is the last record, if it is in the clear. */
static void keep_alert(struct sf_tls *tls, int result)
{
    struct cursor record;

    if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE ||
        result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ||
        sf_tls_is_clear_alert(&tls->ssl, result)) {
        tls->alert = sf_tls_get_alert(&tls->ssl);
        tls->is_alert_theirs = true;
        return;
    }
    for (size_t at = 0; find_record(tls, at, &record); at = record.end) {
        if (record.octets[0] == RECORD_ALERT &&
            record.len == RECORD_HEADER + 2) {
            tls->alert = record.octets[RECORD_HEADER + 1];
        }
    }
}

enum sf_tls_state sf_tls_shake(struct sf_tls *tls)
{
    size_t cut;
    int result;

    if (tls->state != SF_TLS_HANDSHAKE) {
        return tls->state;
    }
    result = mbedtls_ssl_handshake(&tls->ssl);
    cut = find_cut(tls);
    if (cut <= tls->output.len) {
        tls->output.len = cut;
        tls->state = SF_TLS_CUT;
    } else if (result == 0 && sf_tls_is_over(&tls->ssl)) {
        tls->state = SF_TLS_UP;
    } else if (result != 0 && !is_waiting(result)) {
        keep_alert(tls, result);
        tls->state = SF_TLS_BROKEN;
    }
    return tls->state;
}

enum sf_tls_state sf_tls_state(const struct sf_tls *tls)
{
    return tls->state;
}

size_t sf_tls_read(struct sf_tls *tls, char *out, size_t size)
{
    int result;

    if (tls->state != SF_TLS_UP || size == 0) {
        return 0;
    }
    /* 0 stands for an empty record; behind some of them the library gives up.
     */
    do {
        result = mbedtls_ssl_read(&tls->ssl, (unsigned char *)out, size);
    } while (result == 0);
    if (result > 0) {
        return (size_t)result;
    }
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        tls->state = SF_TLS_ENDED;
    } else if (!is_waiting(result)) {
        tls->state = SF_TLS_BROKEN;
    }
    return 0;
}

bool sf_tls_write(struct sf_tls *tls, struct sf_slice octets)
{
    while (octets.len > 0 && tls->state != SF_TLS_BROKEN) {
        int result = mbedtls_ssl_write(
            &tls->ssl, (const unsigned char *)octets.ptr, octets.len);

        if (result <= 0) {
            tls->state = SF_TLS_BROKEN;
        } else {
            octets = sf_slice_skip(octets, (size_t)result);
        }
    }
    return tls->state != SF_TLS_BROKEN;
}

void sf_tls_close(struct sf_tls *tls)
{
    if (tls->state == SF_TLS_UP || tls->state == SF_TLS_ENDED) {
        (void)mbedtls_ssl_close_notify(&tls->ssl);
    }
}

struct sf_buf *sf_tls_output(struct sf_tls *tls)
{
    return &tls->output;
}

/* `TLS-ECDHE-...` or `TLS1-3-...` as IANA writes it. */
static const char *name_cipher(const struct sf_tls *tls)
{
    char *name = sf_tls_store_scratch(tls->store);
    const char *rest = strchr(mbedtls_ssl_get_ciphersuite(&tls->ssl), '-');

    if (rest != NULL && strncmp(rest, "-3-", 3) == 0) {
        rest += 2;
    }
    (void)snprintf(name, SF_TLS_CIPHER_SIZE, "TLS%s", rest == NULL ? "" : rest);
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '-') {
            *c = '_';
        }
    }
    return name;
}

void sf_tls_describe(const struct sf_tls *tls, struct sf_tls_info *out_info)
{
    *out_info = (struct sf_tls_info){
        .sni = tls->sni,
        .alert = tls->alert < 0 ? NULL : sf_alert_name((unsigned)tls->alert),
        .is_by_client = tls->is_alert_theirs,
        .is_plain = tls->is_plain};
    if (tls->state == SF_TLS_UP) {
        out_info->version = mbedtls_ssl_get_version(&tls->ssl);
        out_info->cipher = name_cipher(tls);
    }
}
