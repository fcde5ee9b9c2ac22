/* main.c - what the process needs before anything else. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/say.h"

/* Where standard input, output or error is closed, the next file that we open
 * would take its place and get what is meant for it.  What is printed must not
 * be lost in silence: that output takes nothing. */
static void open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            /* The lowest one that is free: this. */
            (void)open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
        }
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

int main(int argc, char **argv)
{
    struct sf_options options;
    char error[512];
    enum sf_status status;
    int err;

    open_standard_descriptors();
    ignore_signals_of_writes();
    err = sf_options_parse(&options, argc, argv, getenv("SMTPFAULT_OPTIONS"),
                           error, sizeof(error));
    if (err == 0) {
        status = sf_commands_get(options.command)->run(&options);
    } else {
        sf_say("%s", err == SF_ESYNTAX ? error : sf_strerror(err));
        status = sf_status_of(err);
    }
    sf_options_fini(&options);
    return (int)status;
}
