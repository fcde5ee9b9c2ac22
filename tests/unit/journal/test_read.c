/* test_read.c - lines of a journal back into records. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "journal/jsonl.h"
#include "journal/read.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct sf_journal_reader reader;
static struct sf_record record;

static void set_up(void)
{
    sf_journal_reader_init(&reader);
}

static void tear_down(void)
{
    sf_journal_reader_fini(&reader);
}

TestSuite(read, .init = set_up, .fini = tear_down);

static int read_line(const char *line)
{
    return sf_journal_read(&reader, sf_slice_str(line), &record);
}

/* All that a type may have, but what nobody reads back: the files of a run,
 * parameters, evidence. */
static const char *const lines[] = {
    "{\"t\":0.000211,\"type\":\"run\",\"schema\":1,\"version\":\"x\",\"seed\":"
    "7,"
    "\"speed\":60,\"scenarios\":[],\"time\":\"2026\",\"argv\":[\"a b\",\"c\"]}",
    "{\"t\":1.000000,\"type\":\"listen\",\"listener\":\"a\",\"url\":\"u\"}",
    "{\"t\":1.204113,\"type\":\"connect\",\"session\":1,\"listener\":\"a\","
    "\"peer\":\"[::1]:9\"}",
    "{\"t\":2.000001,\"type\":\"disconnect\",\"session\":1,\"by\":\"server\","
    "\"how\":\"timeout\",\"bytes_in\":1,\"bytes_out\":2,\"unread\":3,"
    "\"duration\":4.000005,\"rule\":\"x\",\"at\":\"a:b.ini:7\"}",
    "{\"t\":2.000000,\"type\":\"command\",\"session\":1,\"transaction\":2,"
    "\"n\":3,"
    "\"event\":\"MAIL\",\"line\":\"a\\\\xff\\\\\\\\b\",\"sender\":\"\","
    "\"pipelined\":true}",
    "{\"t\":2.000000,\"type\":\"command\",\"session\":1,\"n\":3,\"event\":"
    "\"RCPT\","
    "\"line\":\"\\u0000\",\"recipient\":\"b@e\",\"pipelined\":false}",
    "{\"t\":2.000000,\"type\":\"command\",\"session\":1,\"n\":4,\"event\":"
    "\"AUTH-RESPONSE\",\"line\":\"*\",\"pipelined\":false,"
    "\"cancelled\":true}",
    "{\"t\":2.000000,\"type\":\"reply\",\"session\":1,\"n\":3,\"event\":"
    "\"RCPT\","
    "\"code\":451,\"enhanced\":\"4.7.1\",\"lines\":[\"451-a\",\"451 b\"],"
    "\"rule\":\"x\",\"at\":\"a.ini:7\"}",
    "{\"t\":2.000000,\"type\":\"reply\",\"session\":1,\"code\":421,\"lines\":[]"
    "}",
    "{\"t\":2.000000,\"type\":\"auth\",\"session\":1,\"mechanism\":\"PLAIN\","
    "\"user\":\"u\",\"ok\":false,\"code\":535}",
    "{\"t\":2.000000,\"type\":\"fired\",\"session\":1,\"rule\":\"x\","
    "\"at\":\"a.ini:7\",\"event\":\"RCPT\",\"count\":9}",
    "{\"t\":2.000000,\"type\":\"fault\",\"session\":1,\"rule\":\"x\","
    "\"at\":\"a.ini:7\",\"event\":\"RCPT\",\"action\":\"delay\","
    "\"value\":\"2s\"}",
    "{\"t\":2.000000,\"type\":\"tls\",\"session\":1,\"version\":\"TLSv1.2\","
    "\"cipher\":\"c\",\"sni\":\"s\",\"alert\":\"a\",\"ok\":true}",
    "{\"t\":2.000000,\"type\":\"message\",\"session\":1,\"id\":\"1.1\","
    "\"message_id\":\"<m>\",\"sha256\":\"ab\",\"octets\":5,\"sender\":\"a\","
    "\"recipients\":[\"b\",\"c\"],\"accepted\":[\"b\"],"
    "\"duplicate_of\":\"1.0\",\"file\":\"f\"}",
    "{\"t\":2.000000,\"type\":\"violation\",\"session\":1,\"id\":\"DAT-03\","
    "\"level\":\"MUST\",\"rfc\":\"r\",\"text\":\"t\",\"bytes\":\"\\\\xfe\"}",
    "{\"t\":2.000000,\"type\":\"exit\",\"status\":137,\"signal\":9,"
    "\"stopped\":\"limit\",\"stdout\":\"o\",\"stderr\":\"e\",\"cut\":true,"
    "\"duration\":1.500000,\"cpu_s\":0.250000,\"memory\":4096}",
    "{\"t\":2.000000,\"type\":\"expectation\",\"label\":\"l\",\"key\":\"k\","
    "\"expected\":\"1\",\"actual\":\"2\",\"ok\":false,\"unreached\":true,"
    "\"evidence\":[]}",
    "{\"t\":2.000000,\"type\":\"verdict\",\"ok\":false,\"failed\":1,"
    "\"unreached\":2,\"exit_status\":4}",
};

Test(read, gives_back_what_was_written_of_every_type)
{
    unsigned types = 0;

    for (size_t i = 0; i < LENGTH(lines); i++) {
        struct sf_buf buf;

        cr_assert_eq(read_line(lines[i]), 0, "%s: %s", reader.error, lines[i]);
        types |= SF_RECORD_BIT(record.type);
        sf_buf_init(&buf, 4096);
        sf_jsonl_put(&buf, &record);
        cr_expect_eq(buf.len, strlen(lines[i]) + 1);
        cr_expect(strncmp(buf.ptr, lines[i], strlen(lines[i])) == 0, "%s\n%.*s",
                  lines[i], (int)buf.len, buf.ptr);
        sf_buf_fini(&buf);
    }
    cr_expect_eq(types, SF_RECORD_BIT(SF_RECORD_COUNT) - 1);
}

Test(read, octets_are_those_that_came)
{
    static const char expected[] = "a\0\xff\\xff\\";

    cr_assert_eq(read_line("{\"t\":1,\"type\":\"command\",\"event\":\"X\","
                           "\"line\":\"a\\u0000\\\\xff\\\\\\\\xff\\\\\\\\\"}"),
                 0);
    cr_expect_eq(record.u.command.line.len, sizeof(expected) - 1);
    cr_expect(
        memcmp(record.u.command.line.ptr, expected, sizeof(expected) - 1) == 0);
}

Test(read, what_is_not_there_is_nothing)
{
    cr_assert_eq(read_line("{\"t\":1,\"type\":\"message\"}"), 0);
    cr_expect_str_eq(record.u.message.sha256, "");
    cr_expect_null(record.u.message.duplicate_of);
    cr_expect_eq(record.u.message.accepted_count, 0);
    cr_assert_eq(read_line("{\"t\":1,\"type\":\"fired\"}"), 0);
    cr_expect_null(record.u.fired.rule.label);
}

Test(read, a_seed_has_all_its_bits_or_is_near)
{
    cr_assert_eq(read_line("{\"t\":1,\"type\":\"run\",\"schema\":1,"
                           "\"seed\":9223372036854775807}"),
                 0);
    cr_expect_eq(record.u.run.seed, INT64_MAX);
    cr_assert_eq(read_line("{\"t\":1,\"type\":\"run\",\"schema\":1,"
                           "\"seed\":18446744073709551615}"),
                 0, "%s", reader.error);
    cr_expect_geq(record.u.run.seed, UINT64_C(1) << 63);
}

Test(read, types_that_are_not_known_are_told_apart_from_faults)
{
    cr_expect_eq(read_line("{\"t\":1,\"type\":\"weather\"}"), SF_ENOTFOUND);
    cr_expect_eq(read_line("{\"t\":1}"), SF_ESYNTAX);
    cr_expect_eq(read_line(""), SF_ESYNTAX);
    cr_expect_eq(read_line("{\"t\":1,\"type\":\"connect\",\"session\":-1}"),
                 SF_ESYNTAX);
    cr_expect_eq(read_line("{\"t\":1,\"type\":7}"), SF_ESYNTAX);
}
