/* main.c - what the process needs before anything else, and who does what. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/load.h"
#include "app/options.h"
#include "app/say.h"
#include "app/serve.h"
#include "app/status.h"

/* Where standard input, output or error is closed, the next file that we open
 * would take its place and get what is meant for it. */
static void open_standard_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Neither a client that left nor a file that may not grow must end us: writes
 * report EPIPE and EFBIG. */
static void ignore_signals_of_writes(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}

/* Thousands of connections are usual; the soft limit is often 1024. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What was printed may have found no room only now. */
static enum sf_status finish_printing(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return SF_STATUS_OK;
    }
    sf_say("cannot write to standard output: %s: send it elsewhere",
           strerror(errno));
    return SF_STATUS_CANNOT_RUN;
}

static enum sf_status run_command(const struct sf_options *options)
{
    switch (options->command) {
    case SF_COMMAND_HELP:
        sf_options_print_help(stdout);
        return finish_printing();
    case SF_COMMAND_VERSION:
        (void)puts("smtpfault " SF_VERSION);
        return finish_printing();
    case SF_COMMAND_CHECK:
        return sf_status_of(sf_load_check(options));
    case SF_COMMAND_SERVE:
        break;
    }
    return sf_serve(options);
}

int main(int argc, char **argv)
{
    struct sf_options options;
    char error[512];
    enum sf_status status;
    int err;

    open_standard_descriptors();
    ignore_signals_of_writes();
    raise_descriptor_limit();
    err = sf_options_parse(&options, argc, argv, getenv("SMTPFAULT_OPTIONS"),
                           error, sizeof(error));
    if (err == 0) {
        status = run_command(&options);
    } else {
        sf_say("%s", err == SF_ESYNTAX ? error : sf_strerror(err));
        status = sf_status_of(err);
    }
    sf_options_fini(&options);
    return (int)status;
}
