/* options.c - the command line and SMTPFAULT_OPTIONS, understood. */
#include "app/options.h"

#include <string.h>

#include "app/commands.h"
#include "app/option.h"
#include "base/slice.h"
#include "base/suggestion.h"
#include "base/text.h"

/* Where an option goes: sets of commands. */
enum where {
#define WORDLESS(NAME, function) IN_##NAME = 1 << SF_COMMAND_##NAME,
#define X(NAME, word, operands, least, most, wants, function, text)            \
    IN_##NAME = 1 << SF_COMMAND_##NAME,
#include "app/commands.def"
#undef WORDLESS
#undef X
    IN_ANY = (1 << SF_COMMAND_COUNT) - 1
};

const struct sf_option_row sf_option_rows[] = {
#define X(name, word, letter, argument, where, text)                           \
    {word, argument, text, sf_option_take_##name, where, letter},
#include "app/options.def"
#undef X
};

#define ROW_COUNT (sizeof(sf_option_rows) / sizeof(sf_option_rows[0]))

const size_t sf_option_row_count = ROW_COUNT;

/* Words. */

static bool is_in_environment(const struct sf_option_parser *parser)
{
    return parser->at <= parser->environment_count;
}

/* Takes the value of an option from the same word or from the next one. */
static int take_value(struct sf_option_parser *parser,
                      const struct sf_option_row *row,
                      const char *spelling,
                      const char *value)
{
    size_t end =
        is_in_environment(parser) ? parser->environment_count : parser->count;

    if (!is_in_environment(parser)) {
        parser->given |= (uint64_t)1 << (row - sf_option_rows);
    }
    if (!row->argument) {
        return row->take(parser, NULL);
    }
    if (!value) {
        if (parser->at == end) {
            return sf_option_fail(parser, "%s needs a value: write --%s %s",
                                  spelling, row->name, row->argument);
        }
        value = parser->words[parser->at++];
    }
    return row->take(parser, value);
}

/* The name that was meant, if one is near; NULL if none is. */
static const char *find_near(struct sf_slice name)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, name);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        sf_suggestion_offer(&suggestion, sf_option_rows[i].name);
    }
    return suggestion.name;
}

static int parse_long(struct sf_option_parser *parser, const char *word)
{
    struct sf_slice value = sf_slice_str(word + 2);
    struct sf_slice name = sf_slice_cut(&value, '=');
    const char *near;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!sf_slice_eq_str(name, sf_option_rows[i].name)) {
            continue;
        }
        if (value.ptr && !sf_option_rows[i].argument) {
            return sf_option_fail(parser, "--%s takes no value: write --%s",
                                  sf_option_rows[i].name,
                                  sf_option_rows[i].name);
        }
        /* The rest of a terminated word is terminated itself. */
        return take_value(parser, &sf_option_rows[i], word, value.ptr);
    }
    near = find_near(name);
    return sf_option_fail(
        parser,
        near ? "unknown option --%.*s: did you mean --%s?"
             : "unknown option --%.*s: see smtpfault --help%s",
        (int)(name.len < 60 ? name.len : 60), name.ptr, near ? near : "");
}

/* `-q`, `-qs FILE`, `-sFILE`. */
static int parse_short(struct sf_option_parser *parser, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const char spelling[] = {'-', *c, 0};
        const char *rest = NULL;
        size_t i = 0;
        int err;

        while (i < ROW_COUNT && sf_option_rows[i].letter != *c) {
            i++;
        }
        if (i == ROW_COUNT) {
            return sf_option_fail(
                parser, "unknown option -%c: see smtpfault --help", *c);
        }
        if (sf_option_rows[i].argument && c[1]) {
            rest = c + 1;
        }
        err = take_value(parser, &sf_option_rows[i], spelling, rest);
        if (err != 0 || rest || parser->has_ended) {
            return err;
        }
    }
    return 0;
}

static int parse_command_name(struct sf_option_parser *parser, const char *word)
{
    enum sf_command_kind kind = sf_commands_find(word);
    const char *near = sf_commands_suggest(word);

    if (kind != SF_COMMAND_COUNT) {
        parser->options->command = kind;
        parser->has_command = true;
        return 0;
    }
    if (near) {
        return sf_option_fail(
            parser, "unknown command '%.60s': did you mean %s?", word, near);
    }
    return sf_option_fail(
        parser,
        "unknown command '%.60s': a scenario is given with --scenario, "
        "see smtpfault --help",
        word);
}

static int parse_operand(struct sf_option_parser *parser, const char *word)
{
    struct sf_options *options = parser->options;

    if (is_in_environment(parser)) {
        return sf_option_fail(
            parser,
            "'%.60s' in SMTPFAULT_OPTIONS is no option: put only "
            "options there",
            word);
    }
    if (!parser->has_command) {
        return parse_command_name(parser, word);
    }
    options->operands[options->operand_count++] = word;
    return 0;
}

/* The words are those of argv, behind which is a NULL. */
static int take_under_test(struct sf_option_parser *parser)
{
    struct sf_options *options = parser->options;

    if (parser->at == parser->count) {
        return sf_option_fail(
            parser, "-- needs a command: write smtpfault [options] -- COMMAND");
    }
    options->under_test = (const char *const *)&parser->words[parser->at];
    options->under_test_count = parser->count - parser->at;
    parser->at = parser->count;
    if (!options->has_timeout) {
        options->timeout_us = SF_OPTIONS_UNDER_TEST_TIMEOUT_US;
    }
    return 0;
}

/* What follows `--`. */
static int parse_rest(struct sf_option_parser *parser)
{
    int err = 0;

    if (!parser->has_command) {
        return take_under_test(parser);
    }
    while (err == 0 && parser->at < parser->count) {
        err = parse_operand(parser, parser->words[parser->at++]);
    }
    return err;
}

static int parse_words(struct sf_option_parser *parser)
{
    int err = 0;

    while (err == 0 && parser->at < parser->count && !parser->has_ended) {
        const char *word = parser->words[parser->at++];

        if (strcmp(word, "--") == 0) {
            return is_in_environment(parser) ? parse_operand(parser, word)
                                             : parse_rest(parser);
        }
        if (word[0] == '-' && word[1] == '-') {
            err = parse_long(parser, word);
        } else if (word[0] == '-' && word[1] != '\0') {
            err = parse_short(parser, word);
        } else {
            err = parse_operand(parser, word);
        }
    }
    return err;
}

/* The environment. */

/* Copies the next word of *text to `out` (which has room for all of the text)
 * and moves *text behind it.  Quotes of either kind keep blanks together.
 * Returns the length, or SIZE_MAX if a quote is not closed. */
static size_t split_word(const char **text, char *out)
{
    size_t len = 0;
    char quote = 0;
    const char *c = *text;

    for (; *c && (quote || !strchr(" \t\r\n", *c)); c++) {
        if (quote ? *c == quote : *c == '"' || *c == '\'') {
            if (quote) {
                quote = 0;
            } else {
                quote = *c;
            }
        } else {
            out[len++] = *c;
        }
    }
    *text = c;
    return quote ? SIZE_MAX : len;
}

static int split_environment(struct sf_option_parser *parser, const char *text)
{
    char *copy = sf_arena_alloc(&parser->options->arena, 2 * strlen(text) + 2);

    if (!copy) {
        return SF_ENOMEM;
    }
    for (;;) {
        size_t len;

        text += strspn(text, " \t\r\n");
        if (!*text) {
            return 0;
        }
        len = split_word(&text, copy);
        if (len == SIZE_MAX) {
            return sf_option_fail(
                parser,
                "a quote in SMTPFAULT_OPTIONS is not closed: close "
                "it");
        }
        copy[len] = '\0';
        parser->words[parser->count++] = copy;
        copy += len + 1;
    }
}

/* All of it. */

/* Every list has room for as many items as there are words. */
static int
make_lists(struct sf_option_parser *parser, int argc, const char *environment)
{
    struct sf_options *options = parser->options;
    struct sf_arena *arena = &options->arena;
    /* A word takes at least one octet and a blank. */
    size_t most = (size_t)argc + strlen(environment) / 2 + 2;

    parser->words = sf_arena_alloc(arena, most * sizeof(char *));
    options->scenarios = sf_arena_alloc(arena, most * sizeof(char *));
    options->operands = sf_arena_alloc(arena, most * sizeof(char *));
    options->tags = sf_arena_alloc(arena, most * sizeof(char *));
    options->settings =
        sf_arena_alloc(arena, most * sizeof(*options->settings));
    options->expectations =
        sf_arena_alloc(arena, most * sizeof(*options->expectations));
    options->listeners =
        sf_arena_alloc(arena, most * sizeof(*options->listeners));
    options->reports = sf_arena_alloc(arena, most * sizeof(*options->reports));
    return parser->words && options->scenarios && options->operands &&
                   options->tags && options->settings &&
                   options->expectations && options->listeners &&
                   options->reports
               ? 0
               : SF_ENOMEM;
}

/* What only all words together can show. */

/* A command that the option goes with, for a hint. */
static const char *find_taker(const struct sf_option_row *row)
{
    const char *word = NULL;

    for (int kind = 0; kind < SF_COMMAND_COUNT; kind++) {
        if (row->where >> kind & 1) {
            word = sf_commands_get((enum sf_command_kind)kind)->word;
        }
    }
    return word;
}

static int fail_misplaced(struct sf_option_parser *parser,
                          const struct sf_option_row *row)
{
    const char *word = sf_commands_get(parser->options->command)->word;
    const char *taker = find_taker(row);

    if (!word && taker) {
        return sf_option_fail(
            parser, "--%s does not go with serving: it is for smtpfault %s",
            row->name, taker);
    }
    return sf_option_fail(parser, "--%s does not go with %s: leave it out",
                          row->name, word);
}

static int check_operands(struct sf_option_parser *parser)
{
    const struct sf_options *options = parser->options;
    const struct sf_command_row *row = sf_commands_get(options->command);

    if (options->operand_count < row->least) {
        return sf_option_fail(parser, "%s needs %s: write smtpfault %s %s",
                              row->word, row->wants, row->word, row->operands);
    }
    if (options->operand_count > row->most) {
        return sf_option_fail(
            parser, "%s does not take '%.60s': write smtpfault %s %s",
            row->word, options->operands[row->most], row->word, row->operands);
    }
    return 0;
}

/* Two outputs in one place would spoil each other. */
static int check_output(struct sf_option_parser *parser,
                        const char *what,
                        const char *path,
                        const char *other_path)
{
    if (!other_path || strcmp(path, other_path) != 0) {
        return 0;
    }
    return sf_option_fail(
        parser, "%s both write to %s: name another file for one of them", what,
        strcmp(path, "-") == 0 ? "standard output" : path);
}

static int check_reports(struct sf_option_parser *parser)
{
    const struct sf_options *options = parser->options;
    int err = 0;

    for (size_t i = 0; i < options->report_count && err == 0; i++) {
        const char *path = options->reports[i].path;

        err = check_output(parser, "--report and --journal", path,
                           options->journal);
        for (size_t k = 0; k < i && err == 0; k++) {
            err = check_output(parser, "two reports", path,
                               options->reports[k].path);
        }
    }
    return err;
}

bool sf_options_is_stdout_taken(const struct sf_options *options)
{
    bool is_taken = options->journal && strcmp(options->journal, "-") == 0;

    for (size_t i = 0; i < options->report_count; i++) {
        is_taken = is_taken || strcmp(options->reports[i].path, "-") == 0;
    }
    return is_taken;
}

static int check_options(struct sf_option_parser *parser)
{
    int err;

    if (parser->has_ended) {
        return 0;
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct sf_option_row *row = &sf_option_rows[i];

        if ((parser->given >> i & 1) &&
            !(row->where >> parser->options->command & 1)) {
            return fail_misplaced(parser, row);
        }
    }
    err = check_operands(parser);
    return err == 0 ? check_reports(parser) : err;
}

int sf_options_parse(struct sf_options *options,
                     int argc,
                     char **argv,
                     const char *environment,
                     char *error,
                     size_t error_size)
{
    struct sf_option_parser parser = {
        .options = options, .error = error, .error_size = error_size};
    int err;

    *options = (struct sf_options){.command = SF_COMMAND_SERVE,
                                   .speed = 1,
                                   .until_idle_us = SF_FOREVER_US,
                                   .timeout_us = SF_FOREVER_US};
    sf_arena_init(&options->arena);
    environment = environment ? environment : "";
    err = make_lists(&parser, argc, environment);
    if (err == 0) {
        err = split_environment(&parser, environment);
    }
    if (err != 0) {
        return err;
    }
    parser.environment_count = parser.count;
    for (int i = 1; i < argc; i++) {
        parser.words[parser.count++] = argv[i];
    }
    err = parse_words(&parser);
    return err == 0 ? check_options(&parser) : err;
}

void sf_options_fini(struct sf_options *options)
{
    sf_arena_fini(&options->arena);
}
