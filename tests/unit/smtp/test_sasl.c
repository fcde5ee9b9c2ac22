/* test_sasl.c - SASL exchanges as a server leads them, also against the client
 * of GNU SASL. */
#include <criterion/criterion.h>
#include <gsasl.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "smtp/sasl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *find_password(const void *ctx, struct sf_slice user)
{
    return sf_slice_eq_str(user, "bob") ? ctx : NULL;
}

static const struct sf_sasl_users users = {find_password, "secret"};
static const struct sf_sasl_users nobody = {NULL, NULL};

/* Octets, with `|` for NUL and `^` for 0x01, in base64. */
static void encode(const char *text, struct sf_buf *out)
{
    char octets[256];
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        octets[i] = (char)(text[i] == '|' ? 0 : text[i] == '^' ? 1 : text[i]);
    }
    sf_buf_init(out, 1024);
    sf_sasl_encode(sf_slice(octets, len), out);
}

static enum sf_sasl_result
start(struct sf_sasl *sasl, const char *text, struct sf_buf *challenge)
{
    struct sf_buf line;
    enum sf_sasl_result result;

    encode(text, &line);
    sf_buf_clear(challenge);
    result = sf_sasl_start(sasl, sf_buf_slice(&line), challenge);
    sf_buf_fini(&line);
    return result;
}

static enum sf_sasl_result
step(struct sf_sasl *sasl, const char *text, struct sf_buf *challenge)
{
    struct sf_buf line;
    enum sf_sasl_result result;

    encode(text, &line);
    sf_buf_clear(challenge);
    result = sf_sasl_step(sasl, sf_buf_slice(&line), challenge);
    sf_buf_fini(&line);
    return result;
}

/* What one message of the client leads to, and who it says it is. */
struct one {
    enum sf_mechanism mechanism;
    const char *message;
    enum sf_sasl_result result;
    const char *user;
};

static void check_ones(const struct one *cases,
                       size_t count,
                       const struct sf_sasl_users *of)
{
    for (size_t i = 0; i < count; i++) {
        struct sf_sasl *sasl = sf_sasl_new(cases[i].mechanism, of);
        struct sf_buf challenge;

        sf_buf_init(&challenge, 1024);
        cr_expect_eq(start(sasl, "", &challenge), SF_SASL_CHALLENGE);
        cr_expect_eq(step(sasl, cases[i].message, &challenge), cases[i].result,
                     "%s `%s`", sf_mechanism_name(cases[i].mechanism),
                     cases[i].message);
        cr_expect(sf_slice_eq_str(sf_sasl_user(sasl), cases[i].user),
                  "%s `%s`: user `%.*s`", sf_mechanism_name(cases[i].mechanism),
                  cases[i].message, (int)sf_sasl_user(sasl).len,
                  sf_sasl_user(sasl).ptr);
        sf_buf_fini(&challenge);
        sf_sasl_free(sasl);
    }
}

Test(sasl, who_proves_to_be_a_user_is_let_in)
{
    static const struct one cases[] = {
        {SF_MECHANISM_PLAIN, "|bob|secret", SF_SASL_DONE, "bob"},
        {SF_MECHANISM_PLAIN, "bob|bob|secret", SF_SASL_DONE, "bob"},
        {SF_MECHANISM_PLAIN, "eve|bob|secret", SF_SASL_REFUSED, "bob"},
        {SF_MECHANISM_PLAIN, "|bob|Secret", SF_SASL_REFUSED, "bob"},
        {SF_MECHANISM_PLAIN, "|bob|secret|", SF_SASL_REFUSED, "bob"},
        {SF_MECHANISM_PLAIN, "|Bob|secret", SF_SASL_REFUSED, "Bob"},
        {SF_MECHANISM_PLAIN, "|bob|", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_PLAIN, "|bob", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_PLAIN, "||secret", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_PLAIN, "", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_XOAUTH2, "user=bob^auth=Bearer secret^^", SF_SASL_DONE,
         "bob"},
        {SF_MECHANISM_XOAUTH2, "user=bob^^", SF_SASL_REFUSED, "bob"},
        {SF_MECHANISM_XOAUTH2, "auth=Bearer secret^^", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_OAUTHBEARER, "n,a=bob,^host=h^auth=Bearer secret^^",
         SF_SASL_DONE, "bob"},
        {SF_MECHANISM_OAUTHBEARER, "n,,^auth=Bearer secret^^", SF_SASL_REFUSED,
         ""},
        {SF_MECHANISM_EXTERNAL, "bob", SF_SASL_DONE, "bob"},
        {SF_MECHANISM_EXTERNAL, "eve", SF_SASL_REFUSED, "eve"},
        {SF_MECHANISM_EXTERNAL, "", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_ANONYMOUS, "trace@client.test", SF_SASL_DONE,
         "anonymous"},
        {SF_MECHANISM_SCRAM_SHA_256, "rubbish", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_SCRAM_SHA_256, "", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_CRAM_MD5, "bob 0123456789abcdef0123456789abcdef",
         SF_SASL_REFUSED, "bob"},
        {SF_MECHANISM_CRAM_MD5, "eve 0123456789abcdef0123456789abcdef",
         SF_SASL_REFUSED, "eve"},
        {SF_MECHANISM_CRAM_MD5, "", SF_SASL_REFUSED, ""},
    };

    check_ones(cases, COUNT(cases), &users);
}

Test(sasl, without_users_every_password_is_right)
{
    static const struct one cases[] = {
        {SF_MECHANISM_PLAIN, "|eve|x", SF_SASL_DONE, "eve"},
        {SF_MECHANISM_PLAIN, "adm|eve|x", SF_SASL_DONE, "eve"},
        {SF_MECHANISM_PLAIN, "|eve|", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_CRAM_MD5, "eve smith 0a", SF_SASL_DONE, "eve smith"},
        {SF_MECHANISM_CRAM_MD5, "0a", SF_SASL_REFUSED, ""},
        {SF_MECHANISM_XOAUTH2, "user=eve^auth=Bearer x^^", SF_SASL_DONE, "eve"},
        {SF_MECHANISM_OAUTHBEARER, "y,a=e=2Cv=3De,^auth=Bearer x^^",
         SF_SASL_DONE, "e,v=e"},
        {SF_MECHANISM_EXTERNAL, "", SF_SASL_DONE, ""},
    };

    check_ones(cases, COUNT(cases), &nobody);
}

Test(sasl, a_mechanism_that_needs_the_password_fails_where_nobody_knows_it)
{
    static const enum sf_mechanism cases[] = {
        SF_MECHANISM_SCRAM_SHA_1, SF_MECHANISM_SCRAM_SHA_256,
        SF_MECHANISM_GSSAPI, SF_MECHANISM_NTLM};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_sasl *sasl = sf_sasl_new(cases[i], &nobody);
        struct sf_buf challenge;

        sf_buf_init(&challenge, 1024);
        cr_expect_eq(start(sasl, "", &challenge), SF_SASL_FAILED, "%s",
                     sf_mechanism_name(cases[i]));
        cr_expect_eq(step(sasl, "x", &challenge), SF_SASL_REFUSED, "%s",
                     sf_mechanism_name(cases[i]));
        sf_buf_fini(&challenge);
        sf_sasl_free(sasl);
    }
}

Test(sasl, login_asks_for_the_name_and_then_for_the_password)
{
    static const struct {
        const char *name; /* NULL: it came with AUTH */
        const char *password;
        enum sf_sasl_result result;
    } cases[] = {
        {"bob", "secret", SF_SASL_DONE}, {NULL, "secret", SF_SASL_DONE},
        {"bob", "", SF_SASL_REFUSED},    {"eve", "secret", SF_SASL_REFUSED},
        {"", "secret", SF_SASL_REFUSED},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_sasl *sasl = sf_sasl_new(SF_MECHANISM_LOGIN, &users);
        struct sf_buf challenge;

        sf_buf_init(&challenge, 1024);
        if (cases[i].name != NULL) {
            cr_expect_eq(start(sasl, "", &challenge), SF_SASL_CHALLENGE);
            cr_expect(
                sf_slice_eq_str(sf_buf_slice(&challenge), "VXNlcm5hbWU6"));
            (void)step(sasl, cases[i].name, &challenge);
        } else {
            cr_expect_eq(start(sasl, "bob", &challenge), SF_SASL_CHALLENGE);
        }
        cr_expect(sf_slice_eq_str(sf_buf_slice(&challenge), "UGFzc3dvcmQ6"),
                  "case %zu", i);
        cr_expect_eq(step(sasl, cases[i].password, &challenge), cases[i].result,
                     "case %zu", i);
        sf_buf_fini(&challenge);
        sf_sasl_free(sasl);
    }
}

Test(sasl, a_wrong_token_is_told_before_it_is_refused)
{
    static const struct {
        enum sf_mechanism mechanism;
        const char *message;
        const char *told;
    } cases[] = {
        {SF_MECHANISM_XOAUTH2, "user=bob^auth=Bearer old^^",
         "{\"status\":\"401\",\"schemes\":\"bearer\"}"},
        {SF_MECHANISM_OAUTHBEARER, "n,a=bob,^auth=Bearer old^^",
         "{\"status\":\"invalid_token\"}"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_sasl *sasl = sf_sasl_new(cases[i].mechanism, &users);
        struct sf_buf challenge;
        struct sf_buf told;

        sf_buf_init(&challenge, 1024);
        encode(cases[i].told, &told);
        cr_expect_eq(start(sasl, cases[i].message, &challenge),
                     SF_SASL_CHALLENGE);
        cr_expect(sf_slice_eq(sf_buf_slice(&challenge), sf_buf_slice(&told)));
        cr_expect_eq(step(sasl, "^", &challenge), SF_SASL_REFUSED);
        cr_expect_eq(challenge.len, 0);
        sf_buf_fini(&challenge);
        sf_buf_fini(&told);
        sf_sasl_free(sasl);
    }
}

Test(sasl, the_initial_response_is_what_the_mechanism_allows)
{
    static const struct {
        enum sf_mechanism mechanism;
        const char *initial;
        enum sf_sasl_result result;
    } cases[] = {
        {SF_MECHANISM_PLAIN, "AGJvYgBzZWNyZXQ=", SF_SASL_DONE},
        {SF_MECHANISM_PLAIN, "=", SF_SASL_REFUSED},
        {SF_MECHANISM_PLAIN, "AGJvYgBzZWNyZXQ", SF_SASL_BAD_BASE64},
        {SF_MECHANISM_PLAIN, "AGJv YgBzZWNyZXQ=", SF_SASL_BAD_BASE64},
        {SF_MECHANISM_PLAIN, "*", SF_SASL_BAD_BASE64},
        {SF_MECHANISM_LOGIN, "Ym9i", SF_SASL_CHALLENGE},
        {SF_MECHANISM_LOGIN, "=", SF_SASL_CHALLENGE},
        {SF_MECHANISM_CRAM_MD5, "Ym9i", SF_SASL_TOO_EARLY},
        {SF_MECHANISM_CRAM_MD5, "=", SF_SASL_TOO_EARLY},
        {SF_MECHANISM_ANONYMOUS, "=", SF_SASL_DONE},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_sasl *sasl = sf_sasl_new(cases[i].mechanism, &users);
        struct sf_buf challenge;

        sf_buf_init(&challenge, 1024);
        cr_expect_eq(
            sf_sasl_start(sasl, sf_slice_str(cases[i].initial), &challenge),
            cases[i].result, "%s `%s`", sf_mechanism_name(cases[i].mechanism),
            cases[i].initial);
        sf_buf_fini(&challenge);
        sf_sasl_free(sasl);
    }
}

Test(sasl, what_has_ended_stays_as_it_ended)
{
    static const struct {
        const char *message;
        enum sf_sasl_result result;
    } cases[] = {{"|bob|secret", SF_SASL_DONE}, {"|bob|x", SF_SASL_REFUSED}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_sasl *sasl = sf_sasl_new(SF_MECHANISM_PLAIN, &users);
        struct sf_buf challenge;

        sf_buf_init(&challenge, 1024);
        cr_expect_eq(start(sasl, cases[i].message, &challenge),
                     cases[i].result);
        cr_expect_eq(step(sasl, "|bob|other", &challenge), cases[i].result);
        sf_buf_fini(&challenge);
        sf_sasl_free(sasl);
    }
}

/* The other side. */

static Gsasl_session *open_client(Gsasl *library,
                                  enum sf_mechanism mechanism,
                                  const char *user,
                                  const char *password)
{
    Gsasl_session *client = NULL;

    cr_assert_eq(
        gsasl_client_start(library, sf_mechanism_name(mechanism), &client),
        GSASL_OK);
    (void)gsasl_property_set(client, GSASL_AUTHID, user);
    (void)gsasl_property_set(client, GSASL_PASSWORD, password);
    (void)gsasl_property_set(client, GSASL_HOSTNAME, "localhost");
    (void)gsasl_property_set(client, GSASL_SERVICE, "smtp");
    return client;
}

/* Leads the exchange to its end; the client has checked the server's proof
 * where there is one. */
static enum sf_sasl_result meet(struct sf_sasl *sasl, Gsasl_session *client)
{
    struct sf_buf challenge;
    enum sf_sasl_result result;

    sf_buf_init(&challenge, 4096);
    result = sf_sasl_start(sasl, sf_slice("", 0), &challenge);
    while (result == SF_SASL_CHALLENGE) {
        char *answer = NULL;
        int code;

        sf_buf_putc(&challenge, '\0');
        code = gsasl_step64(client, challenge.ptr, &answer);
        cr_assert(code == GSASL_OK || code == GSASL_NEEDS_MORE, "%s",
                  gsasl_strerror(code));
        sf_buf_clear(&challenge);
        result = sf_sasl_step(sasl, sf_slice_str(answer), &challenge);
        gsasl_free(answer);
    }
    sf_buf_fini(&challenge);
    return result;
}

Test(sasl, a_client_with_the_password_gets_in_and_no_other)
{
    static const enum sf_mechanism mechanisms[] = {
        SF_MECHANISM_PLAIN, SF_MECHANISM_CRAM_MD5, SF_MECHANISM_SCRAM_SHA_1,
        SF_MECHANISM_SCRAM_SHA_256};
    static const struct {
        const char *user;
        const char *password;
        enum sf_sasl_result result;
    } cases[] = {
        {"bob", "secret", SF_SASL_DONE},
        {"bob", "wrong", SF_SASL_REFUSED},
        {"eve", "secret", SF_SASL_REFUSED},
    };
    Gsasl *library = NULL;

    cr_assert_eq(gsasl_init(&library), GSASL_OK);
    for (size_t i = 0; i < COUNT(mechanisms) * COUNT(cases); i++) {
        enum sf_mechanism mechanism = mechanisms[i / COUNT(cases)];
        size_t at = i % COUNT(cases);
        struct sf_sasl *sasl = sf_sasl_new(mechanism, &users);
        Gsasl_session *client =
            open_client(library, mechanism, cases[at].user, cases[at].password);

        cr_expect_eq(meet(sasl, client), cases[at].result, "%s as %s, `%s`",
                     sf_mechanism_name(mechanism), cases[at].user,
                     cases[at].password);
        cr_expect(sf_slice_eq_str(sf_sasl_user(sasl), cases[at].user), "%s",
                  sf_mechanism_name(mechanism));
        gsasl_finish(client);
        sf_sasl_free(sasl);
    }
    gsasl_done(library);
}

Test(sasl, nobody_acts_for_somebody_else)
{
    static const enum sf_mechanism mechanisms[] = {SF_MECHANISM_PLAIN,
                                                   SF_MECHANISM_SCRAM_SHA_1,
                                                   SF_MECHANISM_SCRAM_SHA_256};
    static const struct {
        const char *other;
        enum sf_sasl_result result;
    } cases[] = {
        {"bob", SF_SASL_DONE},
        {"eve", SF_SASL_REFUSED},
    };
    Gsasl *library = NULL;

    cr_assert_eq(gsasl_init(&library), GSASL_OK);
    for (size_t i = 0; i < COUNT(mechanisms) * COUNT(cases); i++) {
        enum sf_mechanism mechanism = mechanisms[i / COUNT(cases)];
        size_t at = i % COUNT(cases);
        struct sf_sasl *sasl = sf_sasl_new(mechanism, &users);
        Gsasl_session *client =
            open_client(library, mechanism, "bob", "secret");

        (void)gsasl_property_set(client, GSASL_AUTHZID, cases[at].other);
        cr_expect_eq(meet(sasl, client), cases[at].result, "%s for %s",
                     sf_mechanism_name(mechanism), cases[at].other);
        gsasl_finish(client);
        sf_sasl_free(sasl);
    }
    gsasl_done(library);
}

Test(sasl, the_proof_of_a_scram_server_is_answered_by_nothing)
{
    Gsasl *library = NULL;
    Gsasl_session *client = NULL;
    struct sf_sasl *sasl = sf_sasl_new(SF_MECHANISM_SCRAM_SHA_256, &users);
    struct sf_buf challenge;
    char *answer = NULL;

    sf_buf_init(&challenge, 4096);
    cr_assert_eq(gsasl_init(&library), GSASL_OK);
    client = open_client(library, SF_MECHANISM_SCRAM_SHA_256, "bob", "secret");
    cr_assert_eq(sf_sasl_start(sasl, sf_slice("", 0), &challenge),
                 SF_SASL_CHALLENGE);
    for (int i = 0; i < 2; i++) {
        sf_buf_putc(&challenge, '\0');
        cr_assert_eq(gsasl_step64(client, challenge.ptr, &answer),
                     GSASL_NEEDS_MORE);
        sf_buf_clear(&challenge);
        cr_assert_eq(sf_sasl_step(sasl, sf_slice_str(answer), &challenge),
                     SF_SASL_CHALLENGE);
        gsasl_free(answer);
    }
    cr_expect_eq(step(sasl, "more", &challenge), SF_SASL_REFUSED);
    gsasl_finish(client);
    gsasl_done(library);
    sf_buf_fini(&challenge);
    sf_sasl_free(sasl);
}

/* The answer of GNU SASL's client, with `|x` behind the name. */
static void spoil_name(const char *answer, struct sf_buf *out)
{
    char *octets = NULL;
    size_t len = 0;
    char spoilt[256];

    cr_assert_eq(gsasl_base64_from(answer, strlen(answer), &octets, &len),
                 GSASL_OK);
    (void)snprintf(spoilt, sizeof(spoilt), "bob|x%.*s", (int)len - 3,
                   octets + 3);
    gsasl_free(octets);
    encode(spoilt, out);
}

Test(sasl, a_right_digest_behind_another_name_is_refused)
{
    Gsasl *library = NULL;
    Gsasl_session *client = NULL;
    struct sf_sasl *sasl = sf_sasl_new(SF_MECHANISM_CRAM_MD5, &users);
    struct sf_buf challenge;
    struct sf_buf line;
    char *answer = NULL;

    sf_buf_init(&challenge, 4096);
    cr_assert_eq(gsasl_init(&library), GSASL_OK);
    client = open_client(library, SF_MECHANISM_CRAM_MD5, "bob", "secret");
    cr_assert_eq(sf_sasl_start(sasl, sf_slice("", 0), &challenge),
                 SF_SASL_CHALLENGE);
    sf_buf_putc(&challenge, '\0');
    cr_assert_eq(gsasl_step64(client, challenge.ptr, &answer), GSASL_OK);
    spoil_name(answer, &line);
    cr_expect_eq(sf_sasl_step(sasl, sf_buf_slice(&line), &challenge),
                 SF_SASL_REFUSED);
    gsasl_free(answer);
    gsasl_finish(client);
    gsasl_done(library);
    sf_buf_fini(&line);
    sf_buf_fini(&challenge);
    sf_sasl_free(sasl);
}
