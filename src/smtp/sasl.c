/* sasl.c - the server's side of a SASL exchange.
 *
 * The arithmetic of CRAM-MD5 and SCRAM, and base64, are GNU SASL's.  The other
 * mechanisms only take a text apart: that is done here, so that the user is
 * known as early as possible and a password that was sent is wiped. */
#include "smtp/sasl.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* What a client may call itself, in octets: as long as its longest line. */
#define USER_LIMIT_BYTES 32768

enum stage {
    STAGE_FIRST,    /* nothing of the client was looked at */
    STAGE_PASSWORD, /* LOGIN: the name was */
    STAGE_FINAL,    /* it is right; what the server had to add was sent */
    STAGE_FAILING,  /* it is wrong; an error text was sent */
    STAGE_OVER,
};

struct sf_sasl {
    enum sf_mechanism mechanism;
    struct sf_sasl_users users;
    enum stage stage;
    enum sf_sasl_result verdict; /* OVER */
    struct sf_buf user;
    Gsasl *library;         /* NULL: not needed */
    Gsasl_session *session; /* likewise */
};

/* What a mechanism makes of a message: a result, and a challenge that is not
 * encoded yet. */
struct row {
    const char *library; /* its name there; NULL: done here */
    bool is_server_first;
    bool needs_users;
    enum sf_sasl_result (*take)(struct sf_sasl *,
                                struct sf_slice message,
                                struct sf_buf *challenge);
};

static void set_user(struct sf_sasl *sasl, struct sf_slice user)
{
    sf_buf_clear(&sasl->user);
    sf_buf_put_slice(&sasl->user, user);
}

static bool has_users(const struct sf_sasl *sasl)
{
    return sasl->users.find != NULL;
}

/* Whether there is such a user, and, where one was sent, whether the password
 * is right. */
static enum sf_sasl_result judge(const struct sf_sasl *sasl,
                                 struct sf_slice user,
                                 const struct sf_slice *password)
{
    const char *right = NULL;

    if (!has_users(sasl)) {
        return SF_SASL_DONE;
    }
    right = sasl->users.find(sasl->users.ctx, user);
    if (right == NULL ||
        (password != NULL && !sf_slice_eq_str(*password, right))) {
        return SF_SASL_REFUSED;
    }
    return SF_SASL_DONE;
}

/* RFC 4616 2: authorization identity, NUL, user, NUL, password. */
static enum sf_sasl_result take_plain(struct sf_sasl *sasl,
                                      struct sf_slice message,
                                      struct sf_buf *challenge)
{
    struct sf_slice rest = message;
    struct sf_slice other = sf_slice_cut(&rest, '\0');
    struct sf_slice user = sf_slice_cut(&rest, '\0');

    (void)challenge;
    if (rest.ptr == NULL || user.len == 0 || rest.len == 0) {
        return SF_SASL_REFUSED;
    }
    set_user(sasl, user);
    /* Nobody here may act for somebody else. */
    if (has_users(sasl) && other.len > 0 && !sf_slice_eq(other, user)) {
        return SF_SASL_REFUSED;
    }
    return judge(sasl, user, &rest);
}

/* LOGIN asks twice; what clients look at are these very prompts. */
static enum sf_sasl_result take_login(struct sf_sasl *sasl,
                                      struct sf_slice message,
                                      struct sf_buf *challenge)
{
    if (sasl->stage == STAGE_FIRST && message.ptr == NULL) {
        sf_buf_puts(challenge, "Username:");
        return SF_SASL_CHALLENGE;
    }
    if (sasl->stage == STAGE_FIRST) {
        set_user(sasl, message);
        sasl->stage = STAGE_PASSWORD;
        sf_buf_puts(challenge, "Password:");
        return SF_SASL_CHALLENGE;
    }
    return sasl->user.len == 0
               ? SF_SASL_REFUSED
               : judge(sasl, sf_buf_slice(&sasl->user), &message);
}

/* The value of `NAME=` among fields that end in 0x01. */
static bool
find_field(struct sf_slice fields, const char *name, struct sf_slice *out_value)
{
    while (fields.len > 0) {
        struct sf_slice field = sf_slice_cut(&fields, '\001');

        if (sf_slice_starts_nocase(field, name)) {
            *out_value = sf_slice_skip(field, sf_slice_str(name).len);
            return true;
        }
    }
    return false;
}

/* The token is the password; a wrong one is told in a challenge first. */
static enum sf_sasl_result take_token(struct sf_sasl *sasl,
                                      struct sf_slice fields,
                                      const char *error,
                                      struct sf_buf *challenge)
{
    struct sf_slice token;

    if (!find_field(fields, "auth=Bearer ", &token) || sasl->user.len == 0 ||
        token.len == 0) {
        return SF_SASL_REFUSED;
    }
    if (judge(sasl, sf_buf_slice(&sasl->user), &token) == SF_SASL_DONE) {
        return SF_SASL_DONE;
    }
    sf_buf_puts(challenge, error);
    sasl->stage = STAGE_FAILING;
    return SF_SASL_CHALLENGE;
}

static enum sf_sasl_result take_xoauth2(struct sf_sasl *sasl,
                                        struct sf_slice message,
                                        struct sf_buf *challenge)
{
    struct sf_slice user;

    if (find_field(message, "user=", &user)) {
        set_user(sasl, user);
    }
    return take_token(sasl, message,
                      "{\"status\":\"401\",\"schemes\":\"bearer\"}", challenge);
}

/* RFC 5801 4: `=2C` is a comma, `=3D` is `=`. */
static void put_saslname(struct sf_buf *buf, struct sf_slice name)
{
    while (name.len > 0) {
        char c = name.ptr[0];
        size_t len = 1;

        if (sf_slice_starts_nocase(name, "=2C")) {
            c = ',';
            len = 3;
        } else if (sf_slice_starts_nocase(name, "=3D")) {
            len = 3;
        }
        sf_buf_putc(buf, c);
        name = sf_slice_skip(name, len);
    }
}

/* RFC 7628 3.1: `n,a=NAME,`, then the fields. */
static enum sf_sasl_result take_oauthbearer(struct sf_sasl *sasl,
                                            struct sf_slice message,
                                            struct sf_buf *challenge)
{
    struct sf_slice fields = message;
    struct sf_slice header = sf_slice_cut(&fields, '\001');
    struct sf_slice flag = sf_slice_cut(&header, ',');
    struct sf_slice name = sf_slice_cut(&header, ',');

    (void)flag;
    if (sf_slice_starts_nocase(name, "a=")) {
        sf_buf_clear(&sasl->user);
        put_saslname(&sasl->user, sf_slice_skip(name, 2));
    }
    return take_token(sasl, fields, "{\"status\":\"invalid_token\"}",
                      challenge);
}

/* RFC 4422 A: who the client is, is known from elsewhere.  Here it is not, and
 * what the client says is taken for it. */
static enum sf_sasl_result take_external(struct sf_sasl *sasl,
                                         struct sf_slice message,
                                         struct sf_buf *challenge)
{
    (void)challenge;
    set_user(sasl, message);
    return judge(sasl, message, NULL);
}

/* RFC 4505 2: the message is a trace, and proves nothing. */
static enum sf_sasl_result take_anonymous(struct sf_sasl *sasl,
                                          struct sf_slice message,
                                          struct sf_buf *challenge)
{
    (void)message;
    (void)challenge;
    set_user(sasl, sf_slice_str("anonymous"));
    return SF_SASL_DONE;
}

/* The library asks for what it needs. */
static int
on_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
    const struct sf_sasl *sasl = gsasl_callback_hook_get(library);
    const char *user = NULL;
    const char *password = NULL;

    if (property != GSASL_PASSWORD || !has_users(sasl)) {
        return GSASL_NO_CALLBACK;
    }
    user = gsasl_property_fast(session, GSASL_AUTHID);
    password = sasl->users.find(sasl->users.ctx, sf_slice_str(user));
    return password == NULL
               ? GSASL_NO_PASSWORD
               : gsasl_property_set(session, GSASL_PASSWORD, password);
}

/* What the library has found out about the client. */
static void learn_user(struct sf_sasl *sasl)
{
    const char *user = gsasl_property_fast(sasl->session, GSASL_AUTHID);

    if (user != NULL) {
        set_user(sasl, sf_slice_str(user));
    }
}

/* RFC 5802 5.1.  Nobody here may act for somebody else. */
static bool acts_for_other(const struct sf_sasl *sasl)
{
    const char *other = gsasl_property_fast(sasl->session, GSASL_AUTHZID);

    return other != NULL && other[0] != '\0' &&
           !sf_slice_eq_str(sf_buf_slice(&sasl->user), other);
}

/* An empty answer would only make the library ask again, and to a name it
 * takes no more than what stands before a NUL. */
static bool can_take(struct sf_slice message)
{
    return message.ptr == NULL ||
           (message.len > 0 && sf_slice_find(message, '\0') == message.len);
}

static enum sf_sasl_result take_by_library(struct sf_sasl *sasl,
                                           struct sf_slice message,
                                           struct sf_buf *challenge)
{
    char *octets = NULL;
    size_t len = 0;
    int code = GSASL_MECHANISM_PARSE_ERROR;

    if (can_take(message)) {
        code =
            gsasl_step(sasl->session, message.ptr, message.len, &octets, &len);
    }
    learn_user(sasl);
    if (code == GSASL_MALLOC_ERROR || code == GSASL_CRYPTO_ERROR) {
        return SF_SASL_FAILED;
    }
    if ((code != GSASL_OK && code != GSASL_NEEDS_MORE) ||
        acts_for_other(sasl)) {
        gsasl_free(octets);
        return SF_SASL_REFUSED;
    }
    sf_buf_append(challenge, octets, len);
    gsasl_free(octets);
    if (code == GSASL_OK && len == 0) {
        return SF_SASL_DONE;
    }
    if (code == GSASL_OK) {
        sasl->stage = STAGE_FINAL; /* RFC 4954 4: a 235 cannot carry it */
    }
    return SF_SASL_CHALLENGE;
}

/* RFC 2195 2: the user, a blank, the digest.  Where every password is right
 * nobody has to compute one. */
static enum sf_sasl_result take_cram(struct sf_sasl *sasl,
                                     struct sf_slice message,
                                     struct sf_buf *challenge)
{
    struct sf_slice user = message;

    if (message.ptr == NULL || has_users(sasl)) {
        return take_by_library(sasl, message, challenge);
    }
    while (user.len > 0 && user.ptr[user.len - 1] != ' ') {
        user.len--;
    }
    set_user(sasl, sf_slice_trim(user));
    return sasl->user.len > 0 ? SF_SASL_DONE : SF_SASL_REFUSED;
}

static const struct row rows[SF_MECHANISM_COUNT] = {
    [SF_MECHANISM_PLAIN] = {.take = take_plain},
    [SF_MECHANISM_LOGIN] = {.take = take_login, .is_server_first = true},
    [SF_MECHANISM_CRAM_MD5] = {.library = "CRAM-MD5",
                               .take = take_cram,
                               .is_server_first = true},
    [SF_MECHANISM_SCRAM_SHA_1] = {.library = "SCRAM-SHA-1",
                                  .take = take_by_library,
                                  .needs_users = true},
    [SF_MECHANISM_SCRAM_SHA_256] = {.library = "SCRAM-SHA-256",
                                    .take = take_by_library,
                                    .needs_users = true},
    [SF_MECHANISM_XOAUTH2] = {.take = take_xoauth2},
    [SF_MECHANISM_OAUTHBEARER] = {.take = take_oauthbearer},
    [SF_MECHANISM_EXTERNAL] = {.take = take_external},
    [SF_MECHANISM_ANONYMOUS] = {.take = take_anonymous},
};

static bool open_library(struct sf_sasl *sasl, const char *name)
{
    if (name == NULL) {
        return true;
    }
    if (gsasl_init(&sasl->library) != GSASL_OK) {
        return false;
    }
    gsasl_callback_set(sasl->library, on_property);
    gsasl_callback_hook_set(sasl->library, sasl);
    return gsasl_server_start(sasl->library, name, &sasl->session) == GSASL_OK;
}

struct sf_sasl *sf_sasl_new(enum sf_mechanism mechanism,
                            const struct sf_sasl_users *users)
{
    struct sf_sasl *sasl = calloc(1, sizeof(*sasl));

    if (sasl == NULL) {
        return NULL;
    }
    sasl->mechanism = mechanism;
    sasl->users = *users;
    sf_buf_init(&sasl->user, USER_LIMIT_BYTES);
    if (!open_library(sasl, rows[mechanism].library)) {
        sf_sasl_free(sasl);
        return NULL;
    }
    return sasl;
}

void sf_sasl_free(struct sf_sasl *sasl)
{
    if (sasl == NULL) {
        return;
    }
    if (sasl->session != NULL) {
        gsasl_finish(sasl->session);
    }
    if (sasl->library != NULL) {
        gsasl_done(sasl->library);
    }
    sf_buf_fini(&sasl->user);
    free(sasl);
}

void sf_sasl_encode(struct sf_slice octets, struct sf_buf *out)
{
    char *text = NULL;
    size_t len = 0;

    if (octets.len == 0) {
        return;
    }
    if (gsasl_base64_to(octets.ptr, octets.len, &text, &len) != GSASL_OK) {
        out->failed = SF_ENOMEM;
        return;
    }
    sf_buf_append(out, text, len);
    gsasl_free(text);
}

/* What a message leads to; one with ptr NULL did not come. */
static enum sf_sasl_result
take(struct sf_sasl *sasl, struct sf_slice message, struct sf_buf *out)
{
    enum sf_sasl_result result = SF_SASL_FAILED;
    struct sf_buf challenge;

    sf_buf_init(&challenge, out->limit);
    if (sasl->stage == STAGE_FINAL) {
        result = message.len == 0 ? SF_SASL_DONE : SF_SASL_REFUSED;
    } else if (sasl->stage == STAGE_FAILING) {
        result = SF_SASL_REFUSED;
    } else if (rows[sasl->mechanism].take != NULL &&
               (has_users(sasl) || !rows[sasl->mechanism].needs_users)) {
        result = rows[sasl->mechanism].take(sasl, message, &challenge);
    }
    sf_sasl_encode(sf_buf_slice(&challenge), out);
    if (challenge.failed || out->failed || sasl->user.failed) {
        result = SF_SASL_FAILED;
    }
    sf_buf_fini(&challenge);
    return result;
}

static enum sf_sasl_result end(struct sf_sasl *sasl, enum sf_sasl_result result)
{
    if (result != SF_SASL_CHALLENGE) {
        sasl->stage = STAGE_OVER;
        sasl->verdict = result == SF_SASL_DONE ? SF_SASL_DONE : SF_SASL_REFUSED;
    }
    return result;
}

/* RFC 4648 4.  The library frees what it has decoded when it comes to what it
 * cannot decode, and does not wipe it. */
static bool is_base64(struct sf_slice line)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = 0;
    size_t pads = 0;

    while (count < line.len &&
           memchr(digits, line.ptr[count], sizeof(digits) - 1) != NULL) {
        count++;
    }
    while (count + pads < line.len && line.ptr[count + pads] == '=') {
        pads++;
    }
    return count + pads == line.len && line.len % 4 == 0 && pads <= 2;
}

/* Decodes, takes, wipes. */
static enum sf_sasl_result
take_line(struct sf_sasl *sasl, struct sf_slice line, struct sf_buf *out)
{
    enum sf_sasl_result result = SF_SASL_BAD_BASE64;
    char *octets = NULL;
    size_t len = 0;

    if (line.len == 0) {
        return take(sasl, sf_slice("", 0), out);
    }
    if (is_base64(line) &&
        gsasl_base64_from(line.ptr, line.len, &octets, &len) == GSASL_OK) {
        result = take(sasl, sf_slice(octets, len), out);
        sf_wipe(octets, len);
        gsasl_free(octets);
    }
    return result;
}

enum sf_sasl_result
sf_sasl_start(struct sf_sasl *sasl, struct sf_slice initial, struct sf_buf *out)
{
    const struct row *row = &rows[sasl->mechanism];
    struct sf_slice none = {NULL, 0};

    if (row->take == NULL || (row->needs_users && !has_users(sasl))) {
        return end(sasl, SF_SASL_FAILED);
    }
    if (initial.len == 0) {
        return row->is_server_first ? end(sasl, take(sasl, none, out))
                                    : SF_SASL_CHALLENGE;
    }
    /* RFC 4954 4.  LOGIN stands in no RFC, and clients do send the name. */
    if (row->is_server_first && sasl->mechanism != SF_MECHANISM_LOGIN) {
        return end(sasl, SF_SASL_TOO_EARLY);
    }
    if (sf_slice_eq_str(initial, "=")) {
        initial.len = 0;
    }
    return end(sasl, take_line(sasl, initial, out));
}

enum sf_sasl_result
sf_sasl_step(struct sf_sasl *sasl, struct sf_slice line, struct sf_buf *out)
{
    return sasl->stage == STAGE_OVER ? sasl->verdict
                                     : end(sasl, take_line(sasl, line, out));
}

struct sf_slice sf_sasl_user(const struct sf_sasl *sasl)
{
    return sf_buf_slice(&sasl->user);
}
