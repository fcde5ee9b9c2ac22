/* invocation.h - the words and the environment of the command under test: those
 * of the command line and our own, with what it has to know put in.
 *
 * {host}, {port}, {url} and {ca} in a word are replaced, as is {port.NAME} for
 * the listener of that name; behind a `$` they are the shell's and stay.  The
 * environment has SMTPFAULT_HOST, _PORT, _URL, _CA, and _PORT_NAME for each
 * listener, as it is called and in capitals, `_` for what no shell takes. */
#ifndef SF_APP_INVOCATION_H
#define SF_APP_INVOCATION_H

#include "app/listeners.h"

struct sf_invocation {
    struct sf_arena arena; /* owns everything below */
    char **argv;           /* NULL behind the last, so also env */
    size_t argc;
    char **env;
};

/* Whether a word of the command under test has that name in braces. */
bool sf_invocation_asks_for(const struct sf_options *options, const char *name);

/* What the command is told.  Everything is borrowed for the call. */
struct sf_invocation_facts {
    const struct sf_net_server *server;   /* open */
    const struct sf_listeners *listeners; /* of the server */
    const char *ca;                       /* a file; NULL: there is none */
};

/* Makes the words of options->under_test.  Returns 0, SF_ENOMEM, or SF_ESYNTAX
 * for a name that has no value, with "what was wrong: what to do about it" in
 * error.  Call fini in any case. */
SF_MUST_CHECK int sf_invocation_make(struct sf_invocation *invocation,
                                     const struct sf_options *options,
                                     const struct sf_invocation_facts *facts,
                                     char *error,
                                     size_t error_size);
void sf_invocation_fini(struct sf_invocation *invocation);

#endif
