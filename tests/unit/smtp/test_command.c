/* test_command.c - one command line, taken apart. */
#include "smtp/command.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL          (SF_CAPABILITY_BIT(SF_CAPABILITY_COUNT) - 1)
#define BIT(name)    SF_CAPABILITY_BIT(SF_CAPABILITY_##name)

static struct sf_command command;

static void parse(const char *line)
{
    sf_command_parse(sf_slice_str(line), ALL, &command);
}

Test(command, a_line_is_a_verb_and_its_argument)
{
    static const struct {
        struct sf_slice line;
        enum sf_event event;
        const char *verb;
        const char *argument;
    } cases[] = {
        {SF_SLICE_LIT("EHLO client.test"), SF_EVENT_EHLO, "EHLO",
         "client.test"},
        {SF_SLICE_LIT("ehlo  client.test "), SF_EVENT_EHLO, "ehlo",
         "client.test "},
        {SF_SLICE_LIT("Helo\tx"), SF_EVENT_HELO, "Helo", "x"},
        {SF_SLICE_LIT("QUIT"), SF_EVENT_QUIT, "QUIT", ""},
        {SF_SLICE_LIT("QUIT \t"), SF_EVENT_QUIT, "QUIT", ""},
        {SF_SLICE_LIT("QUIT\r"), SF_EVENT_UNKNOWN, "QUIT\r", ""},
        {SF_SLICE_LIT(" QUIT"), SF_EVENT_UNKNOWN, "", "QUIT"},
        {SF_SLICE_LIT("AUTH PLAIN AGEAYg=="), SF_EVENT_AUTH, "AUTH",
         "PLAIN AGEAYg=="},
        {SF_SLICE_LIT("MAILFROM:<a@b>"), SF_EVENT_UNKNOWN, "MAILFROM:<a@b>",
         ""},
        {SF_SLICE_LIT("GET / HTTP/1.1"), SF_EVENT_UNKNOWN, "GET", "/ HTTP/1.1"},
        {SF_SLICE_LIT("CONNECT x:25"), SF_EVENT_UNKNOWN, "CONNECT", "x:25"},
        {SF_SLICE_LIT("\xff\xfe x"), SF_EVENT_UNKNOWN, "\xff\xfe", "x"},
        {SF_SLICE_LIT(""), SF_EVENT_UNKNOWN, "", ""},
        {{NULL, 0}, SF_EVENT_UNKNOWN, "", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        sf_command_parse(cases[i].line, ALL, &command);
        cr_assert_eq(command.event, cases[i].event, "case %zu", i);
        cr_assert(sf_slice_eq(command.line, cases[i].line), "case %zu", i);
        cr_assert(sf_slice_eq_str(command.verb, cases[i].verb), "case %zu", i);
        cr_assert(sf_slice_eq_str(command.argument, cases[i].argument),
                  "case %zu", i);
        cr_assert_eq(command.fault, SF_ARGUMENT_OK, "case %zu", i);
        cr_assert_not(command.has_path, "case %zu", i);
    }
}

Test(command, nul_is_no_end_of_a_line)
{
    sf_command_parse(sf_slice("NOOP\0", 5), ALL, &command);
    cr_assert_eq(command.event, SF_EVENT_UNKNOWN);
    sf_command_parse(sf_slice("NOOP a\0b", 8), ALL, &command);
    cr_assert_eq(command.event, SF_EVENT_NOOP);
    cr_assert_eq(command.argument.len, 3);
    sf_command_parse(sf_slice("MAIL FROM:<a@b> RET=\0", 21), ALL, &command);
    cr_assert_eq(command.fault, SF_ARGUMENT_BAD_PARAM);
}

Test(command, paths_are_found_behind_their_word)
{
    static const struct {
        const char *line;
        enum sf_fault_kind fault;
        const char *mailbox; /* NULL: no path */
    } cases[] = {
        {"MAIL FROM:<a@b>", SF_ARGUMENT_OK, "a@b"},
        {"mail from:<a@b>", SF_ARGUMENT_OK, "a@b"},
        {"MAIL FROM: <a@b>", SF_ARGUMENT_OK, "a@b"},
        {"MAIL FROM:\t <a@b> ", SF_ARGUMENT_OK, "a@b"},
        {"MAIL  FROM:<>", SF_ARGUMENT_OK, ""},
        {"RCPT TO:<a@b>", SF_ARGUMENT_OK, "a@b"},
        {"RCPT To: <postmaster>", SF_ARGUMENT_OK, "postmaster"},
        {"RCPT TO:<>", SF_ARGUMENT_OK, ""},
        {"RCPT TO:<@x:a@b>", SF_ARGUMENT_OK, "a@b"},
        {"SEND FROM:<a@b>", SF_ARGUMENT_OK, "a@b"},
        {"SOML FROM:<a@b>", SF_ARGUMENT_OK, "a@b"},
        {"SAML FROM:<a@b> SIZE=1", SF_ARGUMENT_OK, "a@b"},
        {"MAIL", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL <a@b>", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL TO:<a@b>", SF_ARGUMENT_NO_PATH, NULL},
        {"RCPT FROM:<a@b>", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM :<a@b>", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:a@b", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:<a@b", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:<a b>", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:Name <a@b>", SF_ARGUMENT_NO_PATH, NULL},
        {"RCPT TO:", SF_ARGUMENT_NO_PATH, NULL},
        {"MAIL FROM:<a@b>SIZE=1", SF_ARGUMENT_BAD_PARAM, "a@b"},
        {"MAIL FROM:<a@b>>", SF_ARGUMENT_BAD_PARAM, "a@b"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        parse(cases[i].line);
        cr_assert_eq(command.fault, cases[i].fault, "%s", cases[i].line);
        cr_assert_eq(command.has_path, cases[i].mailbox != NULL, "%s",
                     cases[i].line);
        cr_assert(sf_slice_eq_str(command.path.mailbox, cases[i].mailbox),
                  "%zu", i);
    }
}

struct parameter_case {
    const char *line;
    enum sf_fault_kind fault;
};

/* Every extension is offered, and every path is good. */
static void check_parameters(const struct parameter_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        parse(cases[i].line);
        cr_assert_eq(command.fault, cases[i].fault, "%s: %d", cases[i].line,
                     (int)command.fault);
        cr_assert(command.has_path, "%s", cases[i].line);
    }
}

Test(command, parameters_of_mail_are_checked_one_by_one)
{
    static const struct parameter_case cases[] = {
        {"MAIL FROM:<> SIZE=0", SF_ARGUMENT_OK},
        {"MAIL FROM:<> size=00000000000000000012", SF_ARGUMENT_OK},
        {"MAIL FROM:<> SIZE=99999999999999999999", SF_ARGUMENT_OK},
        {"MAIL FROM:<> SIZE=100000000000000000000", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=-1", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=1K", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=1 SIZE=1", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=1 size=2", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> BODY=7BIT", SF_ARGUMENT_OK},
        {"MAIL FROM:<> BODY=8bitmime", SF_ARGUMENT_OK},
        {"MAIL FROM:<> BODY=BINARYMIME", SF_ARGUMENT_OK},
        {"MAIL FROM:<> BODY=9BIT", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> BODY", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SMTPUTF8", SF_ARGUMENT_OK},
        {"MAIL FROM:<> SMTPUTF8=1", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SMTPUTF8=", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> RET=FULL", SF_ARGUMENT_OK},
        {"MAIL FROM:<> ret=hdrs", SF_ARGUMENT_OK},
        {"MAIL FROM:<> RET=BODY", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> RET", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=QQ314159", SF_ARGUMENT_OK},
        {"MAIL FROM:<> ENVID=a+2Bb+3D", SF_ARGUMENT_OK},
        {"MAIL FROM:<> ENVID=a+2b", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=a+2", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=a+", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=a+GG", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=a=b", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID=\xc3\xa4", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> ENVID", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> AUTH=<>", SF_ARGUMENT_OK},
        {"MAIL FROM:<> AUTH=e+3Dmc2@example.test", SF_ARGUMENT_OK},
        {"MAIL FROM:<> AUTH", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> AUTH=a+zz", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SUBMITTER=a@b", SF_ARGUMENT_OK},
        {"MAIL FROM:<> BY=120;R", SF_ARGUMENT_OK},
        {"MAIL FROM:<> BY", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> HOLDFOR=60", SF_ARGUMENT_OK},
        {"MAIL FROM:<> HOLDUNTIL=2030-01-01T00:00:00Z", SF_ARGUMENT_OK},
        {"MAIL FROM:<> MT-PRIORITY=-3", SF_ARGUMENT_OK},
        {"MAIL FROM:<> MTRK=abc:1", SF_ARGUMENT_OK},
        {"MAIL FROM:<> SOLICIT=org.example:ADV", SF_ARGUMENT_OK},
        {"MAIL FROM:<> TRANSID=<1@c>", SF_ARGUMENT_OK},
        {"MAIL FROM:<> REQUIRETLS CONPERM PRDR", SF_ARGUMENT_OK},
        {"MAIL FROM:<> REQUIRETLS=1", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<>  SIZE=1\tRET=FULL ", SF_ARGUMENT_OK},
    };

    check_parameters(cases, COUNT(cases));
}

Test(command, parameters_of_rcpt_are_checked_one_by_one)
{
    static const struct parameter_case cases[] = {
        {"RCPT TO:<a@b> NOTIFY=NEVER", SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> NOTIFY=success,FAILURE,Delay", SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> NOTIFY=NEVER,DELAY", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> NOTIFY=DELAY,NEVER", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> NOTIFY=DELAY,", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> NOTIFY=,", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> NOTIFY=", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> NOTIFY", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> ORCPT=rfc822;a+40b@c", SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> ORCPT=utf-8;\xc3\xa4@c", SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> ORCPT=utf-8;\\x{E4}@c", SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> ORCPT=rfc822;\xc3\xa4@c", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> ORCPT=a@b", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> ORCPT=;a@b", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> ORCPT=rfc822;a+4", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> ORCPT", SF_ARGUMENT_BAD_PARAM},
        {"RCPT TO:<a@b> CONNEG RRVS=2014-04-03T23:01:00Z", SF_ARGUMENT_OK},
    };

    check_parameters(cases, COUNT(cases));
}

Test(command, each_parameter_belongs_to_its_verb)
{
    static const struct parameter_case cases[] = {
        {"RCPT TO:<a@b> SIZE=1", SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> NOTIFY=NEVER", SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> FOO", SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> X-FOO=bar", SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> X-FOO=\xc3\xa4", SF_ARGUMENT_UNKNOWN_PARAM},
    };

    check_parameters(cases, COUNT(cases));
}

Test(command, parameters_have_the_syntax_of_esmtp_param)
{
    static const struct parameter_case cases[] = {
        {"MAIL FROM:<> =x", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> -A=x", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> A_B=x", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> FOO=", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> FOO=a=b", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> FOO=a\x01", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> FOO=a\x7f", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> FOO=\xff", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> <b@c>", SF_ARGUMENT_BAD_PARAM},
    };

    check_parameters(cases, COUNT(cases));
}

Test(command, the_first_parameter_at_fault_counts)
{
    static const struct parameter_case cases[] = {
        {"MAIL FROM:<> FOO SIZE=x", SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> SIZE=x FOO", SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> SIZE=1 FOO SIZE=2", SF_ARGUMENT_UNKNOWN_PARAM},
    };

    check_parameters(cases, COUNT(cases));
}

Test(command, parameters_need_the_extension_that_was_offered)
{
    static const struct {
        const char *line;
        sf_capability_set offered;
        enum sf_fault_kind fault;
    } cases[] = {
        {"MAIL FROM:<>", 0, SF_ARGUMENT_OK},
        {"MAIL FROM:<> SIZE=1", BIT(SIZE), SF_ARGUMENT_OK},
        {"MAIL FROM:<> SIZE=1", ALL & ~BIT(SIZE), SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> SIZE=1", 0, SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> SIZE=x", 0, SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> SIZE=", 0, SF_ARGUMENT_BAD_PARAM},
        {"MAIL FROM:<> RET=FULL ENVID=a", BIT(DSN), SF_ARGUMENT_OK},
        {"MAIL FROM:<> AUTH=<>", ALL & ~BIT(AUTH), SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> BODY=8BITMIME", BIT(8BITMIME), SF_ARGUMENT_OK},
        {"MAIL FROM:<> BODY=BINARYMIME", BIT(8BITMIME),
         SF_ARGUMENT_UNKNOWN_PARAM},
        {"MAIL FROM:<> BODY=BINARYMIME", BIT(8BITMIME) | BIT(BINARYMIME),
         SF_ARGUMENT_OK},
        {"RCPT TO:<a@b> NOTIFY=NEVER", ALL & ~BIT(DSN),
         SF_ARGUMENT_UNKNOWN_PARAM},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        sf_command_parse(sf_slice_str(cases[i].line), cases[i].offered,
                         &command);
        cr_assert_eq(command.fault, cases[i].fault, "%zu: %s", i,
                     cases[i].line);
    }
}

Test(command, what_parameters_say_is_noted)
{
    parse("MAIL FROM:<a@b> SIZE=1234 BODY=8BITMIME SMTPUTF8 ENVID=x");
    cr_assert(command.has_size);
    cr_assert_eq(command.size, 1234);
    cr_assert_not(command.is_binary);
    cr_assert(command.is_smtputf8);
    cr_assert_eq(command.param_count, 4);
    cr_assert(sf_slice_eq_str(command.params[0].keyword, "SIZE"));
    cr_assert(sf_slice_eq_str(command.params[0].value, "1234"));
    cr_assert(command.params[0].has_value);
    cr_assert(sf_slice_eq_str(command.params[2].keyword, "SMTPUTF8"));
    cr_assert_not(command.params[2].has_value);
    cr_assert_eq(command.params[2].value.len, 0);

    parse("MAIL FROM:<a@b> BODY=BINARYMIME");
    cr_assert(command.is_binary);
    cr_assert_not(command.has_size);
    cr_assert_not(command.is_smtputf8);

    parse("MAIL FROM:<a@b> SIZE=99999999999999999999");
    cr_assert(command.has_size);
    cr_assert_eq(command.size, UINT64_MAX);

    parse("MAIL FROM:<a@b> SIZE=5 FOO=1 SIZE=6 RET=x");
    cr_assert_eq(command.size, 5);
    cr_assert_eq(command.param_count, 4, "those behind a fault are noted too");
    cr_assert(sf_slice_eq_str(command.params[1].keyword, "FOO"));

    parse("RCPT TO:<a@b> CONPERM PRDR");
    cr_assert_not(command.is_smtputf8);
}

/* A line with `count` parameters, of which only `fault` decides. */
static enum sf_fault_kind parse_many(size_t count, const char *first)
{
    struct sf_buf line;
    enum sf_fault_kind fault = SF_ARGUMENT_OK;

    sf_buf_init(&line, 10000);
    sf_buf_puts(&line, "MAIL FROM:<a@b> ");
    sf_buf_puts(&line, first);
    for (size_t i = 1; i < count; i++) {
        sf_buf_printf(&line, " X%zu", i);
    }
    sf_command_parse(sf_buf_slice(&line), ALL, &command);
    fault = command.fault;
    sf_buf_fini(&line);
    return fault;
}

Test(command, parameters_beyond_the_limit_are_a_fault)
{
    cr_assert_eq(parse_many(SF_PARAMS_MAX, "FOO"), SF_ARGUMENT_UNKNOWN_PARAM);
    cr_assert_eq(command.param_count, SF_PARAMS_MAX);
    cr_assert_eq(parse_many(500, "FOO"), SF_ARGUMENT_UNKNOWN_PARAM);
    cr_assert_eq(command.param_count, SF_PARAMS_MAX);
    cr_assert_eq(parse_many(500, "SIZE=x"), SF_ARGUMENT_BAD_PARAM);
}

/* Parses `keyword=value`, where value is `prefix` filled up to `len`. */
static enum sf_fault_kind
parse_long(const char *start, const char *prefix, size_t len)
{
    struct sf_buf line;

    sf_buf_init(&line, 10000);
    sf_buf_puts(&line, start);
    sf_buf_puts(&line, prefix);
    for (size_t i = strlen(prefix); i < len; i++) {
        sf_buf_putc(&line, 'x');
    }
    sf_command_parse(sf_buf_slice(&line), ALL, &command);
    sf_buf_fini(&line);
    return command.fault;
}

Test(command, long_values_of_dsn_are_refused)
{
    static const char envid[] = "MAIL FROM:<> ENVID=";
    static const char orcpt[] = "RCPT TO:<a@b> ORCPT=";

    cr_assert_eq(parse_long(envid, "", 100), SF_ARGUMENT_OK);
    cr_assert_eq(parse_long(envid, "", 101), SF_ARGUMENT_BAD_PARAM);
    cr_assert_eq(parse_long(orcpt, "rfc822;", 500), SF_ARGUMENT_OK);
    cr_assert_eq(parse_long(orcpt, "rfc822;", 501), SF_ARGUMENT_BAD_PARAM);
}

Test(command, bdat_has_a_size_and_perhaps_last)
{
    static const struct {
        const char *line;
        bool has_chunk;
        uint64_t size;
        bool is_last;
    } cases[] = {
        {"BDAT 0", true, 0, false},
        {"BDAT 1000", true, 1000, false},
        {"bdat 1000 LAST", true, 1000, true},
        {"BDAT  7\tlast ", true, 7, true},
        {"BDAT 0 LAST", true, 0, true},
        {"BDAT 9223372036854775807", true, INT64_MAX, false},
        {"BDAT 9223372036854775808", false, 0, false},
        {"BDAT 99999999999999999999", false, 0, false},
        {"BDAT 000000000000000000001", false, 0, false},
        {"BDAT", false, 0, false},
        {"BDAT LAST", false, 0, false},
        {"BDAT -1", false, 0, false},
        {"BDAT 10K", false, 0, false},
        {"BDAT 1 LASTLY", false, 0, false},
        {"BDAT 1 2", false, 0, false},
        {"BDAT 1 LAST LAST", false, 0, false},
        {"BDAT 1LAST", false, 0, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        parse(cases[i].line);
        cr_assert_eq(command.event, SF_EVENT_BDAT);
        cr_assert_eq(command.has_chunk, cases[i].has_chunk, "%s",
                     cases[i].line);
        cr_assert_eq(command.chunk_size, cases[i].size, "%s", cases[i].line);
        cr_assert_eq(command.is_last, cases[i].is_last, "%s", cases[i].line);
    }
}
