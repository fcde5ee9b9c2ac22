/* fuzz_sasl.c - the server's side of SASL, against clients that say anything.
 *
 * The first octet says which mechanism, the second how: whether there are
 * users, and who speaks.  Either each line of the rest is one of the client,
 * as it is or in base64; or a real client speaks, and the rest says which of
 * its octets are spoilt, so that SCRAM gets to its end. */
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "smtp/sasl.h"

#define HAS_USERS   1
#define IS_ENCODED  2
#define REAL_CLIENT 4

#define ROUNDS_MAX       16
#define LINE_LIMIT_BYTES 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One exchange: what the server has of it, and its last challenge. */
struct talk {
    struct sf_sasl *sasl;
    enum sf_mechanism mechanism;
    struct sf_buf challenge;
    bool goes_on;
};

static const char *find_password(const void *ctx, struct sf_slice user)
{
    return sf_slice_eq_str(user, "bob") ? ctx : NULL;
}

static const struct sf_sasl_users everybody = {NULL, NULL};
static const struct sf_sasl_users users = {find_password, "secret"};

static void must(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

/* What holds after each line, whatever it was.  EXTERNAL may leave it to the
 * server who the client is. */
static void check(const struct talk *talk, enum sf_sasl_result result)
{
    const struct sf_buf *challenge = &talk->challenge;
    char *octets = NULL;
    size_t len = 0;

    must(result < SF_SASL_RESULT_COUNT);
    must(result == SF_SASL_CHALLENGE || result == SF_SASL_FAILED ||
         challenge->len == 0);
    must(result != SF_SASL_DONE || talk->mechanism == SF_MECHANISM_EXTERNAL ||
         sf_sasl_user(talk->sasl).len > 0);
    if (challenge->len > 0) {
        must(gsasl_base64_from(challenge->ptr, challenge->len, &octets, &len) ==
             GSASL_OK);
        gsasl_free(octets);
    }
}

/* A line of the client.  What has ended stays as it is. */
static void take(struct talk *talk, struct sf_slice line, bool is_first)
{
    enum sf_sasl_result result;

    sf_buf_clear(&talk->challenge);
    result = is_first ? sf_sasl_start(talk->sasl, line, &talk->challenge)
                      : sf_sasl_step(talk->sasl, line, &talk->challenge);
    check(talk, result);
    talk->goes_on = result == SF_SASL_CHALLENGE;
    if (!talk->goes_on) {
        must(sf_sasl_step(talk->sasl, line, &talk->challenge) ==
             (result == SF_SASL_DONE ? SF_SASL_DONE : SF_SASL_REFUSED));
    }
}

static void
take_encoded(struct talk *talk, struct sf_slice octets, bool is_first)
{
    struct sf_buf line;

    sf_buf_init(&line, LINE_LIMIT_BYTES);
    sf_sasl_encode(octets, &line);
    take(talk, sf_buf_slice(&line), is_first);
    sf_buf_fini(&line);
}

static void take_lines(struct talk *talk, struct sf_slice rest, bool is_encoded)
{
    for (int i = 0; talk->goes_on && rest.ptr != NULL && i < ROUNDS_MAX; i++) {
        struct sf_slice line = sf_slice_cut(&rest, '\n');

        if (is_encoded) {
            take_encoded(talk, line, i == 0);
        } else {
            take(talk, line, i == 0);
        }
    }
}

/* Three octets of the input spoil one of the client. */
static void spoil(char *octets, size_t len, struct sf_slice *supply)
{
    while (supply->len >= 3 && supply->ptr[0] != 0 && len > 0) {
        octets[(unsigned char)supply->ptr[1] % len] = supply->ptr[2];
        *supply = sf_slice_skip(*supply, 3);
    }
    *supply = sf_slice_skip(*supply, supply->len > 0);
}

/* One message of the client; false: it has given up. */
static bool answer(struct talk *talk,
                   Gsasl_session *client,
                   bool is_first,
                   struct sf_slice *supply)
{
    char *in = NULL;
    char *out = NULL;
    size_t in_len = 0;
    size_t out_len = 0;
    int code = GSASL_OK;

    if (talk->challenge.len > 0) {
        must(gsasl_base64_from(talk->challenge.ptr, talk->challenge.len, &in,
                               &in_len) == GSASL_OK);
    }
    code = gsasl_step(client, in, in_len, &out, &out_len);
    gsasl_free(in);
    if (code != GSASL_OK && code != GSASL_NEEDS_MORE) {
        return false;
    }
    spoil(out, out_len, supply);
    take_encoded(talk, sf_slice(out, out_len), is_first);
    gsasl_free(out);
    return true;
}

static void let_client_talk(struct talk *talk, struct sf_slice supply)
{
    const char *name = sf_mechanism_name(talk->mechanism);
    Gsasl *library = NULL;
    Gsasl_session *client = NULL;
    bool is_first = true;

    must(gsasl_init(&library) == GSASL_OK);
    if (gsasl_client_start(library, name, &client) == GSASL_OK) {
        must(gsasl_property_set(client, GSASL_AUTHID, "bob") == GSASL_OK &&
             gsasl_property_set(client, GSASL_PASSWORD, "secret") == GSASL_OK);
        if (talk->mechanism == SF_MECHANISM_CRAM_MD5 ||
            talk->mechanism == SF_MECHANISM_LOGIN) {
            take(talk, sf_slice("", 0), true);
            is_first = false;
        }
        while (talk->goes_on && answer(talk, client, is_first, &supply)) {
            is_first = false;
        }
        gsasl_finish(client);
    }
    gsasl_done(library);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sf_slice rest = sf_slice((const char *)data, size);
    struct talk talk = {.goes_on = true};

    if (size < 2) {
        return 0;
    }
    talk.mechanism = (enum sf_mechanism)(data[0] % SF_MECHANISM_COUNT);
    talk.sasl = sf_sasl_new(talk.mechanism,
                            (data[1] & HAS_USERS) ? &users : &everybody);
    must(talk.sasl != NULL);
    sf_buf_init(&talk.challenge, LINE_LIMIT_BYTES);
    rest = sf_slice_skip(rest, 2);
    if (data[1] & REAL_CLIENT) {
        let_client_talk(&talk, rest);
    } else {
        take_lines(&talk, rest, (data[1] & IS_ENCODED) != 0);
    }
    sf_buf_fini(&talk.challenge);
    sf_sasl_free(talk.sasl);
    return 0;
}
