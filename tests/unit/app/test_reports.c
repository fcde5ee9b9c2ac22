/* test_reports.c - where the verdict is told: standard error, and --report. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/reports.h"

#define TEXT                                                                   \
    "PASSED  a.ini: 0 met, 0 failed, 0 not reached; "                          \
    "0 sessions, 0 messages, 0.000 s; status 0\n"
#define TAP   "TAP version 13\n1..0 # SKIP no expectations\n# a.ini: "
#define GREEN "\033[32mPASSED\033[0m"

static char root[64];
static char error[512];
static struct sf_options options;
static int saved[3];

static const struct sf_outcome outcome = {
    .scenario = "a.ini", .wall_clock = "2026-11-25T07:24:00Z", .speed = 1};

static void setup(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/sf_reports_XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    cr_assert_eq(chdir(root), 0);
}

static void teardown(void)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -r '%s'", root);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(system(command), 0);
}

TestSuite(reports, .init = setup, .fini = teardown);

/* What goes to a standard descriptor goes to a file in its stead. */
static void redirect(int fd, const char *name)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_geq(file, 0);
    saved[fd] = dup(fd);
    cr_assert_eq(dup2(file, fd), fd);
    close(file);
}

static void restore(int fd)
{
    cr_assert_eq(dup2(saved[fd], fd), fd);
    close(saved[fd]);
}

/* Cuts a line at blanks. */
static void parse(const char *line)
{
    static char copy[256];
    char *argv[16] = {(char[]){"smtpfault"}};
    int argc = 1;

    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *at = copy; *at != '\0';) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at != '\0') {
            *at++ = '\0';
        }
    }
    cr_assert_eq(
        sf_options_parse(&options, argc, argv, NULL, error, sizeof(error)), 0,
        "%s", error);
}

static int write_reports(const char *line)
{
    int err;

    error[0] = '\0';
    parse(line);
    redirect(STDOUT_FILENO, "stdout");
    redirect(STDERR_FILENO, "stderr");
    err = sf_reports_write(&options, &outcome, error, sizeof(error));
    restore(STDOUT_FILENO);
    restore(STDERR_FILENO);
    sf_options_fini(&options);
    return err;
}

/* Whether the file begins so; "" is an empty one, NULL is none. */
static void
expect_file(const char *line, const char *name, const char *beginning)
{
    char content[4096] = "";
    int fd = open(name, O_RDONLY);

    if (!beginning) {
        cr_assert_lt(fd, 0, "%s: %s", line, name);
        return;
    }
    cr_assert_geq(fd, 0, "%s: %s", line, name);
    cr_assert_geq(read(fd, content, sizeof(content) - 1), 0);
    close(fd);
    if (*beginning) {
        cr_assert_eq(strncmp(content, beginning, strlen(beginning)), 0,
                     "%s: %s has %s", line, name, content);
    } else {
        cr_assert_str_eq(content, "", "%s: %s", line, name);
    }
}

Test(reports, each_goes_where_it_was_sent)
{
    static const struct {
        const char *line;
        const char *on_stdout;
        const char *on_stderr;
        const char *in_r;
    } cases[] = {
        {"", "", TEXT, NULL},
        {"--quiet", "", "", NULL},
        {"--color always", "", GREEN, NULL},
        {"--report tap:-", TAP, TEXT, NULL},
        {"--quiet --report tap:-", TAP, "", NULL},
        {"--report text:-", TEXT, "", NULL},
        {"--report json:- --report text:r", "{\"schema\":1,", "", TEXT},
        {"--color always --report text:r", "", "", GREEN},
        {"--color never --report text:r", "", "", TEXT},
        {"--report tap:r --report github:-", "::notice title=a.ini::0 met, ",
         TEXT, TAP},
        {"--report junit:r", "", TEXT,
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)unlink("r");
        cr_assert_eq(write_reports(cases[i].line), 0, "%s: %s", cases[i].line,
                     error);
        expect_file(cases[i].line, "stdout", cases[i].on_stdout);
        expect_file(cases[i].line, "stderr", cases[i].on_stderr);
        expect_file(cases[i].line, "r", cases[i].in_r);
    }
}

Test(reports, one_that_cannot_be_written_does_not_stop_the_others)
{
    const char *line = "--report json:no/a --report tap:r --report junit:no/b";

    cr_assert_eq(write_reports(line), SF_EIO);
    cr_assert_str_eq(error,
                     "cannot write the report no/a: No such file or directory: "
                     "make the directory or choose another --report");
    expect_file(line, "r", TAP);
}

Test(reports, standard_output_that_takes_nothing_is_an_error)
{
    parse("--quiet --report json:-");
    redirect(STDOUT_FILENO, "/dev/full");
    cr_assert_eq(sf_reports_write(&options, &outcome, error, sizeof(error)),
                 SF_EIO);
    restore(STDOUT_FILENO);
    cr_assert_not_null(strstr(error, "No space left"), "%s", error);
    sf_options_fini(&options);
}

Test(reports, standard_error_that_takes_nothing_is_none)
{
    parse("");
    redirect(STDERR_FILENO, "/dev/full");
    cr_assert_eq(sf_reports_write(&options, &outcome, error, sizeof(error)), 0);
    restore(STDERR_FILENO);
    sf_options_fini(&options);
}

Test(reports, a_place_is_looked_at_before_the_run)
{
    parse("--report json:- --report tap:r --report text:no/a");
    cr_assert_eq(sf_reports_check(&options, error, sizeof(error)), SF_EIO);
    cr_assert_not_null(strstr(error, "report no/a: "), "%s", error);
    sf_options_fini(&options);
    parse("--report json:- --report tap:r");
    cr_assert_eq(sf_reports_check(&options, error, sizeof(error)), 0);
    cr_assert_neq(access("r", F_OK), 0);
    sf_options_fini(&options);
}
