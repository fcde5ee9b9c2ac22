/* option.h - options of the command line, as the files that parse them share
 * them.  The outside sees app/options.h. */
#ifndef SF_APP_OPTION_H
#define SF_APP_OPTION_H

#include "app/options.h"

struct sf_option_parser {
    struct sf_options *options;
    char **words; /* of the environment, then of argv */
    size_t count;
    size_t environment_count;
    size_t at;        /* the next word */
    uint64_t given;   /* options from argv: bit 1 << row */
    bool has_command; /* options->command came from an operand */
    bool has_ended;   /* --help or --version: nothing else matters */
    char *error;
    size_t error_size;
};

/* What takes an option's value (NULL for one without argument).  The options
 * borrow it.  Returns 0, SF_ENOMEM, or SF_ESYNTAX with the error written. */
typedef int sf_option_take_fn(struct sf_option_parser *parser,
                              const char *value);

#define X(name, word, letter, argument, where, text)                           \
    sf_option_take_fn sf_option_take_##name;
#include "app/options.def"
#undef X

struct sf_option_row {
    const char *name;
    const char *argument;
    const char *text;
    sf_option_take_fn *take;
    unsigned where; /* set of commands: bit 1 << sf_command_kind */
    char letter;
};

/* In the order of --help. */
extern const struct sf_option_row sf_option_rows[];
extern const size_t sf_option_row_count;

/* Writes the error; returns SF_ESYNTAX. */
int sf_option_fail(struct sf_option_parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
