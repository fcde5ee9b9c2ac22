/* fuzz_tls.c - the handshake driver, against a client whose octets are spoilt.
 *
 * A real client shakes hands with it in memory.  The input says which
 * handshake the scenario wants, and what is done to each flight of the client:
 * octets are changed, cut off, put in, said twice, or come one by one. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "net/tls.h"
#include "net/tls_config.h"

#define ROUNDS_MAX 24
#define FLIGHT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rest of the input; 0 when it is used up. */
struct supply {
    const uint8_t *at;
    size_t left;
};

/* What goes from one side to the other. */
struct flight {
    unsigned char octets[FLIGHT_MAX];
    size_t len;
    size_t taken;
};

static struct sf_tls_store *store;
static struct sf_tls_config *configs;
static mbedtls_ssl_config client_config;
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static struct flight to_server;
static struct flight to_client;

static const struct sf_tls_profile profiles[] = {
    {0},
    {.cut = SF_TLS_AFTER_CLIENT_HELLO},
    {.cut = SF_TLS_AFTER_SERVER_HELLO},
    {.cut = SF_TLS_BEFORE_FINISHED},
    {.certificate = SF_TLS_EXPIRED},
    {.certificate = SF_TLS_SELF_SIGNED, .cut = SF_TLS_BEFORE_FINISHED},
    {.max = SF_TLS_1_2},
    {.keeps_input = true},
};

#define PROFILE_COUNT (sizeof(profiles) / sizeof(profiles[0]))

static unsigned draw(struct supply *supply)
{
    if (supply->left == 0) {
        return 0;
    }
    supply->left--;
    return *supply->at++;
}

static void must(int is_good)
{
    if (!is_good) {
        abort();
    }
}

static void prepare(void)
{
    const struct sf_tls_settings settings = {.profiles = profiles,
                                             .profile_count = PROFILE_COUNT};
    char error[256];

    store = sf_tls_store_new();
    must(store != NULL);
    must(sf_tls_config_new(store, &settings, &configs, error, sizeof(error)) ==
         0);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_ssl_config_init(&client_config);
    must(mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy,
                               NULL, 0) == 0);
    must(mbedtls_ssl_config_defaults(&client_config, MBEDTLS_SSL_IS_CLIENT,
                                     MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT) == 0);
    mbedtls_ssl_conf_authmode(&client_config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_rng(&client_config, mbedtls_ctr_drbg_random,
                         &random_source);
}

static int send_flight(void *ctx, const unsigned char *octets, size_t len)
{
    (void)ctx;
    if (len > FLIGHT_MAX - to_server.len) {
        len = FLIGHT_MAX - to_server.len;
    }
    memcpy(to_server.octets + to_server.len, octets, len);
    to_server.len += len;
    return (int)len;
}

static int receive_flight(void *ctx, unsigned char *out, size_t size)
{
    size_t left = to_client.len - to_client.taken;

    (void)ctx;
    if (left == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    size = size < left ? size : left;
    memcpy(out, to_client.octets + to_client.taken, size);
    to_client.taken += size;
    return (int)size;
}

static void spoil(struct flight *flight, struct supply *supply)
{
    unsigned what = draw(supply);
    size_t at = draw(supply) << 8;

    at = flight->len == 0 ? 0 : (at | draw(supply)) % flight->len;
    switch (what % 8) {
    case 1:
        flight->octets[at] = (unsigned char)draw(supply);
        break;
    case 2:
        flight->len = at;
        break;
    case 3:
        if (flight->len * 2 <= FLIGHT_MAX) {
            memcpy(flight->octets + flight->len, flight->octets, flight->len);
            flight->len *= 2;
        }
        break;
    case 4:
        while (flight->len < FLIGHT_MAX && supply->left > 0) {
            flight->octets[flight->len++] = (unsigned char)draw(supply);
        }
        break;
    default:
        break;
    }
}

static void take_output(struct sf_tls *tls)
{
    struct sf_buf *output = sf_tls_output(tls);
    size_t len = output->len;

    if (len > FLIGHT_MAX - to_client.len) {
        len = FLIGHT_MAX - to_client.len;
    }
    if (len > 0) {
        memcpy(to_client.octets + to_client.len, output->ptr, len);
        to_client.len += len;
    }
    sf_buf_clear(output);
}

/* What net does with octets that came. */
static void serve(struct sf_tls *tls, const unsigned char *octets, size_t len)
{
    char out[512];
    size_t count;

    sf_tls_offer(tls, sf_slice((const char *)octets, len));
    if (sf_tls_shake(tls) == SF_TLS_UP) {
        while ((count = sf_tls_read(tls, out, sizeof(out))) > 0) {
            (void)sf_tls_write(tls, sf_slice(out, count));
        }
    }
    take_output(tls);
}

static void serve_flight(struct sf_tls *tls, unsigned step)
{
    size_t at = 0;

    while (at < to_server.len && sf_tls_state(tls) <= SF_TLS_UP) {
        size_t len = step == 0 ? to_server.len - at : step;

        len = len < to_server.len - at ? len : to_server.len - at;
        serve(tls, to_server.octets + at, len);
        at += len;
    }
    to_server.len = 0;
}

static void
converse(struct sf_tls *tls, mbedtls_ssl_context *client, struct supply *supply)
{
    bool is_up = false;

    for (int round = 0; round < ROUNDS_MAX; round++) {
        unsigned char out[256];
        int result = is_up ? mbedtls_ssl_write(
                                 client, (const unsigned char *)"NOOP\r\n", 6)
                           : mbedtls_ssl_handshake(client);

        is_up |= result == 0;
        if (is_up) {
            (void)mbedtls_ssl_read(client, out, sizeof(out));
        }
        spoil(&to_server, supply);
        if (to_server.len == 0 || sf_tls_state(tls) > SF_TLS_UP) {
            break;
        }
        serve_flight(tls, draw(supply) % 4 == 1 ? 1 : 0);
    }
    sf_tls_close(tls);
    take_output(tls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct supply supply = {data, size};
    mbedtls_ssl_context client;
    struct sf_tls_info info;
    struct sf_tls *tls = NULL;

    if (store == NULL) {
        prepare();
    }
    to_server.len = 0;
    to_client.len = 0;
    to_client.taken = 0;
    tls = sf_tls_new(configs, &profiles[draw(&supply) % PROFILE_COUNT]);
    mbedtls_ssl_init(&client);
    must(tls != NULL && mbedtls_ssl_setup(&client, &client_config) == 0);
    (void)mbedtls_ssl_set_hostname(&client, "mx.example.net");
    mbedtls_ssl_set_bio(&client, NULL, send_flight, receive_flight, NULL);
    converse(tls, &client, &supply);
    sf_tls_describe(tls, &info);
    must(info.alert == NULL || strlen(info.alert) > 0);
    mbedtls_ssl_free(&client);
    sf_tls_free(tls);
    return 0;
}
