/* test_handshake.c - the value of `handshake`, for TLS libraries that can do
 * more and less. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"
#include "scenario/handshake.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool knows_no_cipher(struct sf_slice name)
{
    (void)name;
    return false;
}

static const char *find_no_fault(struct sf_slice certificate,
                                 struct sf_slice key)
{
    (void)certificate;
    (void)key;
    return NULL;
}

static const struct sf_tls_ability old_library = {
    SF_TLS_1_0, SF_TLS_1_2, knows_no_cipher, find_no_fault};
static const struct sf_tls_ability new_library = {
    SF_TLS_1_2, SF_TLS_1_3, knows_no_cipher, find_no_fault};

static struct sf_arena arena;
static struct sf_loader loader;
static struct sf_load load;
static const struct sf_place place = {.path = "t.ini", .file = 1, .line = 1};

static void setup(void)
{
    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
    loader.load = &load;
}

static void teardown(void)
{
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

TestSuite(handshake, .init = setup, .fini = teardown);

static void expect_same(const struct sf_handshake *found,
                        const struct sf_handshake *wanted,
                        const char *text)
{
    const struct sf_tls_profile *profile = &wanted->profile;

    cr_expect_str_eq(found->text, text);
    cr_expect_eq(found->profile.certificate, profile->certificate, "%s", text);
    cr_expect_eq(found->profile.min, profile->min, "%s: min", text);
    cr_expect_eq(found->profile.max, profile->max, "%s: max", text);
    cr_expect_eq(found->profile.cut, profile->cut, "%s: cut", text);
    cr_expect_eq(found->profile.keeps_input, profile->keeps_input, "%s", text);
    cr_expect_eq(found->then, wanted->then, "%s: then", text);
    cr_expect_eq(found->alert, wanted->alert, "%s: alert", text);
}

Test(handshake, a_value_is_a_profile_and_what_becomes_of_it)
{
    static const struct {
        const char *text;
        struct sf_handshake wanted;
    } cases[] = {
        {"expired", {.profile.certificate = SF_TLS_EXPIRED}},
        {"not-yet-valid", {.profile.certificate = SF_TLS_NOT_YET_VALID}},
        {"wrong-host", {.profile.certificate = SF_TLS_WRONG_HOST}},
        {"self-signed", {.profile.certificate = SF_TLS_SELF_SIGNED}},
        {"untrusted", {.profile.certificate = SF_TLS_UNTRUSTED}},
        {"missing-intermediate",
         {.profile.certificate = SF_TLS_MISSING_INTERMEDIATE}},
        {"weak-key", {.profile.certificate = SF_TLS_WEAK_KEY}},
        {"Weak-KEY", {.profile.certificate = SF_TLS_WEAK_KEY}},
        {"min 1.2", {.profile.min = SF_TLS_1_2}},
        {"max 1.1", {.profile.max = SF_TLS_1_1}},
        {"max   1.0", {.profile.max = SF_TLS_1_0}},
        {"alert handshake_failure",
         {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO,
          .then = SF_HANDSHAKE_ALERT,
          .alert = 40}},
        {"alert Unknown-CA",
         {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO,
          .then = SF_HANDSHAKE_ALERT,
          .alert = 48}},
        {"hang-at client-hello",
         {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO, .then = SF_HANDSHAKE_HANG}},
        {"close-at server-hello",
         {.profile.cut = SF_TLS_AFTER_SERVER_HELLO,
          .then = SF_HANDSHAKE_CLOSE}},
        {"reset-at finished",
         {.profile.cut = SF_TLS_BEFORE_FINISHED, .then = SF_HANDSHAKE_RESET}},
        {"garbage",
         {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO,
          .then = SF_HANDSHAKE_GARBAGE}},
        {"plaintext",
         {.profile.cut = SF_TLS_AFTER_CLIENT_HELLO,
          .then = SF_HANDSHAKE_PLAINTEXT}},
        {"keep-input", {.profile.keeps_input = true}},
    };

    load.tls = &old_library;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_handshake found;

        cr_assert(sf_handshake_parse(&loader, &place,
                                     sf_slice_str(cases[i].text), &found),
                  "%s", cases[i].text);
        expect_same(&found, &cases[i].wanted, cases[i].text);
    }
    cr_expect_eq(loader.error_count, 0);
}

Test(handshake, what_is_no_value_is_one_error_and_nothing_is_taken)
{
    static const char *const texts[] = {
        "",         "expird",         "expired soon", "garbage x",
        "min",      "min 2.0",        "max 1",        "max SSLv3",
        "alert",    "alert nothing",  "hang-at",      "hang-at x",
        "close-at", "reset-at hello", "keep-input 1",
    };

    load.tls = &old_library;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct sf_handshake found = {0};

        cr_expect_not(
            sf_handshake_parse(&loader, &place, sf_slice_str(texts[i]), &found),
            "`%s`", texts[i]);
        cr_expect_eq(loader.error_count, i + 1, "`%s`", texts[i]);
    }
}

Test(handshake, a_version_that_the_library_lacks_is_an_error)
{
    static const struct {
        const char *version;
        const struct sf_tls_ability *tls; /* NULL: nobody knows */
        bool is_there;
    } cases[] = {
        {"1.0", &old_library, true},  {"1.1", &old_library, true},
        {"1.2", &old_library, true},  {"1.3", &old_library, false},
        {"1.0", &new_library, false}, {"1.1", &new_library, false},
        {"1.2", &new_library, true},  {"1.3", &new_library, true},
        {"1.0", NULL, true},          {"1.3", NULL, true},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        enum sf_tls_version version = SF_TLS_ANY_VERSION;
        size_t errors = loader.error_count;

        load.tls = cases[i].tls;
        cr_expect_eq(sf_handshake_parse_version(&loader, &place, "min-version",
                                                sf_slice_str(cases[i].version),
                                                &version),
                     cases[i].is_there, "%zu: %s", i, cases[i].version);
        cr_expect_eq(loader.error_count - errors, !cases[i].is_there, "%zu", i);
        cr_expect_eq(version != SF_TLS_ANY_VERSION, cases[i].is_there, "%zu",
                     i);
    }
}

Test(handshake, the_message_names_the_library_that_has_the_version)
{
    static const struct {
        const char *text;
        const struct sf_tls_ability *tls;
        const char *finding;
        const char *hint;
    } cases[] = {
        {"[TLS]\nhandshake = min 1.3\n", &old_library, "has no TLS 1.3",
         "mbedTLS 3.6"},
        {"[TLS]\nhandshake = max 1.1\n", &new_library, "has no TLS 1.1",
         "mbedTLS 2.28"},
        {"[server]\nmax-version = 1.0\n", &new_library, "has no TLS 1.0",
         "mbedTLS 2.28"},
    };
    const char *path = "t.ini";

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_file files[] = {{path, cases[i].text, 0, 0},
                                    {NULL, NULL, 0, 0}};
        const struct sf_load from_text = {.paths = &path,
                                          .path_count = 1,
                                          .read = read_text_file,
                                          .read_ctx = files,
                                          .tls = cases[i].tls};
        struct loaded loaded = load_all(&from_text);

        cr_expect_eq(loaded.result, SF_ESCENARIO, "%s", cases[i].text);
        cr_expect_not_null(strstr(loaded.findings, cases[i].finding), "%s",
                           loaded.findings);
        cr_expect_not_null(strstr(loaded.findings, cases[i].hint), "%s",
                           loaded.findings);
        loaded_fini(&loaded);
    }
}
