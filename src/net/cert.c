/* cert.c - certificates: a throw-away authority with leaves of its own, or the
 * user's. */
#include "net/cert.h"

#include <arpa/inet.h>
#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509.h>
#include <string.h>
#include <time.h>

#include "base/slice.h"

#define SERIAL_BYTES  16
#define SAN_BYTES     2048
#define DAY_S         86400
#define WEAK_BITS     1024
#define RSA_EXPONENT  65537
#define SAN_DNS       (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2)
#define CHAIN_BYTES   16320 /* one message of the handshake, in one record */
#define TEXT_BYTES    262144
#define SAN_ADDRESS   (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)
#define ASN1_SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* Who signs a leaf. */
enum signer { BY_AUTHORITY, BY_INTERMEDIATE, BY_STRANGER, BY_ITSELF };

/* Days are counted from now.  Everything else is as it should be. */
struct recipe {
    int from_day;
    int to_day;
    enum signer signer;
    bool is_weak;
    const char *only_name; /* NULL: the names that it is asked for */
};

static const struct recipe recipes[] = {
    [SF_TLS_RIGHT] = {-1, 365, BY_AUTHORITY, false, NULL},
    [SF_TLS_EXPIRED] = {-30, -1, BY_AUTHORITY, false, NULL},
    [SF_TLS_NOT_YET_VALID] = {1, 365, BY_AUTHORITY, false, NULL},
    [SF_TLS_WRONG_HOST] = {-1, 365, BY_AUTHORITY, false, "wrong-host.invalid"},
    [SF_TLS_SELF_SIGNED] = {-1, 365, BY_ITSELF, false, NULL},
    [SF_TLS_UNTRUSTED] = {-1, 365, BY_STRANGER, false, NULL},
    [SF_TLS_MISSING_INTERMEDIATE] = {-1, 365, BY_INTERMEDIATE, false, NULL},
    [SF_TLS_WEAK_KEY] = {-1, 365, BY_AUTHORITY, true, NULL},
};

/* Longer than any leaf. */
static const struct recipe authority_recipe = {-60, 730, BY_ITSELF, false,
                                               NULL};

static const char leaf_name[] = "CN=smtpfault";
static const char authority_name[] = "CN=smtpfault throw-away CA";
static const char stranger_name[] = "CN=smtpfault CA that nobody knows";
static const char intermediate_name[] = "CN=smtpfault intermediate CA";

static int make_key(mbedtls_pk_context *key,
                    bool is_weak,
                    mbedtls_ctr_drbg_context *random)
{
    mbedtls_pk_type_t type = is_weak ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
    int err = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(type));

    if (err == 0 && is_weak) {
        err = mbedtls_rsa_gen_key(mbedtls_pk_rsa(*key), mbedtls_ctr_drbg_random,
                                  random, WEAK_BITS, RSA_EXPONENT);
    } else if (err == 0) {
        err = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
                                  mbedtls_ctr_drbg_random, random);
    }
    return err;
}

/* Writes a time as X.509 has it, so many days from now. */
static void format_day(int days, char out[16])
{
    time_t at = time(NULL) + (time_t)days * DAY_S;
    struct tm parts;

    if (gmtime_r(&at, &parts) == NULL ||
        strftime(out, 16, "%Y%m%d%H%M%S", &parts) == 0) {
        out[0] = '\0';
    }
}

/* Positive, so that no octet has to go before it. */
static int set_serial(mbedtls_x509write_cert *writing,
                      mbedtls_ctr_drbg_context *random)
{
    unsigned char serial[SERIAL_BYTES];
    int err = mbedtls_ctr_drbg_random(random, serial, sizeof(serial));

    if (err != 0) {
        return err;
    }
    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
    return sf_tls_set_serial(writing, serial, sizeof(serial));
}

/* A certificate that is being written. */
struct draft {
    const char *subject;
    const char *issuer;
    mbedtls_pk_context *subject_key;
    mbedtls_pk_context *issuer_key;
    const struct recipe *recipe;
};

/* What authority and leaf have in common. */
static int set_common(mbedtls_x509write_cert *writing,
                      const struct draft *draft,
                      mbedtls_ctr_drbg_context *random)
{
    char from[16];
    char to[16];
    int err;

    format_day(draft->recipe->from_day, from);
    format_day(draft->recipe->to_day, to);
    mbedtls_x509write_crt_set_subject_key(writing, draft->subject_key);
    mbedtls_x509write_crt_set_issuer_key(writing, draft->issuer_key);
    mbedtls_x509write_crt_set_version(writing, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(writing, MBEDTLS_MD_SHA256);
    err = set_serial(writing, random);
    if (err == 0) {
        err = mbedtls_x509write_crt_set_validity(writing, from, to);
    }
    if (err == 0) {
        err = mbedtls_x509write_crt_set_issuer_name(writing, draft->issuer);
    }
    if (err == 0) {
        err = mbedtls_x509write_crt_set_subject_name(writing, draft->subject);
    }
    if (err == 0) {
        err = mbedtls_x509write_crt_set_subject_key_identifier(writing);
    }
    return err != 0
               ? err
               : mbedtls_x509write_crt_set_authority_key_identifier(writing);
}

/* Signs, and parses what was signed.  `text` has room for the PEM. */
static int finish(mbedtls_x509write_cert *writing,
                  mbedtls_x509_crt *certificate,
                  char text[SF_CERT_TEXT_SIZE],
                  mbedtls_ctr_drbg_context *random)
{
    int err = mbedtls_x509write_crt_pem(writing, (unsigned char *)text,
                                        SF_CERT_TEXT_SIZE,
                                        mbedtls_ctr_drbg_random, random);

    return err != 0 ? err
                    : mbedtls_x509_crt_parse(certificate,
                                             (const unsigned char *)text,
                                             strlen(text) + 1);
}

static int set_authority(mbedtls_x509write_cert *writing)
{
    int err = mbedtls_x509write_crt_set_basic_constraints(writing, 1, -1);

    return err != 0 ? err
                    : mbedtls_x509write_crt_set_key_usage(
                          writing, MBEDTLS_X509_KU_KEY_CERT_SIGN |
                                       MBEDTLS_X509_KU_CRL_SIGN);
}

/* An authority that `issuer` signs; NULL: itself. */
static int make_authority(struct sf_authority *authority,
                          const char *name,
                          struct sf_authority *issuer,
                          mbedtls_ctr_drbg_context *random)
{
    const struct draft draft = {
        .subject = name,
        .issuer = issuer == NULL ? name : issuer->name,
        .subject_key = &authority->key,
        .issuer_key = issuer == NULL ? &authority->key : &issuer->key,
        .recipe = &authority_recipe,
    };
    mbedtls_x509write_cert writing;
    int err;

    authority->name = name;
    mbedtls_pk_init(&authority->key);
    mbedtls_x509_crt_init(&authority->certificate);
    mbedtls_x509write_crt_init(&writing);
    err = make_key(&authority->key, false, random);
    if (err == 0) {
        err = set_common(&writing, &draft, random);
    }
    if (err == 0) {
        err = set_authority(&writing);
    }
    if (err == 0) {
        err =
            finish(&writing, &authority->certificate, authority->text, random);
    }
    mbedtls_x509write_crt_free(&writing);
    return err == 0 ? 0 : SF_EIO;
}

int sf_authority_init(struct sf_authority *authority,
                      mbedtls_ctr_drbg_context *random)
{
    return make_authority(authority, authority_name, NULL, random);
}

void sf_authority_fini(struct sf_authority *authority)
{
    mbedtls_pk_free(&authority->key);
    mbedtls_x509_crt_free(&authority->certificate);
}

/* Names of a leaf.  The library writes backwards, from the end. */

struct san {
    unsigned char octets[SAN_BYTES];
    unsigned char *at;
    int failed;
};

static void put_san(struct san *san, int tag, const void *octets, size_t len)
{
    int written =
        mbedtls_asn1_write_raw_buffer(&san->at, san->octets, octets, len);

    if (written >= 0) {
        written = mbedtls_asn1_write_len(&san->at, san->octets, len);
    }
    if (written >= 0) {
        written =
            mbedtls_asn1_write_tag(&san->at, san->octets, (unsigned char)tag);
    }
    if (written < 0) {
        san->failed = written;
    }
}

static void put_name(struct san *san, const char *name)
{
    unsigned char address[16];

    if (inet_pton(AF_INET, name, address) == 1) {
        put_san(san, SAN_ADDRESS, address, 4);
    } else if (inet_pton(AF_INET6, name, address) == 1) {
        put_san(san, SAN_ADDRESS, address, 16);
    } else {
        put_san(san, SAN_DNS, name, strlen(name));
    }
}

static void put_names(struct san *san, const char *const *names, size_t count)
{
    static const char *const always[] = {"::1", "127.0.0.1", "localhost"};

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        put_name(san, always[i]);
    }
    while (count > 0) {
        put_name(san, names[--count]);
    }
}

static int set_names(mbedtls_x509write_cert *writing,
                     const struct recipe *recipe,
                     const char *const *names,
                     size_t count)
{
    struct san san = {.at = san.octets + SAN_BYTES};
    size_t len;

    if (recipe->only_name != NULL) {
        put_name(&san, recipe->only_name);
    } else {
        put_names(&san, names, count);
    }
    len = (size_t)(san.octets + SAN_BYTES - san.at);
    if (san.failed == 0 &&
        (mbedtls_asn1_write_len(&san.at, san.octets, len) < 0 ||
         mbedtls_asn1_write_tag(&san.at, san.octets, ASN1_SEQUENCE) < 0)) {
        san.failed = -1;
    }
    len = (size_t)(san.octets + SAN_BYTES - san.at);
    return san.failed != 0 ? san.failed
                           : mbedtls_x509write_crt_set_extension(
                                 writing, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                 MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
                                 0, san.at, len);
}

static int set_leaf(mbedtls_x509write_cert *writing,
                    const struct recipe *recipe,
                    const char *const *names,
                    size_t count)
{
    /* SEQUENCE { OID serverAuth } */
    static const unsigned char purpose[] = {0x30, 10, 0x06, 8, 0x2b, 6,
                                            1,    5,  5,    7, 3,    1};
    int err = mbedtls_x509write_crt_set_basic_constraints(writing, 0, -1);

    if (err == 0) {
        err = mbedtls_x509write_crt_set_key_usage(
            writing, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
    }
    if (err == 0) {
        err = mbedtls_x509write_crt_set_extension(
            writing, MBEDTLS_OID_EXTENDED_KEY_USAGE,
            MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0, purpose,
            sizeof(purpose));
    }
    return err != 0 ? err : set_names(writing, recipe, names, count);
}

void sf_cert_init(struct sf_cert *cert)
{
    mbedtls_pk_init(&cert->key);
    mbedtls_x509_crt_init(&cert->chain);
}

static int write_leaf(struct sf_cert *cert,
                      const struct sf_cert_order *order,
                      struct sf_authority *issuer,
                      mbedtls_ctr_drbg_context *random)
{
    const struct recipe *recipe = &recipes[order->kind];
    const struct draft draft = {
        .subject = leaf_name,
        .issuer = issuer == NULL ? leaf_name : issuer->name,
        .subject_key = &cert->key,
        .issuer_key = issuer == NULL ? &cert->key : &issuer->key,
        .recipe = recipe,
    };
    char text[SF_CERT_TEXT_SIZE];
    mbedtls_x509write_cert writing;
    int err;

    mbedtls_x509write_crt_init(&writing);
    err = make_key(&cert->key, recipe->is_weak, random);
    if (err == 0) {
        err = set_common(&writing, &draft, random);
    }
    if (err == 0) {
        err = set_leaf(&writing, recipe, order->names, order->name_count);
    }
    if (err == 0) {
        err = finish(&writing, &cert->chain, text, random);
    }
    mbedtls_x509write_crt_free(&writing);
    return err;
}

/* With an authority that is thrown away as soon as it has signed. */
static int make_by_other(struct sf_cert *cert,
                         const struct sf_cert_order *order,
                         struct sf_authority *authority,
                         mbedtls_ctr_drbg_context *random)
{
    bool is_known = recipes[order->kind].signer == BY_INTERMEDIATE;
    struct sf_authority other;
    int err =
        make_authority(&other, is_known ? intermediate_name : stranger_name,
                       is_known ? authority : NULL, random);

    if (err == 0) {
        err = write_leaf(cert, order, &other, random);
    }
    sf_authority_fini(&other);
    return err;
}

int sf_cert_make(struct sf_cert *cert,
                 const struct sf_cert_order *order,
                 struct sf_authority *authority,
                 mbedtls_ctr_drbg_context *random)
{
    int err = SF_EIO;

    sf_cert_init(cert);
    switch (recipes[order->kind].signer) {
    case BY_AUTHORITY:
        err = write_leaf(cert, order, authority, random);
        break;
    case BY_ITSELF:
        err = write_leaf(cert, order, NULL, random);
        break;
    case BY_INTERMEDIATE:
    case BY_STRANGER:
        err = make_by_other(cert, order, authority, random);
        break;
    }
    return err == 0 ? 0 : SF_EIO;
}

/* The user's. */

/* Whether a handshake can show all of them; each has a length before it, and
 * in TLS 1.3 one of its extensions behind it. */
static bool has_room(const mbedtls_x509_crt *chain)
{
    size_t sum = 0;

    for (; chain != NULL && sum <= CHAIN_BYTES; chain = chain->next) {
        sum += chain->raw.len + 5;
    }
    return sum <= CHAIN_BYTES;
}

/* Parsing takes time by the square of the length. */
static const char *parse_chain(mbedtls_x509_crt *chain, struct sf_slice text)
{
    const char *too_long =
        "`certificate` is longer than what a handshake can show";

    if (text.len > TEXT_BYTES) {
        return too_long;
    }
    /* The library wants the final NUL counted: there is one. */
    if (mbedtls_x509_crt_parse(chain, (const unsigned char *)text.ptr,
                               text.len + 1) != 0) {
        return "there is no PEM certificate that the TLS library can read";
    }
    return has_room(chain) ? NULL : too_long;
}

int sf_cert_parse(struct sf_cert *cert,
                  struct sf_slice chain,
                  struct sf_slice key,
                  mbedtls_ctr_drbg_context *random,
                  const char **out_fault)
{
    sf_cert_init(cert);
    *out_fault = parse_chain(&cert->chain, chain);
    /* The final NUL as above. */
    if (*out_fault == NULL &&
        sf_tls_parse_key(&cert->key, (const unsigned char *)key.ptr,
                         key.len + 1, random) != 0) {
        *out_fault =
            "there is no PEM key that the TLS library can read, or it "
            "needs a password";
    }
    if (*out_fault == NULL &&
        sf_tls_check_pair(&cert->chain, &cert->key, random) != 0) {
        *out_fault = "certificate and key do not belong together";
    }
    return *out_fault == NULL ? 0 : SF_ESYNTAX;
}

void sf_cert_fini(struct sf_cert *cert)
{
    mbedtls_pk_free(&cert->key);
    mbedtls_x509_crt_free(&cert->chain);
}
