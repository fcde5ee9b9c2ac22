/* report.c - the forms of a report, and the parts of which they are made. */
#include "verdict/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/slice.h"
#include "verdict/report_part.h"

#define COLOR_END "\033[0m"

#define US_PER_MS UINT64_C(1000)
#define US_PER_S  UINT64_C(1000000)

const struct sf_report_format sf_report_formats[] = {
#define X(name) {#name, sf_report_put_##name},
    SF_REPORT_MAP(X)
#undef X
};

const size_t sf_report_format_count =
    sizeof(sf_report_formats) / sizeof(sf_report_formats[0]);

static const struct sf_report_standing standings[] = {
    [SF_STANDING_MET] = {"met", "ok", SF_REPORT_GREEN},
    [SF_STANDING_FAILED] = {"failed", "FAIL", SF_REPORT_RED},
    [SF_STANDING_UNREACHED] = {"unreached", "MISS", SF_REPORT_YELLOW},
};

const struct sf_report_format *sf_report_find(struct sf_slice name)
{
    for (size_t i = 0; i < sf_report_format_count; i++) {
        if (sf_slice_eq_str(name, sf_report_formats[i].name)) {
            return &sf_report_formats[i];
        }
    }
    return NULL;
}

const struct sf_report_standing *sf_report_standing(enum sf_standing standing)
{
    return &standings[standing];
}

uint64_t sf_report_count(const struct sf_outcome *outcome,
                         enum sf_standing standing)
{
    uint64_t count = 0;

    for (size_t i = 0; i < outcome->result_count; i++) {
        count += outcome->results[i].standing == standing;
    }
    return count;
}

bool sf_report_find_other(const struct sf_outcome *outcome,
                          char actual[SF_REPORT_ACTUAL_SIZE],
                          struct sf_result *out_result)
{
    uint64_t met = sf_report_count(outcome, SF_STANDING_MET);
    bool is_unproved = outcome->exit_status == SF_REPORT_STATUS_UNPROVED;

    if (outcome->exit_status == 0 || met < outcome->result_count) {
        return false;
    }
    (void)snprintf(actual, SF_REPORT_ACTUAL_SIZE, "%d", outcome->exit_status);
    *out_result = (struct sf_result){
        .key = "status of the run",
        .expected = "0",
        .actual = actual,
        .standing = is_unproved ? SF_STANDING_UNREACHED : SF_STANDING_FAILED,
        .advice = is_unproved ? "nothing was reached, so nothing was proved"
                              : "no expectation says why; standard error does",
    };
    return true;
}

void sf_report_put(const struct sf_report_pen *pen, const char *text)
{
    sf_text_put_escaped(pen->buf, sf_slice_str(text), pen->escapes);
}

static void begin_color(const struct sf_report_pen *pen, const char *color)
{
    if (pen->has_color) {
        sf_buf_puts(pen->buf, color);
    }
}

static void end_color(const struct sf_report_pen *pen)
{
    begin_color(pen, COLOR_END);
}

void sf_report_put_in(const struct sf_report_pen *pen,
                      const char *color,
                      const char *words)
{
    begin_color(pen, color);
    sf_buf_puts(pen->buf, words);
    end_color(pen);
}

void sf_report_put_name(const struct sf_report_pen *pen,
                        const struct sf_result *result)
{
    if (result->label != NULL) {
        sf_report_put(pen, result->label);
        sf_report_put(pen, ": ");
    }
    sf_report_put(pen, result->key);
    sf_report_put(pen, " = ");
    sf_report_put(pen, result->expected);
}

void sf_report_put_seen(const struct sf_report_pen *pen,
                        const struct sf_result *result)
{
    if (result->text != NULL) {
        sf_report_put(pen, result->text);
    } else {
        sf_report_put(pen, "saw ");
        sf_report_put(pen, result->actual);
    }
}

void sf_report_put_seconds(struct sf_buf *buf, uint64_t us)
{
    sf_buf_printf(buf, "%" PRIu64 ".%03" PRIu64, us / US_PER_S,
                  us % US_PER_S / US_PER_MS);
}

static void put_session(const struct sf_report_pen *pen,
                        const struct sf_evidence *evidence)
{
    sf_buf_puts(pen->buf, pen->line_start);
    if (evidence->session > 0) {
        sf_buf_printf(pen->buf, "session %" PRIu64 ", ", evidence->session);
    }
    sf_buf_putc(pen->buf, '+');
    sf_report_put_seconds(pen->buf, evidence->t_us);
    sf_buf_puts(pen->buf, " s");
    sf_buf_puts(pen->buf, pen->line_end);
}

static void put_rule(const struct sf_report_pen *pen,
                     const struct sf_rule_ref *rule)
{
    if (rule->label == NULL) {
        return;
    }
    sf_report_put(pen, "  [");
    sf_report_put(pen, rule->label);
    sf_report_put(pen, ", ");
    sf_report_put(pen, rule->path);
    sf_report_put(pen, ":");
    sf_buf_printf(pen->buf, "%u", rule->line);
    sf_report_put(pen, "]");
}

static void put_said(const struct sf_report_pen *pen,
                     const struct sf_evidence *evidence)
{
    const char speaker[] = {evidence->side, evidence->side == '-' ? '-' : ':',
                            ' ', '\0'};

    sf_buf_puts(pen->buf, pen->line_start);
    sf_buf_puts(pen->buf, "  ");
    sf_report_put(pen, speaker);
    if (evidence->side == 'C') {
        begin_color(pen, SF_REPORT_BOLD);
    }
    sf_report_put(pen, evidence->text);
    if (evidence->side == 'C') {
        end_color(pen);
    }
    put_rule(pen, &evidence->rule);
    sf_buf_puts(pen->buf, pen->line_end);
}

/* Each session has a line above what was said in it. */
static void put_dialogue(const struct sf_report_pen *pen,
                         const struct sf_evidence *evidence,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || evidence[i].session != evidence[i - 1].session) {
            put_session(pen, &evidence[i]);
        }
        put_said(pen, &evidence[i]);
    }
}

void sf_report_put_proof(const struct sf_report_pen *pen,
                         const struct sf_result *result)
{
    put_dialogue(pen, result->evidence, result->evidence_count);
    if (result->advice != NULL) {
        sf_buf_puts(pen->buf, pen->line_start);
        sf_report_put(pen, result->advice);
        sf_buf_puts(pen->buf, pen->line_end);
    }
}

void sf_report_put_details(const struct sf_report_pen *pen,
                           const struct sf_result *result)
{
    sf_buf_puts(pen->buf, pen->line_start);
    sf_report_put_seen(pen, result);
    sf_buf_puts(pen->buf, pen->line_end);
    sf_report_put_proof(pen, result);
}

void sf_report_put_breach(const struct sf_report_pen *pen,
                          const struct sf_breach *breach)
{
    sf_report_put(pen, breach->text);
    sf_report_put(pen, " (");
    sf_report_put(pen, breach->level);
    sf_report_put(pen, ", ");
    sf_report_put(pen, breach->rfc);
    sf_report_put(pen, ")");
    if (breach->count > 1) {
        sf_report_put(pen, ", ");
        sf_buf_printf(pen->buf, "%" PRIu64 " times", breach->count);
    }
}

void sf_report_put_first(const struct sf_report_pen *pen,
                         const struct sf_breach *breach)
{
    put_dialogue(pen, &breach->first, 1);
}

static void
put_count(const struct sf_report_pen *pen, uint64_t count, const char *noun)
{
    sf_buf_printf(pen->buf, "%" PRIu64 " %s%s", count, noun,
                  count == 1 ? "" : "s");
    sf_report_put(pen, ", ");
}

void sf_report_put_summary(const struct sf_report_pen *pen,
                           const struct sf_outcome *outcome)
{
    static const char *const words[] = {
        [SF_STANDING_MET] = " met, ",
        [SF_STANDING_FAILED] = " failed, ",
        [SF_STANDING_UNREACHED] = " not reached; ",
    };

    for (int i = SF_STANDING_MET; i <= SF_STANDING_UNREACHED; i++) {
        sf_buf_put_u64(pen->buf, sf_report_count(outcome, (enum sf_standing)i));
        sf_report_put(pen, words[i]);
    }
    put_count(pen, outcome->sessions, "session");
    put_count(pen, outcome->messages, "message");
    sf_report_put_seconds(pen->buf, outcome->duration_us);
    sf_buf_printf(pen->buf, " s; status %d", outcome->exit_status);
}
