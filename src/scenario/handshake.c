/* handshake.c - the value of `handshake`: a word, and what some words want
 * behind them. */
#include "scenario/handshake.h"

#include "smtp/alert.h"

enum argument {
    TAKES_NONE,
    TAKES_MIN,   /* a version of TLS */
    TAKES_MAX,   /* likewise */
    TAKES_ALERT, /* the name of an alert */
    TAKES_POINT, /* where the handshake stops */
};

static const struct {
    const char *word;
    enum argument argument;
    struct sf_handshake handshake;
} words[] = {
    {"expired", TAKES_NONE, {.profile.certificate = SF_TLS_EXPIRED}},
    {"not-yet-valid",
     TAKES_NONE,
     {.profile.certificate = SF_TLS_NOT_YET_VALID}},
    {"wrong-host", TAKES_NONE, {.profile.certificate = SF_TLS_WRONG_HOST}},
    {"self-signed", TAKES_NONE, {.profile.certificate = SF_TLS_SELF_SIGNED}},
    {"untrusted", TAKES_NONE, {.profile.certificate = SF_TLS_UNTRUSTED}},
    {"missing-intermediate",
     TAKES_NONE,
     {.profile.certificate = SF_TLS_MISSING_INTERMEDIATE}},
    {"weak-key", TAKES_NONE, {.profile.certificate = SF_TLS_WEAK_KEY}},
    {"min", TAKES_MIN, {0}},
    {"max", TAKES_MAX, {0}},
    {"alert",
     TAKES_ALERT,
     {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO, .then = SF_HANDSHAKE_ALERT}},
    {"hang-at", TAKES_POINT, {.then = SF_HANDSHAKE_HANG}},
    {"close-at", TAKES_POINT, {.then = SF_HANDSHAKE_CLOSE}},
    {"reset-at", TAKES_POINT, {.then = SF_HANDSHAKE_RESET}},
    {"garbage",
     TAKES_NONE,
     {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO, .then = SF_HANDSHAKE_GARBAGE}},
    {"plaintext",
     TAKES_NONE,
     {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO,
      .then = SF_HANDSHAKE_PLAINTEXT}},
    {"keep-input", TAKES_NONE, {.profile.keeps_input = true}},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

static const struct {
    const char *word;
    enum sf_tls_cut cut;
} points[] = {
    {"client-hello", SF_TLS_AFTER_CLIENT_HELLO},
    {"server-hello", SF_TLS_AFTER_SERVER_HELLO},
    {"finished", SF_TLS_BEFORE_FINISHED},
};

static const struct {
    const char *word;
    enum sf_tls_version version;
} versions[] = {
    {"1.0", SF_TLS_1_0},
    {"1.1", SF_TLS_1_1},
    {"1.2", SF_TLS_1_2},
    {"1.3", SF_TLS_1_3},
};

bool sf_handshake_parse_version(struct sf_loader *loader,
                                const struct sf_place *place,
                                const char *key,
                                struct sf_slice text,
                                enum sf_tls_version *out_version)
{
    const struct sf_tls_ability *ability = sf_loader_tls(loader);
    enum sf_tls_version version = SF_TLS_ANY_VERSION;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (sf_slice_eq_str(text, versions[i].word)) {
            version = versions[i].version;
        }
    }
    if (version == SF_TLS_ANY_VERSION) {
        sf_loader_error(loader, place, "for example `1.2`",
                        "`%s` needs a version of TLS, from 1.0 to 1.3", key);
        return false;
    }
    if (ability != NULL &&
        (version < ability->oldest || version > ability->newest)) {
        sf_loader_error(loader, place,
                        version < ability->oldest
                            ? "versions before 1.2 need a smtpfault that was "
                              "built with mbedTLS 2.28"
                            : "version 1.3 needs a smtpfault that was built "
                              "with mbedTLS 3.6",
                        "the TLS library of this smtpfault has no TLS %.*s",
                        SF_SLICE_ARG(text));
        return false;
    }
    *out_version = version;
    return true;
}

static bool parse_alert(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice name,
                        struct sf_handshake *handshake)
{
    int alert = sf_alert_find(name);
    struct sf_suggestion suggestion;

    if (alert >= 0) {
        handshake->alert = (unsigned)alert;
        return true;
    }
    sf_suggestion_init(&suggestion, name);
    for (const char *const *other = sf_alert_names(); *other != NULL; other++) {
        sf_suggestion_offer(&suggestion, *other);
    }
    sf_loader_error(loader, place,
                    sf_suggestion_hint(&suggestion, loader,
                                       "for example `alert "
                                       "handshake_failure`: a name of RFC "
                                       "8446 6.2"),
                    "TLS has no alert `%.*s`", SF_SLICE_ARG(name));
    return false;
}

static bool parse_point(struct sf_loader *loader,
                        const struct sf_place *place,
                        const char *word,
                        struct sf_slice text,
                        struct sf_handshake *handshake)
{
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        if (sf_slice_eq_str_nocase(text, points[i].word)) {
            handshake->profile.cut = points[i].cut;
            return true;
        }
    }
    sf_loader_error(
        loader, place, "it is `client-hello`, `server-hello` or `finished`",
        "`%s` needs the message at which the handshake stops", word);
    return false;
}

static bool parse_argument(struct sf_loader *loader,
                           const struct sf_place *place,
                           size_t index,
                           struct sf_slice text,
                           struct sf_handshake *handshake)
{
    const char *word = words[index].word;

    switch (words[index].argument) {
    case TAKES_MIN:
        return sf_handshake_parse_version(loader, place, word, text,
                                          &handshake->profile.min);
    case TAKES_MAX:
        return sf_handshake_parse_version(loader, place, word, text,
                                          &handshake->profile.max);
    case TAKES_ALERT:
        return parse_alert(loader, place, text, handshake);
    case TAKES_POINT:
        return parse_point(loader, place, word, text, handshake);
    case TAKES_NONE:
        break;
    }
    if (text.len > 0) {
        sf_loader_error(loader, place, "leave out what follows it",
                        "`%s` stands alone", word);
    }
    return text.len == 0;
}

static const char *suggest_word(struct sf_loader *loader, struct sf_slice word)
{
    struct sf_suggestion suggestion;
    struct sf_naming naming;
    const char *list = NULL;

    sf_suggestion_init(&suggestion, word);
    sf_naming_init(&naming, "it is one of", WORD_COUNT);
    for (size_t i = 0; i < WORD_COUNT; i++) {
        sf_suggestion_offer(&suggestion, words[i].word);
        sf_naming_add(&naming, words[i].word);
    }
    list = sf_naming_finish(&naming, loader, "");
    return sf_suggestion_hint(&suggestion, loader, list);
}

bool sf_handshake_parse(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_handshake *out_handshake)
{
    struct sf_slice rest = text;
    struct sf_slice word = sf_slice_cut_word(&rest);

    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (sf_slice_eq_str_nocase(word, words[i].word)) {
            *out_handshake = words[i].handshake;
            out_handshake->text = sf_loader_keep_text(loader, text);
            return parse_argument(loader, place, i, sf_slice_trim(rest),
                                  out_handshake);
        }
    }
    sf_loader_error(loader, place, suggest_word(loader, word),
                    "there is no handshake `%.*s`", SF_SLICE_ARG(word));
    return false;
}
