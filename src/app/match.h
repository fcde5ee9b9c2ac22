/* match.h - the command `match`: which rule would take each command. */
#ifndef SF_APP_MATCH_H
#define SF_APP_MATCH_H

#include "app/options.h"
#include "app/status.h"

/* The operands are what a client does, in order:
 *   a command line     sent as it is
 *   body:TEXT          the message of the DATA or BDAT before it; `\n` ends a
 *                      line of it; without one the message is empty
 *   CONNECT [NAME]     a new connection, to the listener NAME; the first one
 *                      needs no word
 *   +DURATION          time passes
 * A connection begins with EHLO unless EHLO, HELO or LHLO is given. */
enum sf_status sf_match(const struct sf_options *options);

#endif
