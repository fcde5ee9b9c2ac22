/* test_tls.c - records that no client of ours can be made to send: the client
 * is the library itself, in memory. */
#include <criterion/criterion.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <string.h>

#include "base/slice.h"
#include "net/tls.h"
#include "net/tls_config.h"

#define COMMAND "NOOP\r\n"

static struct sf_tls_store *store;
static struct sf_tls_config *configs;
static struct sf_tls *server;
static mbedtls_ssl_context client;
static mbedtls_ssl_config client_config;
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static struct sf_buf to_server;

static int send_octets(void *ctx, const unsigned char *octets, size_t len)
{
    (void)ctx;
    sf_buf_append(&to_server, (const char *)octets, len);
    return (int)len;
}

static int receive_octets(void *ctx, unsigned char *out, size_t size)
{
    struct sf_buf *output = sf_tls_output(server);
    size_t count = size < output->len ? size : output->len;

    (void)ctx;
    if (count == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(out, output->ptr, count);
    sf_buf_consume(output, count);
    return (int)count;
}

static void shake_hands(void)
{
    int result = MBEDTLS_ERR_SSL_WANT_READ;

    while (result == MBEDTLS_ERR_SSL_WANT_READ) {
        result = mbedtls_ssl_handshake(&client);
        sf_tls_offer(server, sf_buf_slice(&to_server));
        cr_assert(sf_tls_shake(server) <= SF_TLS_UP);
        sf_buf_clear(&to_server);
    }
    cr_assert_eq(result, 0, "-%x", (unsigned)-result);
    cr_assert_eq(sf_tls_state(server), SF_TLS_UP);
}

static void connect_both(void)
{
    static const struct sf_tls_profile right;
    const struct sf_tls_settings settings = {0};
    char error[256];

    store = sf_tls_store_new();
    cr_assert_eq(
        sf_tls_config_new(store, &settings, &configs, error, sizeof(error)), 0,
        "%s", error);
    server = sf_tls_new(configs, &right);
    sf_buf_init(&to_server, 65536);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_ssl_config_init(&client_config);
    mbedtls_ssl_init(&client);
    cr_assert_eq(mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func,
                                       &entropy, NULL, 0),
                 0);
    cr_assert_eq(mbedtls_ssl_config_defaults(
                     &client_config, MBEDTLS_SSL_IS_CLIENT,
                     MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
                 0);
    mbedtls_ssl_conf_authmode(&client_config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_rng(&client_config, mbedtls_ctr_drbg_random,
                         &random_source);
    cr_assert_eq(mbedtls_ssl_setup(&client, &client_config), 0);
    mbedtls_ssl_set_bio(&client, NULL, send_octets, receive_octets, NULL);
    shake_hands();
}

static void disconnect_both(void)
{
    mbedtls_ssl_free(&client);
    mbedtls_ssl_config_free(&client_config);
    mbedtls_ctr_drbg_free(&random_source);
    mbedtls_entropy_free(&entropy);
    sf_buf_fini(&to_server);
    sf_tls_free(server);
    sf_tls_config_free(configs);
    sf_tls_store_free(store);
}

TestSuite(tls, .init = connect_both, .fini = disconnect_both);

static void say(const char *text)
{
    int len = (int)strlen(text);

    cr_assert_eq(
        mbedtls_ssl_write(&client, (const unsigned char *)text, (size_t)len),
        len);
}

/* How many octets the session gets of what the client said. */
static size_t hear(void)
{
    char out[SF_TLS_READ_BYTES];
    size_t count = 0;
    size_t sum = 0;

    sf_tls_offer(server, sf_buf_slice(&to_server));
    do {
        count = sf_tls_read(server, out, sizeof(out));
        sum += count;
    } while (count > 0);
    sf_buf_clear(&to_server);
    return sum;
}

Test(tls, empty_records_hide_nothing_that_stands_behind_them)
{
    for (int empty = 0; empty <= 3; empty++) {
        for (int i = 0; i < empty; i++) {
            say("");
        }
        say(COMMAND);
        say(COMMAND);
        cr_assert_eq(hear(), 2 * strlen(COMMAND), "%d empty records", empty);
        cr_assert_eq(sf_tls_state(server), SF_TLS_UP);
    }
}

Test(tls, a_flood_of_empty_records_ends_the_connection)
{
    for (int i = 0; i < 50; i++) {
        say("");
    }
    say(COMMAND);
    cr_assert_eq(hear(), 0);
    cr_assert_eq(sf_tls_state(server), SF_TLS_BROKEN);
}
