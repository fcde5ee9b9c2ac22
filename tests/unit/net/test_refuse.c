/* test_refuse.c - how a connection over max-connections shows in the journal.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "net/refuse.h"

static struct sf_record records[4];
static char peer[80];
static size_t count;
static int result;

static int keep(void *ctx, const struct sf_record *record)
{
    (void)ctx;
    records[count++] = *record;
    if (record->type == SF_RECORD_CONNECT) {
        snprintf(peer, sizeof(peer), "%s", record->u.connect.peer);
    } else if (record->type == SF_RECORD_REPLY) {
        /* Borrowed for the call only. */
        cr_assert_eq(record->u.reply.line_count, 1);
        cr_assert(sf_slice_eq_str(record->u.reply.lines[0], SF_REFUSE_REPLY));
        cr_assert(sf_slice_eq_str(record->u.reply.enhanced, "4.3.2"));
    }
    return result;
}

static struct sf_sink sink = {.write = keep, .mask = UINT32_MAX};

Test(refuse, a_refused_connection_has_a_beginning_and_no_session)
{
    static const struct {
        struct sf_session_config config;
        const char *peer;
    } cases[] = {
        {{.client = "127.0.0.1", .port = 40213}, "127.0.0.1:40213"},
        {{.client = "::1", .port = 7}, "[::1]:7"},
        {{.client = "unix"}, "unix"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        count = 0;
        cr_assert_eq(sf_refuse_begin(&sink, "one", &cases[i].config, 17), 0);
        cr_assert_eq(count, 2);
        cr_assert_eq(records[0].type, SF_RECORD_CONNECT);
        cr_assert_str_eq(peer, cases[i].peer);
        cr_assert_eq(records[1].type, SF_RECORD_REPLY);
        cr_assert_eq(records[1].u.reply.code, 421);
        for (size_t k = 0; k < 2; k++) {
            cr_assert_eq(records[k].session, 0);
            cr_assert_eq(records[k].t_us, 17);
            cr_assert_str_eq(records[k].listener, "one");
        }
    }
}

Test(refuse, its_end_counts_what_was_never_read)
{
    const struct sf_refuse_end end = {
        .opened_us = 10, .now_us = 30, .octets_in = 5};

    cr_assert_eq(sf_refuse_end(&sink, "one", &end), 0);
    cr_assert_eq(count, 1);
    cr_assert_eq(records[0].type, SF_RECORD_DISCONNECT);
    cr_assert_eq(records[0].u.disconnect.by, SF_END_BY_SERVER);
    cr_assert_eq(records[0].u.disconnect.how, SF_END_FIN);
    cr_assert_eq(records[0].u.disconnect.bytes_in, 5);
    cr_assert_eq(records[0].u.disconnect.unread, 5);
    cr_assert_eq(records[0].u.disconnect.bytes_out,
                 strlen(SF_REFUSE_REPLY) + 2);
    cr_assert_eq(records[0].u.disconnect.duration_us, 20);
}

Test(refuse, what_nobody_wants_is_not_written)
{
    const struct sf_session_config config = {.client = "unix"};
    const struct sf_refuse_end end = {0};

    sink.mask = SF_RECORD_BIT(SF_RECORD_COMMAND);
    cr_assert_eq(sf_refuse_begin(&sink, "one", &config, 0), 0);
    cr_assert_eq(sf_refuse_end(&sink, "one", &end), 0);
    sink.write = NULL;
    sink.mask = 0;
    cr_assert_eq(sf_refuse_end(&sink, "one", &end), 0);
    cr_assert_eq(count, 0);
}

Test(refuse, a_sink_that_fails_is_reported)
{
    const struct sf_session_config config = {.client = "unix"};

    result = SF_ENOMEM;
    cr_assert_eq(sf_refuse_begin(&sink, "one", &config, 0), SF_ESINK);
    cr_assert_eq(count, 1, "nothing after the failure");
}
