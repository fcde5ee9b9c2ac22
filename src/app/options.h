/* options.h - the command line and SMTPFAULT_OPTIONS, understood.
 *
 * A pure function from words to a struct: nothing is read, opened or
 * printed. */
#ifndef SF_APP_OPTIONS_H
#define SF_APP_OPTIONS_H

#include "base/arena.h"
#include "base/url.h"
#include "verdict/report.h"

/* What is to be done: app/commands.h tells about each. */
enum sf_command_kind {
#define WORDLESS(NAME, function) SF_COMMAND_##NAME,
#define X(NAME, word, operands, least, most, wants, function, text)            \
    SF_COMMAND_##NAME,
#include "app/commands.def"
#undef WORDLESS
#undef X
    SF_COMMAND_COUNT
};

/* Where it listens if nothing says so, by itself and for a command under
 * test. */
#define SF_OPTIONS_URL            "smtp://127.0.0.1:2525"
#define SF_OPTIONS_UNDER_TEST_URL "smtp://127.0.0.1:0"

/* Of a command under test, unless --timeout says otherwise. */
#define SF_OPTIONS_UNDER_TEST_TIMEOUT_US (UINT64_C(600) * 1000000)

struct sf_listen_option {
    const char *name; /* NULL: none was given */
    struct sf_url url;
};

struct sf_report_option {
    const struct sf_report_format *format;
    const char *path; /* "-": stdout */
};

enum sf_when { SF_WHEN_AUTO, SF_WHEN_ALWAYS, SF_WHEN_NEVER };

struct sf_options {
    struct sf_arena arena; /* owns everything below */
    enum sf_command_kind command;

    const char **scenarios; /* none: the bundled default */
    size_t scenario_count;
    const char **operands; /* of the command */
    size_t operand_count;
    const char *const *under_test; /* the command under test, NULL behind it */
    size_t under_test_count;       /* 0: none */
    const char **tags;             /* of list: all of them have to be there */
    size_t tag_count;
    struct sf_setting *settings;
    size_t setting_count;
    struct sf_setting *expectations;
    size_t expectation_count;
    struct sf_listen_option *listeners; /* see app/listeners.h */
    size_t listener_count;
    struct sf_report_option *reports;
    size_t report_count;

    const char *port_file; /* NULL: none; so for the next two */
    const char *journal;   /* "-": stdout */
    const char *save_dir;
    const char *tls_cert; /* NULL: none; so for the next two */
    const char *tls_key;
    const char *ca_file;
    double speed;
    bool has_seed;
    bool is_seed_random;
    uint64_t seed;
    uint64_t max_sessions;  /* 0: no limit */
    uint64_t until_idle_us; /* SF_FOREVER_US: never; so for timeout_us */
    uint64_t timeout_us;
    bool has_timeout; /* it was given */
    enum sf_when transcript;
    enum sf_when color;
    bool is_json;
    bool is_strict;
    bool is_quiet;
};

/* Reads `environment` (SMTPFAULT_OPTIONS, may be NULL), then the arguments
 * behind argv[0].  The environment holds options only; those that do not apply
 * to the command are passed over there.  Returns 0, SF_ENOMEM, or SF_ESYNTAX
 * with "what was wrong: what to do about it" in error.  Call
 * sf_options_fini() in any case. */
SF_MUST_CHECK int sf_options_parse(struct sf_options *options,
                                   int argc,
                                   char **argv,
                                   const char *environment,
                                   char *error,
                                   size_t error_size);
/* Whether something that was asked for goes to standard output, which then has
 * no room for ready lines. */
bool sf_options_is_stdout_taken(const struct sf_options *options);

void sf_options_fini(struct sf_options *options);

#endif
