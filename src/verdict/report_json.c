/* report_json.c - an outcome as one JSON object (docs/report.schema.json).
 *
 * It stands in one line, and a key that does not apply is left out, as in the
 * journal. */
#include <inttypes.h>

#include "base/json.h"
#include "base/slice.h"
#include "verdict/report_part.h"

static void put_text(struct sf_buf *buf, const char *key, const char *text)
{
    if (text != NULL) {
        sf_json_put_key(buf, key);
        sf_json_put_string(buf, sf_slice_str(text));
    }
}

static void put_place(struct sf_buf *buf, const char *path, unsigned line)
{
    put_text(buf, "at", path);
    if (path != NULL && buf->failed == 0) {
        buf->len--; /* The string goes on behind its closing quote. */
        sf_buf_printf(buf, ":%u\"", line);
    }
}

static void put_side(struct sf_buf *buf, char side)
{
    if (side == 'C') {
        put_text(buf, "by", sf_record_end_by_name(SF_END_BY_CLIENT));
    } else if (side == 'S') {
        put_text(buf, "by", sf_record_end_by_name(SF_END_BY_SERVER));
    }
}

static void put_evidence(struct sf_buf *buf, const struct sf_evidence *evidence)
{
    sf_json_open(buf, '{');
    sf_json_put_number(buf, "line", evidence->line);
    if (evidence->session > 0) {
        sf_json_put_number(buf, "session", evidence->session);
    }
    sf_json_put_seconds(buf, "t", evidence->t_us);
    put_side(buf, evidence->side);
    put_text(buf, "text", evidence->text);
    if (evidence->rule.label != NULL) {
        put_text(buf, "rule", evidence->rule.label);
        put_place(buf, evidence->rule.path, evidence->rule.line);
    }
    sf_buf_putc(buf, '}');
}

static void put_result(struct sf_buf *buf, const struct sf_result *result)
{
    sf_json_open(buf, '{');
    put_text(buf, "label", result->label);
    put_text(buf, "key", result->key);
    put_text(buf, "expected", result->expected);
    put_text(buf, "actual", result->actual);
    sf_json_put_bool(buf, "ok", result->standing == SF_STANDING_MET);
    put_text(buf, "standing", sf_report_standing(result->standing)->word);
    put_place(buf, result->path, result->line);
    put_text(buf, "text", result->text);
    put_text(buf, "advice", result->advice);
    sf_json_put_key(buf, "evidence");
    sf_json_open(buf, '[');
    for (size_t i = 0; i < result->evidence_count; i++) {
        put_evidence(buf, &result->evidence[i]);
    }
    sf_buf_puts(buf, "]}");
}

static void put_breach(struct sf_buf *buf, const struct sf_breach *breach)
{
    sf_json_open(buf, '{');
    put_text(buf, "id", breach->id);
    put_text(buf, "level", breach->level);
    put_text(buf, "rfc", breach->rfc);
    put_text(buf, "text", breach->text);
    sf_json_put_number(buf, "count", breach->count);
    sf_json_put_key(buf, "first");
    put_evidence(buf, &breach->first);
    sf_buf_putc(buf, '}');
}

static void put_run(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    sf_json_put_number(buf, "schema", SF_REPORT_SCHEMA);
    put_text(buf, "title", outcome->title);
    put_text(buf, "scenario", outcome->scenario);
    put_text(buf, "command", outcome->command);
    put_text(buf, "time", outcome->wall_clock);
    sf_json_put_number(buf, "seed", outcome->seed);
    sf_json_put_factor(buf, "speed", outcome->speed);
    sf_json_put_seconds(buf, "duration", outcome->duration_us);
    sf_json_put_number(buf, "sessions", outcome->sessions);
    sf_json_put_number(buf, "messages", outcome->messages);
    sf_json_put_bool(buf, "ok", outcome->exit_status == 0);
    sf_json_put_number(buf, "met", sf_report_count(outcome, SF_STANDING_MET));
    sf_json_put_number(buf, "failed",
                       sf_report_count(outcome, SF_STANDING_FAILED));
    sf_json_put_number(buf, "unreached",
                       sf_report_count(outcome, SF_STANDING_UNREACHED));
    sf_json_put_number(buf, "exit_status", (uint64_t)outcome->exit_status);
}

void sf_report_put_json(struct sf_buf *buf, const struct sf_outcome *outcome)
{
    sf_buf_putc(buf, '{');
    put_run(buf, outcome);
    sf_json_put_key(buf, "expectations");
    sf_json_open(buf, '[');
    for (size_t i = 0; i < outcome->result_count; i++) {
        put_result(buf, &outcome->results[i]);
    }
    sf_buf_putc(buf, ']');
    sf_json_put_key(buf, "violations");
    sf_json_open(buf, '[');
    for (size_t i = 0; i < outcome->breach_count; i++) {
        put_breach(buf, &outcome->breaches[i]);
    }
    sf_buf_puts(buf, "]}\n");
}
