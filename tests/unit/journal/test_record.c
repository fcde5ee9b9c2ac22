/* test_record.c - the words of a record, and its way into the sink. */
#include <criterion/criterion.h>

#include "journal/record.h"

Test(record, every_type_has_the_name_of_the_contract)
{
    static const char *const names[] = {
        "run",   "listen", "connect", "disconnect", "command", "reply",  "auth",
        "fired", "fault",  "tls",     "message",    "exit",    "verdict"};

    cr_assert_eq(sizeof(names) / sizeof(names[0]), SF_RECORD_COUNT);
    for (unsigned i = 0; i < SF_RECORD_COUNT; i++) {
        cr_assert_str_eq(sf_record_type_name((enum sf_record_type)i), names[i]);
    }
}

Test(record, the_ways_to_end_have_names)
{
    cr_assert_str_eq(sf_record_end_by_name(SF_END_BY_CLIENT), "client");
    cr_assert_str_eq(sf_record_end_by_name(SF_END_BY_SERVER), "server");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_QUIT), "quit");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_FIN), "fin");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_RESET), "reset");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_TIMEOUT), "timeout");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_ABRUPT), "abrupt");
}

Test(record, what_stops_a_command_has_a_name)
{
    cr_assert_null(sf_record_stop_name(SF_STOP_NONE));
    cr_assert_str_eq(sf_record_stop_name(SF_STOP_TIMEOUT), "timeout");
    cr_assert_str_eq(sf_record_stop_name(SF_STOP_LIMIT), "limit");
    cr_assert_str_eq(sf_record_stop_name(SF_STOP_SIGNAL), "signal");
    cr_assert_str_eq(sf_record_stop_name(SF_STOP_FAILURE), "failure");
}

Test(record, a_peer_has_its_port_and_ipv6_has_brackets)
{
    static const struct {
        const char *client;
        unsigned port;
        const char *peer;
    } cases[] = {
        {"127.0.0.1", 25, "127.0.0.1:25"},
        {"255.255.255.255", 65535, "255.255.255.255:65535"},
        {"::1", 25, "[::1]:25"},
        {"2001:db8::ffff:192.0.2.33", 40213,
         "[2001:db8::ffff:192.0.2.33]:40213"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 65535,
         "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535"},
        {"unix", 0, "unix"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char peer[64];

        sf_record_format_peer(peer, sizeof(peer), cases[i].client,
                              cases[i].port);
        cr_assert_str_eq(peer, cases[i].peer);
    }
}

Test(record, a_peer_that_is_too_long_is_cut)
{
    char peer[8];

    sf_record_format_peer(peer, sizeof(peer), "127.0.0.1", 25);
    cr_assert_str_eq(peer, "127.0.0");
}

static int sink_result;
static const struct sf_record *sunk;

static int take(void *ctx, const struct sf_record *record)
{
    cr_assert_eq(ctx, &sink_result);
    sunk = record;
    return sink_result;
}

Test(record, a_sink_gets_only_what_it_wants)
{
    const struct sf_sink sink = {.write = take,
                                 .ctx = &sink_result,
                                 .mask = SF_RECORD_BIT(SF_RECORD_REPLY)};
    const struct sf_record wanted = {.type = SF_RECORD_REPLY};
    const struct sf_record unwanted = {.type = SF_RECORD_COMMAND};

    cr_assert_eq(sf_sink_put(&sink, &unwanted), 0);
    cr_assert_null(sunk);
    cr_assert_eq(sf_sink_put(&sink, &wanted), 0);
    cr_assert_eq(sunk, &wanted);
}

Test(record, whatever_goes_wrong_in_a_sink_is_esink)
{
    const struct sf_sink sink = {
        .write = take, .ctx = &sink_result, .mask = UINT32_MAX};
    const struct sf_record record = {.type = SF_RECORD_REPLY};

    sink_result = SF_ENOMEM;
    cr_assert_eq(sf_sink_put(&sink, &record), SF_ESINK);
    sink_result = 1;
    cr_assert_eq(sf_sink_put(&sink, &record), SF_ESINK);
}

Test(record, no_sink_takes_everything)
{
    const struct sf_sink none = {0};
    const struct sf_record record = {.type = SF_RECORD_VERDICT};

    cr_assert_eq(sf_sink_put(&none, &record), 0);
}
