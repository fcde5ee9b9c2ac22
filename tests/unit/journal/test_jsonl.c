/* test_jsonl.c - a record as one line of JSON. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "journal/jsonl.h"

static struct sf_buf buf;

static void setup(void)
{
    sf_buf_init(&buf, 1000000);
}

static void teardown(void)
{
    sf_buf_fini(&buf);
}

TestSuite(jsonl, .init = setup, .fini = teardown);

static void
expect_line(const char *name, const struct sf_record *record, const char *line)
{
    sf_buf_clear(&buf);
    sf_jsonl_put(&buf, record);
    cr_assert_eq(buf.failed, 0, "%s", name);
    sf_buf_putc(&buf, '\0');
    cr_assert_str_eq(buf.ptr, line, "%s: got %s", name, buf.ptr);
}

/* A record of every kind, with everything in it that the kind can have. */
static const struct sf_record_file files[] = {{"greylist.ini", "aa01"},
                                              {"dir \"x\"/b.ini", "bb02"}};
static const struct sf_record_param params[] = {
    {SF_SLICE_LIT("SIZE"), SF_SLICE_LIT("1000"), true},
    {SF_SLICE_LIT("SMTPUTF8"), {NULL, 0}, false},
    {SF_SLICE_LIT("SIZE"), SF_SLICE_LIT("2"), true},
    {SF_SLICE_LIT("ENVID"), SF_SLICE_LIT(""), true}};
static const char *const argv[] = {"client", "--to", "a \"b\"\xff"};
static const struct sf_slice lines[] = {SF_SLICE_LIT("451-4.7.1 Wait"),
                                        SF_SLICE_LIT("451 4.7.1 a \"bit\"")};
static const struct sf_slice recipients[] = {SF_SLICE_LIT("a@example.test"),
                                             SF_SLICE_LIT("b@example.test")};

struct sample {
    const char *name;
    struct sf_record record;
    const char *line;
};

static const struct sample samples[] = {
    {"run",
     {.type = SF_RECORD_RUN,
      .u.run = {.version = "0.1.0",
                .seed = UINT64_MAX,
                .speed = 60,
                .files = files,
                .file_count = 2,
                .wall_clock = "2026-11-22T01:50:45Z"}},
     "{\"t\":0.000000,\"type\":\"run\",\"schema\":1,\"version\":\"0.1.0\","
     "\"seed\":18446744073709551615,\"speed\":60,\"scenarios\":["
     "{\"file\":\"greylist.ini\",\"sha256\":\"aa01\"},"
     "{\"file\":\"dir \\\"x\\\"/b.ini\",\"sha256\":\"bb02\"}],"
     "\"time\":\"2026-11-22T01:50:45Z\"}\n"},
    {"run without files, at a speed that is no whole number",
     {.type = SF_RECORD_RUN,
      .u.run = {.version = "0.1.0",
                .seed = 1,
                .speed = 0.1,
                .wall_clock = "2026-11-22T01:50:45Z"}},
     "{\"t\":0.000000,\"type\":\"run\",\"schema\":1,\"version\":\"0.1.0\","
     "\"seed\":1,\"speed\":0.1,\"scenarios\":[],"
     "\"time\":\"2026-11-22T01:50:45Z\"}\n"},
    {"run with a command",
     {.type = SF_RECORD_RUN,
      .u.run = {.version = "0.1.0",
                .speed = 1,
                .wall_clock = "2026-11-22T01:50:45Z",
                .argv = argv,
                .argc = 3}},
     "{\"t\":0.000000,\"type\":\"run\",\"schema\":1,\"version\":\"0.1.0\","
     "\"seed\":0,\"speed\":1,\"scenarios\":[],"
     "\"time\":\"2026-11-22T01:50:45Z\","
     "\"argv\":[\"client\",\"--to\",\"a \\\"b\\\"\\\\xff\"]}\n"},
    {"listen",
     {.type = SF_RECORD_LISTEN,
      .t_us = 12,
      .listener = "default",
      .u.listen = {"smtp://127.0.0.1:2525"}},
     "{\"t\":0.000012,\"type\":\"listen\",\"listener\":\"default\","
     "\"url\":\"smtp://127.0.0.1:2525\"}\n"},
    {"connect",
     {.type = SF_RECORD_CONNECT,
      .t_us = 1000000,
      .session = 1,
      .listener = "default",
      .u.connect = {"[::1]:40213"}},
     "{\"t\":1.000000,\"type\":\"connect\",\"session\":1,"
     "\"listener\":\"default\",\"peer\":\"[::1]:40213\"}\n"},
    {"disconnect",
     {.type = SF_RECORD_DISCONNECT,
      .t_us = 1002003,
      .session = 2,
      .u.disconnect = {.by = SF_END_BY_CLIENT,
                       .how = SF_END_RESET,
                       .bytes_in = 10,
                       .bytes_out = 20,
                       .unread = 3,
                       .duration_us = 2003}},
     "{\"t\":1.002003,\"type\":\"disconnect\",\"session\":2,"
     "\"by\":\"client\",\"how\":\"reset\",\"bytes_in\":10,"
     "\"bytes_out\":20,\"unread\":3,\"duration\":0.002003}\n"},
    {"command",
     {.type = SF_RECORD_COMMAND,
      .t_us = UINT64_MAX,
      .session = 1,
      .transaction = 1,
      .u.command = {.n = 2,
                    .event = "MAIL",
                    .line = SF_SLICE_LIT("MAIL FROM:<>"),
                    .has_sender = true,
                    .params = params,
                    .param_count = 4,
                    .is_pipelined = true}},
     "{\"t\":18446744073709.551615,\"type\":\"command\",\"session\":1,"
     "\"transaction\":1,\"n\":2,\"event\":\"MAIL\","
     "\"line\":\"MAIL FROM:<>\",\"sender\":\"\","
     "\"params\":{\"SIZE\":\"1000\",\"SMTPUTF8\":true,\"ENVID\":\"\"},"
     "\"pipelined\":true}\n"},
    {"command of a recipient",
     {.type = SF_RECORD_COMMAND,
      .session = 1,
      .u.command = {.n = 3,
                    .event = "RCPT",
                    .line = SF_SLICE_LIT("RCPT TO:<a@b>"),
                    .has_recipient = true,
                    .recipient = SF_SLICE_LIT("a@b")}},
     "{\"t\":0.000000,\"type\":\"command\",\"session\":1,\"n\":3,"
     "\"event\":\"RCPT\",\"line\":\"RCPT TO:<a@b>\","
     "\"recipient\":\"a@b\",\"pipelined\":false}\n"},
    {"reply of a rule",
     {.type = SF_RECORD_REPLY,
      .session = 1,
      .u.reply = {.n = 3,
                  .event = "RCPT",
                  .code = 451,
                  .enhanced = SF_SLICE_LIT("4.7.1"),
                  .lines = lines,
                  .line_count = 2,
                  .rule = {"grey\"list", "C:\\a \"b\".ini", 10}}},
     "{\"t\":0.000000,\"type\":\"reply\",\"session\":1,\"n\":3,"
     "\"event\":\"RCPT\",\"code\":451,\"enhanced\":\"4.7.1\","
     "\"lines\":[\"451-4.7.1 Wait\",\"451 4.7.1 a \\\"bit\\\"\"],"
     "\"rule\":\"grey\\\"list\",\"at\":\"C:\\\\\\\\a \\\"b\\\".ini:10\"}\n"},
    {"reply that nobody asked for, with a code below 100",
     {.type = SF_RECORD_REPLY,
      .session = 1,
      .u.reply = {.code = 99, .lines = lines, .line_count = 1}},
     "{\"t\":0.000000,\"type\":\"reply\",\"session\":1,\"code\":99,"
     "\"lines\":[\"451-4.7.1 Wait\"]}\n"},
    {"auth",
     {.type = SF_RECORD_AUTH,
      .session = 1,
      .u.auth = {"PLAIN", SF_SLICE_LIT("bob"), true, 235}},
     "{\"t\":0.000000,\"type\":\"auth\",\"session\":1,"
     "\"mechanism\":\"PLAIN\",\"user\":\"bob\",\"ok\":true,"
     "\"code\":235}\n"},
    {"fired",
     {.type = SF_RECORD_FIRED,
      .session = 1,
      .u.fired = {{"RCPT@3", "x.ini", 3}, "RCPT", 7}},
     "{\"t\":0.000000,\"type\":\"fired\",\"session\":1,"
     "\"rule\":\"RCPT@3\",\"at\":\"x.ini:3\",\"event\":\"RCPT\","
     "\"count\":7}\n"},
    {"fault",
     {.type = SF_RECORD_FAULT,
      .session = 1,
      .u.fault = {{"slow", "x.ini", 4}, "EHLO", "delay", SF_SLICE_LIT("2s")}},
     "{\"t\":0.000000,\"type\":\"fault\",\"session\":1,\"rule\":\"slow\","
     "\"at\":\"x.ini:4\",\"event\":\"EHLO\",\"action\":\"delay\","
     "\"value\":\"2s\"}\n"},
    {"tls",
     {.type = SF_RECORD_TLS,
      .session = 1,
      .u.tls = {{.version = "TLSv1.2",
                 .cipher = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                 .sni = "mx.test"},
                true}},
     "{\"t\":0.000000,\"type\":\"tls\",\"session\":1,"
     "\"version\":\"TLSv1.2\","
     "\"cipher\":\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\","
     "\"sni\":\"mx.test\",\"ok\":true}\n"},
    {"tls that failed",
     {.type = SF_RECORD_TLS,
      .session = 1,
      .u.tls = {{.alert = "unknown_ca"}, false}},
     "{\"t\":0.000000,\"type\":\"tls\",\"session\":1,"
     "\"alert\":\"unknown_ca\",\"ok\":false}\n"},
    {"message",
     {.type = SF_RECORD_MESSAGE,
      .session = 1,
      .transaction = 2,
      .u.message = {.id = "1.2",
                    .message_id = SF_SLICE_LIT("<m@client.test>"),
                    .sha256 = "cc03",
                    .octets = 512,
                    .sender = SF_SLICE_LIT("s@client.test"),
                    .recipients = recipients,
                    .recipient_count = 2,
                    .accepted = recipients,
                    .accepted_count = 1,
                    .duplicate_of = "1.1",
                    .file = "m/new/1.2_3.host"}},
     "{\"t\":0.000000,\"type\":\"message\",\"session\":1,"
     "\"transaction\":2,\"id\":\"1.2\","
     "\"message_id\":\"<m@client.test>\",\"sha256\":\"cc03\","
     "\"octets\":512,\"sender\":\"s@client.test\","
     "\"recipients\":[\"a@example.test\",\"b@example.test\"],"
     "\"accepted\":[\"a@example.test\"],\"duplicate_of\":\"1.1\","
     "\"file\":\"m/new/1.2_3.host\"}\n"},
    {"message that nobody took, without what may be missing",
     {.type = SF_RECORD_MESSAGE,
      .session = 1,
      .transaction = 2,
      .u.message = {.id = "1.2", .sha256 = "cc03"}},
     "{\"t\":0.000000,\"type\":\"message\",\"session\":1,"
     "\"transaction\":2,\"id\":\"1.2\",\"sha256\":\"cc03\",\"octets\":0,"
     "\"sender\":\"\",\"recipients\":[],\"accepted\":[]}\n"},
    {"exit",
     {.type = SF_RECORD_EXIT,
      .t_us = 2000000,
      .u.exit = {.status = 75,
                 .standard_output = SF_SLICE_LIT("sent\n"),
                 .standard_error = SF_SLICE_LIT("a\xff\n"),
                 .duration_us = 1500000,
                 .cpu_us = 20000,
                 .memory_bytes = 4194304}},
     "{\"t\":2.000000,\"type\":\"exit\",\"status\":75,\"stdout\":\"sent\\n\","
     "\"stderr\":\"a\\\\xff\\n\",\"cut\":false,\"duration\":1.500000,"
     "\"cpu_s\":0.020000,\"memory\":4194304}\n"},
    {"exit by a signal, because the time ran out",
     {.type = SF_RECORD_EXIT,
      .u.exit = {.status = 137,
                 .signal = 9,
                 .is_cut = true,
                 .stop = SF_STOP_TIMEOUT}},
     "{\"t\":0.000000,\"type\":\"exit\",\"status\":137,\"signal\":9,"
     "\"stopped\":\"timeout\",\"stdout\":\"\",\"stderr\":\"\",\"cut\":true,"
     "\"duration\":0.000000,\"cpu_s\":0.000000,\"memory\":0}\n"},
    {"verdict",
     {.type = SF_RECORD_VERDICT, .t_us = 2500000, .u.verdict = {true, 0, 2, 4}},
     "{\"t\":2.500000,\"type\":\"verdict\",\"ok\":true,\"failed\":0,"
     "\"unreached\":2,\"exit_status\":4}\n"},
};

#define SAMPLE_COUNT (sizeof(samples) / sizeof(samples[0]))

Test(jsonl, each_type_has_its_exact_line)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        expect_line(samples[i].name, &samples[i].record, samples[i].line);
    }
}

Test(jsonl, lines_are_appended)
{
    sf_buf_puts(&buf, "before\n");
    sf_jsonl_put(&buf, &samples[0].record);
    sf_jsonl_put(&buf, &samples[SAMPLE_COUNT - 1].record);
    cr_assert_eq(buf.len, strlen("before\n") + strlen(samples[0].line) +
                              strlen(samples[SAMPLE_COUNT - 1].line));
}

Test(jsonl, hostile_octets_stay_within_their_string_and_line)
{
    static const char octets[] = "\"},{\\x\r\n\0\x7f\xff\xc3\xa9\xc3";
    struct sf_record record = {
        .type = SF_RECORD_COMMAND,
        .u.command = {
            .n = 1, .event = "UNKNOWN", .line = {octets, sizeof(octets) - 1}}};

    expect_line("hostile", &record,
                "{\"t\":0.000000,\"type\":\"command\",\"n\":1,"
                "\"event\":\"UNKNOWN\",\"line\":\"\\\"},{\\\\\\\\x\\r\\n"
                "\\u0000\x7f\\\\xff\xc3\xa9\\\\xc3\",\"pipelined\":false}\n");
}

Test(jsonl, every_octet_gives_one_line_of_ascii_or_utf8)
{
    for (int octet = 0; octet < 256; octet++) {
        char line[] = {(char)octet, (char)octet};
        struct sf_record record = {
            .type = SF_RECORD_FAULT,
            .u.fault = {{"r", "f", 1}, "DATA", "send", {line, sizeof(line)}}};

        sf_buf_clear(&buf);
        sf_jsonl_put(&buf, &record);
        for (size_t i = 0; i + 1 < buf.len; i++) {
            cr_assert((unsigned char)buf.ptr[i] >= ' ' &&
                          (unsigned char)buf.ptr[i] < 0x80,
                      "octet %d", octet);
        }
        cr_assert_eq(buf.ptr[buf.len - 1], '\n', "octet %d", octet);
    }
}

Test(jsonl, a_line_that_does_not_fit_leaves_nothing_behind)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t len = strlen(samples[i].line);

        for (size_t limit = 0; limit < len; limit++) {
            struct sf_buf small;

            sf_buf_init(&small, 2 + limit);
            sf_buf_puts(&small, "x\n");
            sf_jsonl_put(&small, &samples[i].record);
            cr_assert_eq(small.failed, SF_ETOOBIG, "%s", samples[i].name);
            cr_assert_eq(small.len, 2, "%s", samples[i].name);
            sf_buf_fini(&small);
        }
    }
}
