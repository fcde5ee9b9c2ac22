/* report_junit.c - an outcome as JUnit XML (docs/report-junit.xsd).
 *
 * An expectation is a test case.  One that was not reached is an error, not
 * skipped: the run does not end with 0, so nobody should see it as good.
 *
 * Text of elements and values of attributes are escaped in the same way; of
 * control characters there are only the line ends that we put in text. */
#include <inttypes.h>

#include "base/slice.h"
#include "verdict/report_part.h"

/* `>` too, since "]]>" may not stand in text (XML 1.0, 2.4). */
static const struct sf_text_escape xml_escapes[] = {
    {'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
    {'"', "&quot;"}, {'\'', "&#39;"}, {'\0', NULL}};

static void begin_attribute(const struct sf_report_pen *pen, const char *name)
{
    sf_buf_putc(pen->buf, ' ');
    sf_buf_puts(pen->buf, name);
    sf_buf_puts(pen->buf, "=\"");
}

static void put_attribute(const struct sf_report_pen *pen,
                          const char *name,
                          const char *value)
{
    begin_attribute(pen, name);
    sf_report_put(pen, value);
    sf_buf_putc(pen->buf, '"');
}

static void
put_number(const struct sf_report_pen *pen, const char *name, uint64_t number)
{
    begin_attribute(pen, name);
    sf_buf_put_u64(pen->buf, number);
    sf_buf_putc(pen->buf, '"');
}

static void
put_time(const struct sf_report_pen *pen, const char *name, uint64_t us)
{
    begin_attribute(pen, name);
    sf_report_put_seconds(pen->buf, us);
    sf_buf_putc(pen->buf, '"');
}

/* Expectations of that standing, and the one that stands for the run. */
static uint64_t count_cases(const struct sf_outcome *outcome,
                            enum sf_standing standing)
{
    char actual[SF_REPORT_ACTUAL_SIZE];
    struct sf_result other;

    return sf_report_count(outcome, standing) +
           (sf_report_find_other(outcome, actual, &other) &&
            other.standing == standing);
}

static void put_counts(const struct sf_report_pen *pen,
                       const struct sf_outcome *outcome)
{
    uint64_t failures = count_cases(outcome, SF_STANDING_FAILED);
    uint64_t errors = count_cases(outcome, SF_STANDING_UNREACHED);

    put_number(pen, "tests",
               sf_report_count(outcome, SF_STANDING_MET) + failures + errors);
    put_number(pen, "failures", failures);
    put_number(pen, "errors", errors);
    put_number(pen, "skipped", 0);
    put_time(pen, "time", outcome->duration_us);
}

static void begin_property(const struct sf_report_pen *pen, const char *name)
{
    sf_buf_puts(pen->buf, "      <property");
    put_attribute(pen, "name", name);
}

static void put_text_property(const struct sf_report_pen *pen,
                              const char *name,
                              const char *value)
{
    if (value != NULL) {
        begin_property(pen, name);
        put_attribute(pen, "value", value);
        sf_buf_puts(pen->buf, "/>\n");
    }
}

static void put_number_property(const struct sf_report_pen *pen,
                                const char *name,
                                uint64_t value)
{
    begin_property(pen, name);
    put_number(pen, "value", value);
    sf_buf_puts(pen->buf, "/>\n");
}

static void put_properties(const struct sf_report_pen *pen,
                           const struct sf_outcome *outcome)
{
    sf_buf_puts(pen->buf, "    <properties>\n");
    put_text_property(pen, "title", outcome->title);
    put_text_property(pen, "command", outcome->command);
    put_number_property(pen, "seed", outcome->seed);
    begin_property(pen, "speed");
    begin_attribute(pen, "value");
    sf_buf_printf(pen->buf, "%.15g\"/>\n", outcome->speed);
    put_number_property(pen, "sessions", outcome->sessions);
    put_number_property(pen, "messages", outcome->messages);
    put_number_property(pen, "exit_status", (uint64_t)outcome->exit_status);
    sf_buf_puts(pen->buf, "    </properties>\n");
}

/* What an expectation that was not met is to JUnit; NULL: nothing. */
static const char *const elements[] = {
    [SF_STANDING_MET] = NULL,
    [SF_STANDING_FAILED] = "failure",
    [SF_STANDING_UNREACHED] = "error",
};

static void put_case(const struct sf_report_pen *pen,
                     const struct sf_outcome *outcome,
                     const struct sf_result *result)
{
    const char *element = elements[result->standing];

    sf_buf_puts(pen->buf, "    <testcase");
    put_attribute(pen, "classname", outcome->scenario);
    begin_attribute(pen, "name");
    sf_report_put_name(pen, result);
    sf_buf_putc(pen->buf, '"');
    put_time(pen, "time", 0);
    if (result->path != NULL) {
        put_attribute(pen, "file", result->path);
        put_number(pen, "line", result->line);
    }
    if (element == NULL) {
        sf_buf_puts(pen->buf, "/>\n");
        return;
    }
    sf_buf_printf(pen->buf, ">\n      <%s", element);
    put_attribute(pen, "type", result->key);
    begin_attribute(pen, "message");
    sf_report_put_seen(pen, result);
    sf_buf_puts(pen->buf, "\">");
    sf_report_put_details(pen, result);
    sf_buf_printf(pen->buf, "</%s>\n    </testcase>\n", element);
}

static void put_cases(const struct sf_report_pen *pen,
                      const struct sf_outcome *outcome)
{
    char actual[SF_REPORT_ACTUAL_SIZE];
    struct sf_result other;

    for (size_t i = 0; i < outcome->result_count; i++) {
        put_case(pen, outcome, &outcome->results[i]);
    }
    if (sf_report_find_other(outcome, actual, &other)) {
        put_case(pen, outcome, &other);
    }
}

static void put_breaches(const struct sf_report_pen *pen,
                         const struct sf_outcome *outcome)
{
    if (outcome->breach_count == 0) {
        return;
    }
    sf_buf_puts(pen->buf, "    <system-out>");
    for (size_t i = 0; i < outcome->breach_count; i++) {
        sf_report_put(pen, outcome->breaches[i].id);
        sf_report_put(pen, ": ");
        sf_report_put_breach(pen, &outcome->breaches[i]);
        sf_buf_putc(pen->buf, '\n');
        sf_report_put_first(pen, &outcome->breaches[i]);
    }
    sf_buf_puts(pen->buf, "</system-out>\n");
}

void sf_report_put_junit(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    const struct sf_report_pen pen = {
        .buf = buf, .escapes = xml_escapes, .line_start = "", .line_end = "\n"};

    sf_buf_puts(buf,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites name=\"smtpfault\"");
    put_counts(&pen, outcome);
    sf_buf_puts(buf, ">\n  <testsuite");
    put_attribute(&pen, "name", outcome->scenario);
    put_counts(&pen, outcome);
    put_attribute(&pen, "timestamp", outcome->wall_clock);
    sf_buf_puts(buf, ">\n");
    put_properties(&pen, outcome);
    put_cases(&pen, outcome);
    put_breaches(&pen, outcome);
    sf_buf_puts(buf, "  </testsuite>\n</testsuites>\n");
}
