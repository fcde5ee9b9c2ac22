/* report_text.c - an outcome for people.
 *
 * What was met comes first and in a line each, so that what went wrong stands
 * at the end, where a terminal shows it. */
#include "base/slice.h"
#include "verdict/report_part.h"

static const struct sf_text_escape no_escapes[] = {{'\0', NULL}};

/* What the status of a run is called. */
struct ending {
    int exit_status;
    const char *word;
    const char *color;
};

/* The last one is any other status. */
static const struct ending endings[] = {
    {0, "PASSED", SF_REPORT_GREEN},
    {SF_REPORT_STATUS_UNPROVED, "NOTHING PROVED", SF_REPORT_YELLOW},
    {-1, "FAILED", SF_REPORT_RED},
};

/* `FAIL  `: six columns, whatever the word. */
static void
put_tag(const struct sf_report_pen *pen, const char *color, const char *word)
{
    sf_report_put_in(pen, color, word);
    sf_buf_printf(pen->buf, "%*s", 6 - (int)sf_slice_str(word).len, "");
}

static void put_heading(const struct sf_report_pen *pen,
                        const struct sf_result *result)
{
    const struct sf_report_standing *standing =
        sf_report_standing(result->standing);

    put_tag(pen, standing->color, standing->tag);
    sf_report_put_name(pen, result);
}

static void put_met(const struct sf_report_pen *pen,
                    const struct sf_result *result)
{
    put_heading(pen, result);
    if (!sf_slice_eq_str(sf_slice_str(result->actual), result->expected)) {
        sf_buf_puts(pen->buf, ", saw ");
        sf_report_put(pen, result->actual);
    }
    sf_buf_putc(pen->buf, '\n');
}

static void put_missed(const struct sf_report_pen *pen,
                       const struct sf_result *result)
{
    put_heading(pen, result);
    sf_buf_putc(pen->buf, '\n');
    sf_report_put_details(pen, result);
}

static void put_results(const struct sf_report_pen *pen,
                        const struct sf_outcome *outcome)
{
    char actual[SF_REPORT_ACTUAL_SIZE];
    struct sf_result other;

    for (size_t i = 0; i < outcome->result_count; i++) {
        if (outcome->results[i].standing == SF_STANDING_MET) {
            put_met(pen, &outcome->results[i]);
        }
    }
    for (size_t i = 0; i < outcome->result_count; i++) {
        if (outcome->results[i].standing != SF_STANDING_MET) {
            put_missed(pen, &outcome->results[i]);
        }
    }
    if (sf_report_find_other(outcome, actual, &other)) {
        put_missed(pen, &other);
    }
}

static void put_breaches(const struct sf_report_pen *pen,
                         const struct sf_outcome *outcome)
{
    for (size_t i = 0; i < outcome->breach_count; i++) {
        const struct sf_breach *breach = &outcome->breaches[i];

        put_tag(pen, SF_REPORT_MAGENTA, "note");
        sf_report_put(pen, breach->id);
        sf_buf_puts(pen->buf, ": ");
        sf_report_put_breach(pen, breach);
        sf_buf_putc(pen->buf, '\n');
        sf_report_put_first(pen, breach);
    }
}

static void put_ending(const struct sf_report_pen *pen,
                       const struct sf_outcome *outcome)
{
    const struct ending *ending = endings;

    while (ending->exit_status >= 0 &&
           ending->exit_status != outcome->exit_status) {
        ending++;
    }
    sf_report_put_in(pen, ending->color, ending->word);
    sf_buf_puts(pen->buf, "  ");
    sf_report_put(pen, outcome->scenario);
    sf_buf_puts(pen->buf, ": ");
    sf_report_put_summary(pen, outcome);
    sf_buf_putc(pen->buf, '\n');
}

static void
put_report(struct sf_buf *buf, const struct sf_outcome *outcome, bool has_color)
{
    const struct sf_report_pen pen = {.buf = buf,
                                      .escapes = no_escapes,
                                      .line_start = "      ",
                                      .line_end = "\n",
                                      .has_color = has_color};

    put_results(&pen, outcome);
    put_breaches(&pen, outcome);
    put_ending(&pen, outcome);
}

void sf_report_put_text(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    put_report(buf, outcome, false);
}

void sf_report_put_colored(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    put_report(buf, outcome, true);
}
