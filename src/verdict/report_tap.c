/* report_tap.c - an outcome as TAP 13, with diagnostics in YAML.
 *
 * The strings of YAML are those of JSON, as far as we need them: double quotes,
 * and a backslash before a quote or backslash. */
#include <inttypes.h>

#include "base/json.h"
#include "base/slice.h"
#include "verdict/report_part.h"

/* Behind a `#` would be a directive, such as TODO. */
static const struct sf_text_escape line_escapes[] = {
    {'#', "\\#"}, {'\\', "\\\\"}, {'\0', NULL}};

static const struct sf_text_escape quoted_escapes[] = {
    {'"', "\\\""}, {'\\', "\\\\"}, {'\0', NULL}};

/* Within a comment nothing has a meaning. */
static const struct sf_text_escape no_escapes[] = {{'\0', NULL}};

static void put_string(struct sf_buf *buf, const char *key, const char *text)
{
    sf_buf_printf(buf, "  %s: ", key);
    sf_json_put_string(buf, sf_slice_str(text));
    sf_buf_putc(buf, '\n');
}

static void put_diagnostics(struct sf_buf *buf, const struct sf_result *result)
{
    const struct sf_report_pen list = {.buf = buf,
                                       .escapes = quoted_escapes,
                                       .line_start = "    - \"",
                                       .line_end = "\"\n"};

    sf_buf_puts(buf, "  ---\n");
    put_string(buf, "standing", sf_report_standing(result->standing)->word);
    put_string(buf, "expected", result->expected);
    put_string(buf, "actual", result->actual);
    if (result->path != NULL) {
        put_string(buf, "file", result->path);
        sf_buf_printf(buf, "  line: %u\n", result->line);
    }
    sf_buf_puts(buf, "  details:\n");
    sf_report_put_details(&list, result);
    sf_buf_puts(buf, "  ...\n");
}

static void
put_test(struct sf_buf *buf, size_t number, const struct sf_result *result)
{
    const struct sf_report_pen pen = {.buf = buf, .escapes = line_escapes};
    bool is_met = result->standing == SF_STANDING_MET;

    sf_buf_printf(buf, "%s %zu - ", is_met ? "ok" : "not ok", number);
    sf_report_put_name(&pen, result);
    sf_buf_putc(buf, '\n');
    if (!is_met) {
        put_diagnostics(buf, result);
    }
}

static void put_comments(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    const struct sf_report_pen pen = {.buf = buf,
                                      .escapes = no_escapes,
                                      .line_start = "#   ",
                                      .line_end = "\n"};

    for (size_t i = 0; i < outcome->breach_count; i++) {
        sf_buf_puts(buf, "# ");
        sf_report_put(&pen, outcome->breaches[i].id);
        sf_buf_puts(buf, ": ");
        sf_report_put_breach(&pen, &outcome->breaches[i]);
        sf_buf_putc(buf, '\n');
        sf_report_put_first(&pen, &outcome->breaches[i]);
    }
    sf_buf_puts(buf, "# ");
    sf_report_put(&pen, outcome->scenario);
    sf_buf_puts(buf, ": ");
    sf_report_put_summary(&pen, outcome);
    sf_buf_putc(buf, '\n');
}

void sf_report_put_tap(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    char actual[SF_REPORT_ACTUAL_SIZE];
    struct sf_result other;
    bool has_other = sf_report_find_other(outcome, actual, &other);
    size_t count = outcome->result_count;

    sf_buf_printf(buf, "TAP version 13\n1..%zu%s\n", count + has_other,
                  count + has_other > 0 ? "" : " # SKIP no expectations");
    for (size_t i = 0; i < count; i++) {
        put_test(buf, i + 1, &outcome->results[i]);
    }
    if (has_other) {
        put_test(buf, count + 1, &other);
    }
    put_comments(buf, outcome);
}
