/* terminal.h - what depends on whether a terminal shows it. */
#ifndef SF_APP_TERMINAL_H
#define SF_APP_TERMINAL_H

#include "app/options.h"

/* Whether the live dialogue goes to standard error. */
bool sf_terminal_has_transcript(const struct sf_options *options);

/* Whether what is written there may have colours; fd -1 is a file.  NO_COLOR
 * counts unless --color says something. */
bool sf_terminal_has_color(const struct sf_options *options, int fd);

#endif
