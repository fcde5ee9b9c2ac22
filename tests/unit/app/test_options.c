/* test_options.c - the command line and SMTPFAULT_OPTIONS, understood. */
#include <criterion/criterion.h>
#include <string.h>

#include "app/commands.h"
#include "app/help.h"
#include "app/option.h"
#include "base/text.h"

#define WORDS_MAX 16

static struct sf_options options;
static char error[512];

/* Cuts a line at blanks; "~" stands for an empty word. */
static int parse_with(const char *environment, const char *line)
{
    static char copy[1024];
    char *argv[WORDS_MAX] = {(char[]){"smtpfault"}};
    int argc = 1;
    char *at = copy;

    cr_assert_lt(strlen(line), sizeof(copy));
    strncpy(copy, line, sizeof(copy) - 1);
    while (*at && argc < WORDS_MAX) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at) {
            *at++ = '\0';
        }
        if (strcmp(argv[argc - 1], "~") == 0) {
            argv[argc - 1][0] = '\0';
        }
    }
    error[0] = '\0';
    return sf_options_parse(&options, argc, argv, environment, error,
                            sizeof(error));
}

static void parse_well(const char *line)
{
    cr_assert_eq(parse_with(NULL, line), 0, "'%s': %s", line, error);
}

TestSuite(options);

Test(options, without_arguments_the_defaults_of_the_contract_hold)
{
    parse_well("");
    cr_assert_eq(options.command, SF_COMMAND_SERVE);
    cr_assert_eq(options.scenario_count, 0);
    cr_assert_eq(options.listener_count, 0);
    cr_assert_eq(options.speed, 1);
    cr_assert_not(options.has_seed);
    cr_assert_null(options.journal);
    cr_assert_null(options.save_dir);
    cr_assert_null(options.port_file);
    cr_assert_eq(options.max_sessions, 0);
    cr_assert_eq(options.until_idle_us, SF_FOREVER_US);
    cr_assert_eq(options.timeout_us, SF_FOREVER_US);
    cr_assert_eq(options.under_test_count, 0);
    cr_assert_eq(options.transcript, SF_WHEN_AUTO);
    cr_assert_eq(options.color, SF_WHEN_AUTO);
    cr_assert_not(options.is_strict);
    cr_assert_not(options.is_quiet);
    sf_options_fini(&options);
}

Test(options, every_option_is_taken)
{
    parse_well(
        "--scenario a.ini --scenario=b.ini --port-file p --set x=1 "
        "--speed 0.5 --seed 7");
    cr_assert_eq(options.scenario_count, 2);
    cr_assert_str_eq(options.scenarios[0], "a.ini");
    cr_assert_str_eq(options.scenarios[1], "b.ini");
    cr_assert_str_eq(options.port_file, "p");
    cr_assert_eq(options.setting_count, 1);
    cr_assert_str_eq(options.settings[0].name, "x");
    cr_assert_str_eq(options.settings[0].value, "1");
    cr_assert_eq(options.speed, 0.5);
    cr_assert(options.has_seed);
    cr_assert_eq(options.seed, 7);
    sf_options_fini(&options);

    parse_well(
        "--journal - --transcript always --color=never --save m "
        "--max-sessions 3 --until-idle 2s --timeout=250ms --strict "
        "--quiet");
    cr_assert_str_eq(options.journal, "-");
    cr_assert_eq(options.transcript, SF_WHEN_ALWAYS);
    cr_assert_eq(options.color, SF_WHEN_NEVER);
    cr_assert_str_eq(options.save_dir, "m");
    cr_assert_eq(options.max_sessions, 3);
    cr_assert_eq(options.until_idle_us, 2000000);
    cr_assert_eq(options.timeout_us, 250000);
    cr_assert(options.is_strict);
    cr_assert(options.is_quiet);
    sf_options_fini(&options);
}

Test(options, short_options_may_stand_together)
{
    parse_well("-qs a.ini -sb.ini -j j -l smtp://127.0.0.1:0");
    cr_assert(options.is_quiet);
    cr_assert_eq(options.scenario_count, 2);
    cr_assert_str_eq(options.scenarios[1], "b.ini");
    cr_assert_str_eq(options.journal, "j");
    sf_options_fini(&options);
}

Test(options, a_dash_alone_is_a_value)
{
    parse_well("-s - -j -");
    cr_assert_str_eq(options.scenarios[0], "-");
    cr_assert_str_eq(options.journal, "-");
    sf_options_fini(&options);
}

Test(options, the_last_of_an_option_that_has_one_value_counts)
{
    parse_well(
        "--speed 2 --journal a --speed 3 --journal b --seed random "
        "--seed 5");
    cr_assert_eq(options.speed, 3);
    cr_assert_str_eq(options.journal, "b");
    cr_assert_not(options.is_seed_random);
    cr_assert_eq(options.seed, 5);
    sf_options_fini(&options);
}

Test(options, help_and_version_end_the_parsing)
{
    static const struct {
        const char *line;
        enum sf_command_kind command;
    } cases[] = {
        {"--help", SF_COMMAND_HELP},
        {"-h --no-such", SF_COMMAND_HELP},
        {"check --help", SF_COMMAND_HELP},
        {"--version", SF_COMMAND_VERSION},
        {"-qV", SF_COMMAND_VERSION},
        {"--strict --version list", SF_COMMAND_VERSION},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse_well(cases[i].line);
        cr_assert_eq(options.command, cases[i].command, "%s", cases[i].line);
        sf_options_fini(&options);
    }
}

Test(options, check_takes_files_and_the_options_of_loading)
{
    parse_well("check a.ini --strict b.ini --set x= -q -- --odd");
    cr_assert_eq(options.command, SF_COMMAND_CHECK);
    cr_assert_eq(options.operand_count, 3);
    cr_assert_str_eq(options.operands[1], "b.ini");
    cr_assert_str_eq(options.operands[2], "--odd");
    cr_assert(options.is_strict);
    cr_assert_str_eq(options.settings[0].value, "");
    sf_options_fini(&options);
    parse_well("--strict check a.ini");
    cr_assert_eq(options.command, SF_COMMAND_CHECK);
    cr_assert(options.is_strict);
    sf_options_fini(&options);
}

Test(options, what_follows_two_dashes_is_a_command_under_test)
{
    parse_well("-s a.ini -q -- client -s {port} -- --help");
    cr_assert_eq(options.command, SF_COMMAND_SERVE);
    cr_assert_eq(options.scenario_count, 1);
    cr_assert_eq(options.under_test_count, 5);
    cr_assert_str_eq(options.under_test[0], "client");
    cr_assert_str_eq(options.under_test[4], "--help");
    cr_assert_null(options.under_test[5]);
    sf_options_fini(&options);
}

Test(options, a_command_under_test_has_ten_minutes_unless_told_otherwise)
{
    static const struct {
        const char *environment;
        const char *line;
        uint64_t timeout_us;
    } cases[] = {
        {NULL, "-- x", UINT64_C(600000000)},
        {NULL, "--timeout 5s -- x", 5000000},
        {"--timeout 6s", "-- x", 6000000},
        {NULL, "--timeout forever -- x", SF_FOREVER_US},
        {NULL, "--timeout forever", SF_FOREVER_US},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(parse_with(cases[i].environment, cases[i].line), 0);
        cr_assert_eq(options.timeout_us, cases[i].timeout_us, "%s",
                     cases[i].line);
        sf_options_fini(&options);
    }
}

Test(options, a_listener_may_have_a_name)
{
    parse_well(
        "-l smtp://127.0.0.1:0 -l lmtp://[::1]:0 -l a=smtp://[::1]:0 "
        "-l lmtp+unix:///x=y");
    cr_assert_eq(options.listener_count, 4);
    cr_assert_null(options.listeners[0].name);
    cr_assert_null(options.listeners[1].name);
    cr_assert_str_eq(options.listeners[2].name, "a");
    cr_assert_null(options.listeners[3].name);
    cr_assert(sf_url_is_unix(&options.listeners[3].url));
    sf_options_fini(&options);
}

Test(options, the_environment_is_read_before_the_arguments)
{
    cr_assert_eq(
        parse_with(" -s env.ini\t--speed 2 --quiet\n", "-s arg.ini --speed 3"),
        0);
    cr_assert_eq(options.scenario_count, 2);
    cr_assert_str_eq(options.scenarios[0], "env.ini");
    cr_assert_str_eq(options.scenarios[1], "arg.ini");
    cr_assert_eq(options.speed, 3);
    cr_assert(options.is_quiet);
    sf_options_fini(&options);
}

Test(options, quotes_in_the_environment_keep_blanks)
{
    cr_assert_eq(parse_with("-s 'a b.ini' --set \"x=it's\" -j '' -s c' 'd", ""),
                 0, "%s", error);
    cr_assert_str_eq(options.scenarios[0], "a b.ini");
    cr_assert_str_eq(options.settings[0].value, "it's");
    cr_assert_str_eq(options.journal, "");
    cr_assert_str_eq(options.scenarios[1], "c d");
    sf_options_fini(&options);
}

Test(options, what_is_set_for_serving_does_not_stop_a_check)
{
    cr_assert_eq(parse_with("--journal j --strict", "check a.ini"), 0);
    cr_assert_eq(options.command, SF_COMMAND_CHECK);
    cr_assert(options.is_strict);
    sf_options_fini(&options);
}

static const struct {
    const char *environment;
    const char *line;
    const char *error; /* a part of it */
} bad_lines[] = {
    {NULL, "--scenaro x", "unknown option --scenaro: did you mean --scenario?"},
    {NULL, "--port 25", "unknown option --port: did you mean --port-file?"},
    {NULL, "--po 25", "unknown option --po: see smtpfault --help"},
    {NULL, "--jurnal=x", "unknown option --jurnal: did you mean --journal?"},
    {NULL, "--frobnicate", "unknown option --frobnicate: see"},
    {NULL, "-x", "unknown option -x"},
    {NULL, "-qx", "unknown option -x"},
    {NULL, "--scenario", "--scenario needs a value: write --scenario FILE"},
    {NULL, "-s", "-s needs a value: write --scenario FILE"},
    {NULL, "--quiet=yes", "takes no value"},
    {NULL, "--set novalue", "not NAME=VALUE"},
    {NULL, "--set =x", "not NAME=VALUE"},
    {NULL, "--speed 0", "--speed 0: "},
    {NULL, "--speed -1", "--speed -1: "},
    {NULL, "--speed nan", "--speed nan: "},
    {NULL, "--speed inf", "--speed inf: "},
    {NULL, "--speed 1e3", "--speed 1e3: "},
    {NULL, "--speed 1.2.3", "--speed 1.2.3: "},
    {NULL, "--speed .", "--speed .: "},
    {NULL, "--speed ~", "--speed : "},
    {NULL, "--speed 1000001", "--speed 1000001: "},
    {NULL, "--seed abc", "--seed abc: "},
    {NULL, "--seed -1", "--seed -1: "},
    {NULL, "--seed 18446744073709551616", "below 2^64"},
    {NULL, "--transcript maybe", "use auto, always or never"},
    {NULL, "--color ~", "use auto, always or never"},
    {NULL, "--max-sessions 0", "from 1 up"},
    {NULL, "--max-sessions x", "from 1 up"},
    {NULL, "--until-idle 5", "not a duration"},
    {NULL, "--timeout soon", "--timeout soon: not a duration"},
    {NULL, "--listen localhost", "not a listener's URL"},
    {NULL, "--listen =smtp://[::1]", "no name for a listener"},
    {NULL, "--listen a/b=smtp://[::1]", "no name for a listener"},
    {NULL, "-l a=smtp://[::1]:1 -l a=smtp://[::1]:2", "are called 'a'"},
    {NULL, "--expect quit", "--expect quit: not KEY=VALUE: write --expect "},
    {NULL, "--expect =1", "not KEY=VALUE"},
    {NULL, "check a.ini --expect quit=always",
     "--expect does not go with check"},
    {NULL, "--report=xml:x",
     "'xml' is no format: use text, json, junit, tap or github"},
    {NULL, "--report=jsonx", "'jsonx' is no format"},
    {NULL, "--report ~", "'' is no format"},
    {NULL, "--report=json", "no file: write --report json:FILE, or json:-"},
    {NULL, "--report=tap:", "no file: write --report tap:FILE, or tap:-"},
    {NULL, "--report=tap:- -j -",
     "--report and --journal both write to standard output: name another "
     "file for one of them"},
    {NULL, "-j x --report=tap:x", "--report and --journal both write to x"},
    {"--report=json:x", "--report=tap:x", "two reports both write to x"},
    {NULL, "--report=json:- --report=tap:-",
     "two reports both write to standard output"},
    {NULL, "check a.ini --report=json:x", "--report does not go with check"},
    {NULL, "--ca-file -", "--ca-file -: not a file"},
    {NULL, "explain", "explain needs a topic: write smtpfault explain TOPIC"},
    {NULL, "match", "match needs commands of a client: write smtpfault"},
    {NULL, "match -l smtp://[::1] x", "--listen does not go with match"},
    {NULL, "--json", "--json does not go with serving: it is for smtpfault "},
    {NULL, "judge", "judge needs a journal: write smtpfault judge JOURNAL"},
    {NULL, "judge j k", "judge does not take"},
    {NULL, "judge j -l smtp://[::1]", "--listen does not go with judge"},
    {NULL, "serve", "unknown command 'serve'"},
    {NULL, "-", "unknown command '-'"},
    {NULL, "chek x", "unknown command 'chek': did you mean check?"},
    {NULL, "greylist", "'greylist': a scenario is given with --scenario"},
    {NULL, "list greylist", "list does not take 'greylist': write smtpfault"},
    {NULL, "list --tag", "--tag needs a value: write --tag TAG"},
    {NULL, "list -s x", "--scenario does not go with list: leave it out"},
    {NULL, "show", "show needs the name of a scenario: write smtpfault show"},
    {NULL, "show a b", "show does not take 'b': write smtpfault show NAME"},
    {NULL, "--tag x", "--tag does not go with serving: it is for smtpfault "},
    {NULL, "check --tag x a", "--tag does not go with check: leave it out"},
    {NULL, "--", "-- needs a command: write smtpfault [options] -- COMMAND"},
    {NULL, "-s x --", "-- needs a command"},
    {NULL, "check", "check needs a scenario"},
    {NULL, "check --", "check needs a scenario"},
    {NULL, "check a.ini --journal x", "--journal does not go with check"},
    {NULL, "-l smtp://[::1] check a", "--listen does not go with check"},
    {"check a.ini", "", "'check' in SMTPFAULT_OPTIONS is no option"},
    {"-- x", "", "'--' in SMTPFAULT_OPTIONS is no option"},
    {"-s 'x", "", "a quote in SMTPFAULT_OPTIONS is not closed"},
    {"-s", "x.ini", "-s needs a value"},
};

Test(options, bad_usage_is_told_in_one_line_with_a_remedy)
{
    for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
        cr_assert_eq(parse_with(bad_lines[i].environment, bad_lines[i].line),
                     SF_ESYNTAX, "'%s' was taken", bad_lines[i].line);
        cr_assert(strstr(error, bad_lines[i].error), "'%s' gives: %s",
                  bad_lines[i].line, error);
        cr_assert(strchr(error, ':'), "no remedy: %s", error);
        cr_assert_null(strchr(error, '\n'), "%s", error);
        sf_options_fini(&options);
    }
}

Test(options, a_long_wrong_word_is_cut_and_not_overrun)
{
    char line[900] = "--";

    memset(line + 2, 'x', sizeof(line) - 3);
    cr_assert_eq(parse_with(NULL, line), SF_ESYNTAX);
    cr_assert_lt(strlen(error), 200);
    sf_options_fini(&options);
    memset(line, 'y', sizeof(line) - 1);
    cr_assert_eq(parse_with(NULL, line), SF_ESYNTAX);
    cr_assert_lt(strlen(error), 200);
    sf_options_fini(&options);
}

Test(options, reports_gather_each_with_its_format_and_place)
{
    parse_well("--report json:a:b.json --report=text:- -j j");
    cr_assert_eq(options.report_count, 2);
    cr_assert_str_eq(options.reports[0].format->name, "json");
    cr_assert_str_eq(options.reports[0].path, "a:b.json");
    cr_assert_str_eq(options.reports[1].format->name, "text");
    cr_assert_str_eq(options.reports[1].path, "-");
    sf_options_fini(&options);
}

Test(options, one_output_may_take_standard_output)
{
    static const struct {
        const char *line;
        bool is_taken;
    } cases[] = {
        {"", false},
        {"-j j --report json:r", false},
        {"-j -", true},
        {"-j j --report json:r --report tap:-", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse_well(cases[i].line);
        cr_assert_eq(sf_options_is_stdout_taken(&options), cases[i].is_taken,
                     "%s", cases[i].line);
        sf_options_fini(&options);
    }
}

Test(options, tags_gather)
{
    parse_well("list --tag a --tag=b");
    cr_assert_eq(options.command, SF_COMMAND_LIST);
    cr_assert_eq(options.tag_count, 2);
    cr_assert_str_eq(options.tags[0], "a");
    cr_assert_str_eq(options.tags[1], "b");
    sf_options_fini(&options);
}

Test(options, the_help_names_every_command_and_option_that_works)
{
    struct sf_buf text;

    sf_buf_init(&text, 65536);
    sf_help_put(&text);
    sf_buf_putc(&text, '\0');
    cr_assert_eq(text.failed, 0);
    for (int kind = 0; kind < SF_COMMAND_COUNT; kind++) {
        const struct sf_command_row *row =
            sf_commands_get((enum sf_command_kind)kind);
        char line[160];

        snprintf(line, sizeof(line), "\n  %s %s\n", row->word, row->operands);
        cr_assert(!row->word || strstr(text.ptr, line), "no%s", line);
    }
    for (size_t i = 0; i < sf_option_row_count; i++) {
        const struct sf_option_row *row = &sf_option_rows[i];
        char option[40];

        snprintf(option, sizeof(option), " --%s%c", row->name,
                 row->argument ? ' ' : '\n');
        cr_assert(strstr(text.ptr, option) != NULL, "no%s", option);
    }
    sf_buf_fini(&text);
}

Test(options, every_command_does_something_and_asks_for_what_it_takes)
{
    for (int kind = 0; kind < SF_COMMAND_COUNT; kind++) {
        const struct sf_command_row *row =
            sf_commands_get((enum sf_command_kind)kind);

        cr_assert(row->run, "%d", kind);
        cr_assert_leq(row->least, row->most);
        cr_assert_eq(row->wants != NULL, row->most > 0, "%d", kind);
        if (row->word) {
            cr_assert_eq((int)sf_commands_find(row->word), kind);
        }
    }
}
