/* report_github.c - an outcome as annotations of GitHub Actions.
 *
 * Each is one line, a workflow command: what is not met is an error at its
 * place in the scenario, a client rule that was broken a warning, and at the
 * end stands a notice. */
#include <inttypes.h>

#include "base/slice.h"
#include "verdict/report_part.h"

#define NEWLINE "%0A"

/* In a message nothing but `%` has a meaning; line ends are ours. */
static const struct sf_text_escape message_escapes[] = {{'%', "%25"},
                                                        {'\0', NULL}};

static const struct sf_text_escape property_escapes[] = {
    {'%', "%25"}, {':', "%3A"}, {',', "%2C"}, {'\0', NULL}};

static void put_result(struct sf_buf *buf, const struct sf_result *result)
{
    const struct sf_report_pen property = {.buf = buf,
                                           .escapes = property_escapes};
    const struct sf_report_pen message = {.buf = buf,
                                          .escapes = message_escapes,
                                          .line_start = NEWLINE,
                                          .line_end = ""};

    sf_buf_puts(buf, "::error ");
    if (result->path != NULL) {
        sf_buf_puts(buf, "file=");
        sf_report_put(&property, result->path);
        sf_buf_printf(buf, ",line=%u,", result->line);
    }
    sf_buf_puts(buf, "title=");
    sf_report_put_name(&property, result);
    sf_buf_puts(buf, "::");
    sf_report_put_seen(&message, result);
    sf_report_put_proof(&message, result);
    sf_buf_putc(buf, '\n');
}

static void put_results(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    char actual[SF_REPORT_ACTUAL_SIZE];
    struct sf_result other;

    for (size_t i = 0; i < outcome->result_count; i++) {
        if (outcome->results[i].standing != SF_STANDING_MET) {
            put_result(buf, &outcome->results[i]);
        }
    }
    if (sf_report_find_other(outcome, actual, &other)) {
        put_result(buf, &other);
    }
}

static void put_breach(struct sf_buf *buf, const struct sf_breach *breach)
{
    const struct sf_report_pen property = {.buf = buf,
                                           .escapes = property_escapes};
    const struct sf_report_pen message = {.buf = buf,
                                          .escapes = message_escapes,
                                          .line_start = NEWLINE,
                                          .line_end = ""};

    sf_buf_puts(buf, "::warning title=");
    sf_report_put(&property, breach->id);
    sf_buf_puts(buf, "::");
    sf_report_put_breach(&message, breach);
    sf_report_put_first(&message, breach);
    sf_buf_putc(buf, '\n');
}

void sf_report_put_github(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    const struct sf_report_pen property = {.buf = buf,
                                           .escapes = property_escapes};
    const struct sf_report_pen message = {.buf = buf,
                                          .escapes = message_escapes};

    put_results(buf, outcome);
    for (size_t i = 0; i < outcome->breach_count; i++) {
        put_breach(buf, &outcome->breaches[i]);
    }
    sf_buf_puts(buf, "::notice title=");
    sf_report_put(&property, outcome->scenario);
    sf_buf_puts(buf, "::");
    sf_report_put_summary(&message, outcome);
    sf_buf_putc(buf, '\n');
}
