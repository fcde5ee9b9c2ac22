/* commands.c - the commands: one table. */
#include "app/commands.h"

#include <string.h>

#include "app/catalog.h"
#include "app/help.h"
#include "app/judge.h"
#include "app/load.h"
#include "app/match.h"
#include "app/serve.h"
#include "app/topics.h"
#include "base/slice.h"
#include "base/suggestion.h"

#define MANY SIZE_MAX

static const struct sf_command_row rows[SF_COMMAND_COUNT] = {
#define WORDLESS(NAME, function) [SF_COMMAND_##NAME] = {.run = (function)},
#define X(NAME, word, operands, least, most, wants, function, text)            \
    [SF_COMMAND_##NAME] = {word, operands, least, most, wants, function, text},
#include "app/commands.def"
#undef WORDLESS
#undef X
};

const struct sf_command_row *sf_commands_get(enum sf_command_kind kind)
{
    return &rows[kind];
}

enum sf_command_kind sf_commands_find(const char *word)
{
    int kind = 0;

    while (kind < SF_COMMAND_COUNT &&
           (!rows[kind].word || strcmp(rows[kind].word, word) != 0)) {
        kind++;
    }
    return (enum sf_command_kind)kind;
}

const char *sf_commands_suggest(const char *word)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(word));
    for (int kind = 0; kind < SF_COMMAND_COUNT; kind++) {
        if (rows[kind].word) {
            sf_suggestion_offer(&suggestion, rows[kind].word);
        }
    }
    return suggestion.name;
}
