/* test_report.c - an outcome in each form, octet for octet.
 *
 * What is expected stands in tests/data/report, a file for each outcome and
 * form, where tools of each form read it too (tests/cli/test_reports.py).
 * SMTPFAULT_REGENERATE=1 writes these files anew: look at the difference. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "verdict/report.h"

#define LIMIT 1000000

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct sf_evidence gave_up[] = {
    {11, 1, 4005, 'C', "RCPT TO:<a@example.test>", {NULL, NULL, 0}},
    {13,
     1,
     4021,
     'S',
     "451 4.7.1 Greylisted, try again in 300 s",
     {"greylist", "greylist.ini", 19}},
    {14, 1, 5012, 'C', "QUIT", {NULL, NULL, 0}},
};

/* As docs/REPORTS.md shows it. */
static const struct sf_result sample_results[] = {
    {.label = "greylist",
     .key = "attempts",
     .expected = "2..3",
     .actual = "1",
     .path = "greylist.ini",
     .line = 25,
     .standing = SF_STANDING_FAILED,
     .text = "expected 2 to 3 transactions for <b@client.test> to "
             "<a@example.test>, saw 1",
     .advice = "the client gave up after a 4yz reply; RFC 5321 4.5.4.1 asks "
               "for a retry",
     .evidence = gave_up,
     .evidence_count = COUNT(gave_up)},
    {.key = "fired.greylist",
     .expected = "1..",
     .actual = "1",
     .standing = SF_STANDING_MET},
};

static const struct sf_breach sample_breach = {
    "SEQ-07",
    "SHOULD",
    "RFC 5321 2.3.5, 4.1.1.1, 4.1.4",
    "EHLO names the client by a full domain, or an address literal",
    1,
    {5, 1, 2011, 'C', "EHLO laptop", {NULL, NULL, 0}}};

static const struct sf_outcome sample = {
    .title = "Greylisting: an unknown triplet is deferred for five minutes",
    .scenario = "greylist.ini",
    .command = "./mailer --relay 127.0.0.1:40213",
    .results = sample_results,
    .result_count = COUNT(sample_results),
    .failed = 1,
    .breaches = &sample_breach,
    .breach_count = 1,
    .sessions = 1,
    .duration_us = 30002345,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 60,
    .exit_status = 1,
};

static const struct sf_evidence came_again[] = {
    {11, 1, 3905, 'S', "550 5.1.1 No such user", {"gone", "b.ini", 2}},
    {21, 2, 60004321, '-', "connect from 127.0.0.1:40214", {NULL, NULL, 0}},
    {22, 2, 60005012, 'C', "RCPT TO:<a@example.test>", {NULL, NULL, 0}},
    {23, 1, 60005013, 'C', "QUIT", {NULL, NULL, 0}},
};

static const struct sf_evidence said[] = {
    {30, 0, 61000000, '-', "stderr: gave up", {NULL, NULL, 0}}};

static const struct sf_result several_results[] = {
    {.key = "after-permanent",
     .expected = "stop",
     .actual = "1 more",
     .path = "b.ini",
     .line = 7,
     .standing = SF_STANDING_FAILED,
     .evidence = came_again,
     .evidence_count = COUNT(came_again)},
    {.label = "end",
     .key = "quit",
     .expected = "always",
     .actual = "always",
     .path = "b.ini",
     .line = 8,
     .standing = SF_STANDING_MET},
    {.key = "fired.gone",
     .expected = "1..",
     .actual = "1",
     .standing = SF_STANDING_MET},
    {.key = "fired.trap",
     .expected = "1..",
     .actual = "0",
     .path = "b.ini",
     .line = 31,
     .standing = SF_STANDING_UNREACHED,
     .text = "[trap, b.ini:31] was never reached",
     .advice = "send a message that reaches it"},
    {.key = "exit",
     .expected = "0",
     .actual = "75",
     .standing = SF_STANDING_FAILED,
     .evidence = said,
     .evidence_count = COUNT(said)},
};

static const struct sf_breach several_breaches[] = {
    {"SEQ-01",
     "SHOULD",
     "RFC 5321 4.3.1",
     "Nothing is sent before the greeting is there",
     2,
     {15, 1, 5555, '-', "closed by client, fin", {NULL, NULL, 0}}},
    {"LIN-01",
     "MUST",
     "RFC 5321 2.3.8",
     "Lines end in CR and LF",
     1,
     {18, 2, 6666, 'C', "RCPT TO:<a@example.test>\\x0a", {NULL, NULL, 0}}},
};

static const struct sf_outcome several = {
    .scenario = "b.ini",
    .results = several_results,
    .result_count = COUNT(several_results),
    .failed = 2,
    .unreached = 1,
    .breaches = several_breaches,
    .breach_count = COUNT(several_breaches),
    .sessions = 2,
    .duration_us = 61002345,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1,
    .exit_status = 1,
};

static const struct sf_outcome passed = {
    .scenario = "b.ini",
    .results = &several_results[1],
    .result_count = 2,
    .sessions = 2,
    .messages = 1,
    .duration_us = 7000,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = UINT64_MAX,
    .speed = 0.5,
};

static const struct sf_outcome unproved = {
    .scenario = "b.ini",
    .results = &several_results[1],
    .result_count = 3,
    .unreached = 1,
    .sessions = 1,
    .messages = 1,
    .duration_us = 999,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1,
    .exit_status = 4,
};

/* No expectation tells why the run ended with 3. */
static const struct sf_outcome broken = {
    .scenario = "b.ini",
    .results = &several_results[1],
    .result_count = 1,
    .duration_us = 1000000,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1,
    .exit_status = 3,
};

/* Nobody came, and no expectation is about that. */
static const struct sf_outcome nobody = {
    .scenario = "default.ini",
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1,
    .exit_status = 4,
};

static const struct sf_outcome empty = {
    .scenario = "default.ini",
    .duration_us = 1,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1,
};

/* Whatever can mean something in one of the forms. */
#define ODD                                                                    \
    "\"q\" 'a' <&> ]]> %0A ::error:: ,# TODO \\x0a \\\\ $(x) {[ \r\n\t"        \
    "\x01\x1b[31m\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7 \xff\xc3( "       \
    "\xc2\x85 \xef\xbf\xbe \xed\xa0\x80 ..."

static const struct sf_evidence odd_evidence[] = {
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, 'C', ODD, {ODD, ODD, 7}},
    {2, 0, 0, 'S', "\n::error::x", {NULL, NULL, 0}},
    {3, 0, 0, '-', "", {NULL, NULL, 0}},
};

static const struct sf_result odd_results[] = {
    {.label = ODD,
     .key = ODD,
     .expected = ODD,
     .actual = "",
     .path = ODD,
     .line = 4294967295u,
     .standing = SF_STANDING_FAILED,
     .text = ODD,
     .advice = ODD,
     .evidence = odd_evidence,
     .evidence_count = COUNT(odd_evidence)},
    {.key = "stdout",
     .expected = "",
     .actual = ODD,
     .standing = SF_STANDING_MET},
    {.key = "stderr",
     .expected = "",
     .actual = ODD,
     .standing = SF_STANDING_UNREACHED},
};

static const struct sf_breach odd_breach = {
    ODD, ODD, ODD, ODD, UINT64_MAX, {1, 1, 1, 'C', ODD, {ODD, ODD, 1}}};

static const struct sf_outcome odd = {
    .title = ODD,
    .scenario = ODD,
    .command = ODD,
    .results = odd_results,
    .result_count = COUNT(odd_results),
    .failed = 1,
    .unreached = 1,
    .breaches = &odd_breach,
    .breach_count = 1,
    .sessions = 1,
    .messages = 1,
    .duration_us = UINT64_MAX,
    .wall_clock = "2026-11-25T07:24:00Z",
    .seed = 1,
    .speed = 1e6,
    .exit_status = 1,
};

static const struct {
    const char *name;
    const struct sf_outcome *outcome;
} outcomes[] = {
    {"sample", &sample},     {"several", &several}, {"passed", &passed},
    {"unproved", &unproved}, {"broken", &broken},   {"nobody", &nobody},
    {"empty", &empty},       {"odd", &odd},
};

static void read_file(const char *path, struct sf_buf *out)
{
    char block[4096];
    size_t len;
    FILE *file = fopen(path, "rb");

    cr_assert_not_null(file, "%s", path);
    while ((len = fread(block, 1, sizeof(block), file)) > 0) {
        sf_buf_append(out, block, len);
    }
    (void)fclose(file);
}

static void write_file(const char *path, struct sf_slice text)
{
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(text.ptr, 1, text.len, file), text.len);
    cr_assert_eq(fclose(file), 0);
}

static void expect_report(const char *outcome_name,
                          const char *format_name,
                          sf_report_fn *put,
                          const struct sf_outcome *outcome)
{
    char path[200];
    struct sf_buf wanted;
    struct sf_buf report;

    (void)snprintf(path, sizeof(path), "tests/data/report/%s.%s", outcome_name,
                   format_name);
    sf_buf_init(&wanted, LIMIT);
    sf_buf_init(&report, LIMIT);
    put(&report, outcome);
    cr_assert_eq(report.failed, 0, "%s", path);
    if (getenv("SMTPFAULT_REGENERATE")) {
        write_file(path, sf_buf_slice(&report));
    }
    read_file(path, &wanted);
    cr_assert(sf_slice_eq(sf_buf_slice(&report), sf_buf_slice(&wanted)),
              "%s: got %.*s", path, (int)report.len, report.ptr);
    sf_buf_fini(&wanted);
    sf_buf_fini(&report);
}

Test(report, each_outcome_has_its_exact_text_in_each_form)
{
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        for (size_t k = 0; k < sf_report_format_count; k++) {
            expect_report(outcomes[i].name, sf_report_formats[k].name,
                          sf_report_formats[k].put, outcomes[i].outcome);
        }
    }
}

/* Drops what a terminal takes for itself: ESC [ digits and ; m. */
static void drop_colors(struct sf_buf *buf)
{
    size_t len = 0;

    for (size_t i = 0; i < buf->len; i++) {
        if (buf->ptr[i] == '\033') {
            i++;
            while (buf->ptr[i] != 'm') {
                i++;
            }
        } else {
            buf->ptr[len++] = buf->ptr[i];
        }
    }
    buf->len = len;
}

Test(report, colours_are_laid_over_the_text_and_change_nothing)
{
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        struct sf_buf plain;
        struct sf_buf colored;

        sf_buf_init(&plain, LIMIT);
        sf_buf_init(&colored, LIMIT);
        sf_report_put_text(&plain, outcomes[i].outcome);
        sf_report_put_colored(&colored, outcomes[i].outcome);
        cr_assert_null(memchr(plain.ptr, '\033', plain.len), "%s",
                       outcomes[i].name);
        cr_assert_not_null(memchr(colored.ptr, '\033', colored.len), "%s",
                           outcomes[i].name);
        drop_colors(&colored);
        cr_assert(sf_slice_eq(sf_buf_slice(&plain), sf_buf_slice(&colored)),
                  "%s", outcomes[i].name);
        sf_buf_fini(&plain);
        sf_buf_fini(&colored);
    }
    expect_report("sample", "colored", sf_report_put_colored, &sample);
}

/* Every octet, alone and in front of a letter, wherever a text can stand. */
Test(report, no_octet_ends_a_line_or_reaches_a_terminal)
{
    for (int octet = 1; octet < 256; octet++) {
        const char text[] = {(char)octet, 'x', (char)octet, '\0'};
        struct sf_result result = odd_results[0];
        struct sf_outcome outcome = odd;

        result.label = result.key = result.expected = result.text = text;
        result.path = result.advice = text;
        result.evidence_count = 0;
        outcome.title = outcome.scenario = outcome.command = text;
        outcome.results = &result;
        outcome.result_count = 1;
        outcome.breach_count = 0;
        for (size_t k = 0; k < sf_report_format_count; k++) {
            struct sf_buf report;
            size_t line_count = 0;
            static size_t usual_count[8];

            sf_buf_init(&report, LIMIT);
            sf_report_formats[k].put(&report, &outcome);
            for (size_t i = 0; i < report.len; i++) {
                unsigned char c = (unsigned char)report.ptr[i];

                line_count += c == '\n';
                cr_assert(c == '\n' || (c >= ' ' && c < 0x7f),
                          "%s has octet %u for %d", sf_report_formats[k].name,
                          c, octet);
            }
            usual_count[k] = octet == 1 ? line_count : usual_count[k];
            cr_assert_eq(line_count, usual_count[k], "%s, octet %d",
                         sf_report_formats[k].name, octet);
            sf_buf_fini(&report);
        }
    }
}

Test(report, a_report_that_does_not_fit_says_so)
{
    for (size_t k = 0; k < sf_report_format_count; k++) {
        struct sf_buf whole;

        sf_buf_init(&whole, LIMIT);
        sf_report_formats[k].put(&whole, &sample);
        for (size_t limit = 0; limit < whole.len; limit += 7) {
            struct sf_buf small;

            sf_buf_init(&small, limit);
            sf_report_formats[k].put(&small, &sample);
            cr_assert_eq(small.failed, SF_ETOOBIG, "%s, %zu",
                         sf_report_formats[k].name, limit);
            sf_buf_fini(&small);
        }
        sf_buf_fini(&whole);
    }
}

Test(report, formats_are_found_by_their_whole_name)
{
    static const char *const unknown[] = {"", "jso", "jsonl", "JSON", "xml"};

    for (size_t k = 0; k < sf_report_format_count; k++) {
        cr_assert_eq(sf_report_find(sf_slice_str(sf_report_formats[k].name)),
                     &sf_report_formats[k]);
    }
    for (size_t i = 0; i < COUNT(unknown); i++) {
        cr_assert_null(sf_report_find(sf_slice_str(unknown[i])), "%s",
                       unknown[i]);
    }
}
