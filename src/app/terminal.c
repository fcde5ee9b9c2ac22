/* terminal.c - what depends on whether a terminal shows it. */
#include "app/terminal.h"

#include <stdlib.h>
#include <unistd.h>

static bool resolve_when(enum sf_when when, bool is_auto)
{
    return when == SF_WHEN_ALWAYS || (when == SF_WHEN_AUTO && is_auto);
}

bool sf_terminal_has_transcript(const struct sf_options *options)
{
    return resolve_when(options->transcript,
                        isatty(STDERR_FILENO) == 1 && !options->is_quiet);
}

bool sf_terminal_has_color(const struct sf_options *options, int fd)
{
    const char *no_color = getenv("NO_COLOR");

    return resolve_when(options->color,
                        isatty(fd) == 1 && (!no_color || !*no_color));
}
