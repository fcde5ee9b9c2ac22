/* reports.c - where the verdict is told: standard error, and --report. */
#include "app/reports.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/terminal.h"

/* The first that goes wrong is told. */
struct failure {
    int err;
    char *error;
    size_t error_size;
};

static bool is_text(const struct sf_report_format *format)
{
    return format->put == sf_report_put_text;
}

/* The function of a format for a place with that descriptor; -1: a file. */
static sf_report_fn *choose_function(const struct sf_options *options,
                                     const struct sf_report_format *format,
                                     int fd)
{
    return is_text(format) && sf_terminal_has_color(options, fd)
               ? sf_report_put_colored
               : format->put;
}

static int write_text(const struct sf_file_use *use,
                      struct sf_slice text,
                      char *error,
                      size_t error_size)
{
    if (strcmp(use->path, "-") != 0) {
        return sf_file_replace(use, text, error, error_size);
    }
    if (sf_file_write(STDOUT_FILENO, text.ptr, text.len) < text.len) {
        sf_file_explain(use, errno, error, error_size);
        return SF_EIO;
    }
    return 0;
}

static struct sf_file_use describe(const struct sf_report_option *report)
{
    return (struct sf_file_use){.verb = "write",
                                .noun = "report",
                                .path = report->path,
                                .option = "--report"};
}

int sf_reports_check(const struct sf_options *options,
                     char *error,
                     size_t error_size)
{
    int err = 0;

    for (size_t i = 0; i < options->report_count && err == 0; i++) {
        const struct sf_file_use use = describe(&options->reports[i]);

        if (strcmp(use.path, "-") != 0) {
            err = sf_file_check(&use, error, error_size);
        }
    }
    return err;
}

static void write_report(const struct sf_options *options,
                         const struct sf_report_option *report,
                         const struct sf_outcome *outcome,
                         struct failure *failure)
{
    const struct sf_file_use use = describe(report);
    int fd = strcmp(report->path, "-") == 0 ? STDOUT_FILENO : -1;
    char error[1024] = "";
    struct sf_buf text;
    int err;

    sf_buf_init(&text, SIZE_MAX);
    choose_function(options, report->format, fd)(&text, outcome);
    err = text.failed;
    if (err != 0) {
        sf_file_explain(&use, ENOMEM, error, sizeof(error));
    } else {
        err = write_text(&use, sf_buf_slice(&text), error, sizeof(error));
    }
    sf_buf_fini(&text);
    if (failure->err == 0 && err != 0) {
        failure->err = err;
        (void)snprintf(failure->error, failure->error_size, "%s", error);
    }
}

static bool wants_default(const struct sf_options *options)
{
    bool is_wanted = !options->is_quiet;

    for (size_t i = 0; i < options->report_count; i++) {
        is_wanted = is_wanted && !is_text(options->reports[i].format);
    }
    return is_wanted;
}

/* Nobody is left to be told that standard error cannot be written. */
static void write_default(const struct sf_options *options,
                          const struct sf_outcome *outcome)
{
    struct sf_buf text;

    sf_buf_init(&text, SIZE_MAX);
    if (sf_terminal_has_color(options, STDERR_FILENO)) {
        sf_report_put_colored(&text, outcome);
    } else {
        sf_report_put_text(&text, outcome);
    }
    (void)!sf_file_write(STDERR_FILENO, text.ptr, text.len);
    sf_buf_fini(&text);
}

int sf_reports_write(const struct sf_options *options,
                     const struct sf_outcome *outcome,
                     char *error,
                     size_t error_size)
{
    struct failure failure = {.error = error, .error_size = error_size};

    if (wants_default(options)) {
        write_default(options, outcome);
    }
    for (size_t i = 0; i < options->report_count; i++) {
        write_report(options, &options->reports[i], outcome, &failure);
    }
    return failure.err;
}
