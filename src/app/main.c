/* main.c - what the process needs before anything else, and who does what. */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "app/load.h"
#include "app/options.h"
#include "app/say.h"
#include "app/serve.h"
#include "app/status.h"

/* A client that left must not end us: writes report EPIPE. */
static void ignore_sigpipe(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &ignore, NULL);
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

static enum sf_status run_command(const struct sf_options *options)
{
    switch (options->command) {
    case SF_COMMAND_HELP:
        sf_options_print_help(stdout);
        return SF_STATUS_OK;
    case SF_COMMAND_VERSION:
        (void)puts("smtpfault " SF_VERSION);
        return SF_STATUS_OK;
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

    ignore_sigpipe();
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
