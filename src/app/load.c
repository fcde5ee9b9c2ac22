/* load.c - loads scenarios and tells on stderr what is wrong with them. */
#include "app/load.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/file.h"
#include "app/say.h"
#include "net/tls_config.h"
#include "scenario/scenario.h"

/* What has no line is about a file as a whole, as its name was given to us;
 * that is an error like every other of the command line. */
static bool is_about_file(const struct sf_diag *diag)
{
    return diag->line == 0 && diag->severity == SF_SEVERITY_ERROR;
}

static void print_diag(const struct sf_diag *diag)
{
    char brief[1024];
    size_t len = sf_diag_format(diag, brief, sizeof(brief));
    char *text = brief;

    if (len >= sizeof(brief)) {
        text = malloc(len + 1);
        if (text) {
            (void)sf_diag_format(diag, text, len + 1);
        } else {
            text = brief;
            len = sizeof(brief) - 1;
        }
    }
    (void)!sf_file_write(STDERR_FILENO, text, len);
    if (text != brief) {
        free(text);
    }
}

static void print_diags(const struct sf_diags *diags, bool is_quiet)
{
    for (size_t i = 0; i < sf_diags_len(diags); i++) {
        const struct sf_diag *diag = sf_diags_get(diags, i);

        if (is_about_file(diag)) {
            sf_say("%s: %s%s%s", diag->path, diag->text, diag->hint ? ": " : "",
                   diag->hint ? diag->hint : "");
        } else if (!is_quiet || diag->severity == SF_SEVERITY_ERROR) {
            print_diag(diag);
        }
    }
}

int sf_load(const struct sf_options *options,
            struct sf_reader *reader,
            const char *const *paths,
            size_t path_count,
            struct sf_scenario **out_scenario)
{
    const struct sf_load load = {.paths = paths,
                                 .path_count = path_count,
                                 .settings = options->settings,
                                 .setting_count = options->setting_count,
                                 .expectations = options->expectations,
                                 .expectation_count =
                                     options->expectation_count,
                                 .is_strict = options->is_strict,
                                 .read = sf_reader_read,
                                 .read_ctx = reader,
                                 .tls = sf_tls_ability()};
    struct sf_diags *diags = sf_diags_new();
    int err = SF_ENOMEM;

    if (diags) {
        err = sf_scenario_load(&load, diags, out_scenario);
        print_diags(diags, options->is_quiet);
    }
    if (err != 0 && err != SF_ESCENARIO) {
        sf_say("the scenario cannot be loaded: %s", sf_strerror(err));
    }
    sf_diags_free(diags);
    return err;
}

int sf_load_chosen(const struct sf_options *options,
                   struct sf_reader *reader,
                   struct sf_scenario **out_scenario)
{
    static const char *const fallback[] = {"default"};
    bool is_bare = options->scenario_count == 0;

    /* A file that happens to be called so is not meant. */
    reader->bundled = is_bare ? fallback[0] : NULL;
    return sf_load(options, reader, is_bare ? fallback : options->scenarios,
                   is_bare ? 1 : options->scenario_count, out_scenario);
}

uint64_t sf_load_seed(const struct sf_options *options,
                      const struct sf_scenario *scenario)
{
    if (options->has_seed) {
        return options->seed;
    }
    return scenario->has_seed ? scenario->seed : 1;
}

enum sf_status sf_load_check(const struct sf_options *options)
{
    struct sf_reader reader = {0};
    int result = 0;

    for (size_t i = 0; i < options->operand_count; i++) {
        struct sf_scenario *scenario = NULL;
        int err =
            sf_load(options, &reader, &options->operands[i], 1, &scenario);

        sf_scenario_free(scenario);
        result = err != 0 ? err : result;
    }
    sf_reader_fini(&reader);
    return sf_status_of(result);
}
