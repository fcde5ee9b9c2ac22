/* commands.h - the commands: one table, from which come the parser, the help
 * and who does the work. */
#ifndef SF_APP_COMMANDS_H
#define SF_APP_COMMANDS_H

#include "app/options.h"
#include "app/status.h"

/* Does what the options say, to the end.  Everything was told. */
typedef enum sf_status sf_commands_run_fn(const struct sf_options *options);

struct sf_command_row {
    const char *word;     /* NULL: told by options */
    const char *operands; /* as the help has them */
    size_t least;         /* operands */
    size_t most;
    const char *wants; /* what the operands are; NULL: takes none */
    sf_commands_run_fn *run;
    const char *text; /* of the help */
};

const struct sf_command_row *sf_commands_get(enum sf_command_kind kind);

/* The command of this word; SF_COMMAND_COUNT if there is none. */
enum sf_command_kind sf_commands_find(const char *word);

/* The word that was meant, if one is near; NULL if none is. */
const char *sf_commands_suggest(const char *word);

#endif
