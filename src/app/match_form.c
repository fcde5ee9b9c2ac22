/* match_form.c - what `match` prints, for people and for programs. */
#include "app/match_form.h"

#include "base/slice.h"
#include "base/text.h"

/* Of the value of an action, in text. */
#define VALUE_SHOWN_BYTES 64

/* The rule that answers; NULL: the default does. */
static const struct sf_rule *find_taker(const struct sf_turn *turn)
{
    for (const struct sf_turn_rule *entry = turn->rules; entry;
         entry = entry->next) {
        if (entry->outcome == SF_TRACE_APPLIES && entry->rule->is_taker) {
            return entry->rule;
        }
    }
    return NULL;
}

static bool is_applied(const struct sf_turn_rule *entry)
{
    return entry->outcome == SF_TRACE_APPLIES && !entry->rule->is_taker;
}

/* Text. */

static void
put_rule(struct sf_buf *out, const char *what, const struct sf_rule *rule)
{
    sf_buf_printf(out, "   %s%s (%s:%u)", what, rule->label, rule->path,
                  rule->line);
}

static void put_head(struct sf_buf *out, const struct sf_turn *turn)
{
    if (turn->command) {
        sf_buf_puts(out, "C: ");
        sf_text_put_printable(out, sf_slice_str(turn->command));
        sf_buf_puts(out, turn->is_implied ? "  (implied)\n" : "\n");
    } else {
        sf_buf_printf(out, "[%s]\n", turn->event ? turn->event : "unasked");
    }
}

/* Of a reply of several lines the first. */
static void put_lines(struct sf_buf *out, const struct sf_turn *turn)
{
    bool is_first = true;

    if (turn->event && !turn->lines) {
        sf_buf_puts(out, "   no reply\n");
    }
    for (const struct sf_turn_line *line = turn->lines; line;
         line = line->next) {
        if (is_first) {
            sf_buf_puts(out, "S: ");
            sf_text_put_printable(out, line->text);
            sf_buf_puts(out, line->is_last ? "" : " ...");
            if (line->after_us > 0) {
                sf_buf_puts(out, "  (after ");
                sf_text_put_duration(out, line->after_us);
                sf_buf_putc(out, ')');
            }
            sf_buf_putc(out, '\n');
        }
        is_first = line->is_last;
    }
}

static void put_rules(struct sf_buf *out, const struct sf_turn *turn)
{
    const struct sf_rule *taker = find_taker(turn);

    if (taker) {
        put_rule(out, "taken by ", taker);
        sf_buf_putc(out, '\n');
    } else if (turn->event) {
        sf_buf_puts(out, "   default\n");
    }
    for (const struct sf_turn_rule *entry = turn->rules; entry;
         entry = entry->next) {
        if (is_applied(entry)) {
            put_rule(out, "applies: ", entry->rule);
            sf_buf_putc(out, '\n');
        } else if (entry->rule != taker) {
            put_rule(out, "not ", entry->rule);
            sf_buf_printf(out, ": %s\n", entry->why);
        }
    }
}

/* A long value is cut: `send` may have octets without end. */
static void put_fault(struct sf_buf *out, const struct sf_turn_fault *fault)
{
    struct sf_slice value = fault->value;
    bool is_long = value.len > VALUE_SHOWN_BYTES;

    value.len = is_long ? VALUE_SHOWN_BYTES : value.len;
    sf_buf_printf(out, "   does %s = ", fault->action);
    sf_text_put_printable(out, value);
    sf_buf_puts(out, is_long ? " ...\n" : "\n");
}

void sf_match_put_text(struct sf_buf *out, const struct sf_turn *turn)
{
    put_head(out, turn);
    put_lines(out, turn);
    put_rules(out, turn);
    for (const struct sf_turn_fault *fault = turn->faults; fault;
         fault = fault->next) {
        put_fault(out, fault);
    }
    if (turn->note) {
        sf_buf_printf(out, "   %s\n", turn->note);
    }
}

/* JSON. */

static void put_string(struct sf_buf *out, const char *text)
{
    if (text) {
        sf_text_put_json(out, sf_slice_str(text));
    } else {
        sf_buf_puts(out, "null");
    }
}

/* `"rule":"label","at":"file:line"` */
static void put_rule_keys(struct sf_buf *out, const struct sf_rule *rule)
{
    struct sf_buf at;

    sf_buf_puts(out, "\"rule\":");
    put_string(out, rule ? rule->label : NULL);
    sf_buf_puts(out, ",\"at\":");
    if (!rule) {
        sf_buf_puts(out, "null");
        return;
    }
    sf_buf_init(&at, out->limit);
    sf_buf_printf(&at, "%s:%u", rule->path, rule->line);
    sf_text_put_json(out, sf_buf_slice(&at));
    sf_buf_fini(&at);
}

static void put_reply_keys(struct sf_buf *out, const struct sf_turn *turn)
{
    uint64_t after_us = 0;

    sf_buf_puts(out, ",\"reply\":[");
    for (const struct sf_turn_line *line = turn->lines; line;
         line = line->next) {
        sf_text_put_json(out, line->text);
        sf_buf_puts(out, line->next ? "," : "");
        after_us = line->after_us;
    }
    sf_buf_printf(out, "],\"after\":%.6f,", (double)after_us / 1e6);
}

/* Those that apply without taking, or those that have no say. */
static void put_entries(struct sf_buf *out,
                        const struct sf_turn *turn,
                        const char *key,
                        bool wants_applied)
{
    const struct sf_rule *taker = find_taker(turn);
    const char *comma = "";

    sf_buf_printf(out, ",\"%s\":[", key);
    for (const struct sf_turn_rule *entry = turn->rules; entry;
         entry = entry->next) {
        if (is_applied(entry) != wants_applied || entry->rule == taker) {
            continue;
        }
        sf_buf_printf(out, "%s{", comma);
        put_rule_keys(out, entry->rule);
        if (!wants_applied) {
            sf_buf_puts(out, ",\"why\":");
            put_string(out, entry->why);
        }
        sf_buf_putc(out, '}');
        comma = ",";
    }
    sf_buf_putc(out, ']');
}

static void put_faults(struct sf_buf *out, const struct sf_turn *turn)
{
    sf_buf_puts(out, ",\"faults\":[");
    for (const struct sf_turn_fault *fault = turn->faults; fault;
         fault = fault->next) {
        sf_buf_puts(out, "{\"action\":");
        put_string(out, fault->action);
        sf_buf_puts(out, ",\"value\":");
        sf_text_put_json(out, fault->value);
        sf_buf_puts(out, fault->next ? "}," : "}");
    }
    sf_buf_putc(out, ']');
}

void sf_match_put_json(struct sf_buf *out, const struct sf_turn *turn)
{
    sf_buf_puts(out, "{\"command\":");
    put_string(out, turn->command);
    sf_buf_puts(out, ",\"event\":");
    put_string(out, turn->event);
    put_reply_keys(out, turn);
    put_rule_keys(out, find_taker(turn));
    put_entries(out, turn, "applied", true);
    put_entries(out, turn, "others", false);
    put_faults(out, turn);
    sf_buf_printf(
        out, ",\"implied\":%s,\"note\":", turn->is_implied ? "true" : "false");
    put_string(out, turn->note);
    sf_buf_puts(out, "}\n");
}
