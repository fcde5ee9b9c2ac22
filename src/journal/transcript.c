/* transcript.c - records as a dialogue that people read.
 *
 * Colour is laid over what was said only, never over the lead or the rule, so
 * that a page of it stays calm.  Escape sequences are ours alone: what came
 * from the network or from a scenario is made printable first. */
#include "journal/transcript.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/slice.h"
#include "base/text.h"

#define US_PER_MS UINT64_C(1000)
#define US_PER_S  UINT64_C(1000000)

#define SECONDS_SIZE 25 /* 20 digits, dot, 3 digits, NUL */

#define RECIPIENTS_SHOWN 5 /* of a message; the others are counted */

#define COLOR_BOLD    "\033[1m"
#define COLOR_RED     "\033[31m"
#define COLOR_GREEN   "\033[32m"
#define COLOR_YELLOW  "\033[33m"
#define COLOR_MAGENTA "\033[35m"
#define COLOR_END     "\033[0m"

/* Where lines go, and how. */
struct page {
    struct sf_buf *buf;
    const struct sf_record *record;
    bool has_color;
};

static void begin_color(const struct page *page, const char *color)
{
    if (page->has_color) {
        sf_buf_puts(page->buf, color);
    }
}

static void end_color(const struct page *page)
{
    if (page->has_color) {
        sf_buf_puts(page->buf, COLOR_END);
    }
}

static const char *format_seconds(uint64_t us, char out[SECONDS_SIZE])
{
    (void)snprintf(out, SECONDS_SIZE, "%" PRIu64 ".%03" PRIu64, us / US_PER_S,
                   us % US_PER_S / US_PER_MS);
    return out;
}

static void put_lead(const struct page *page, const char *speaker)
{
    char seconds[1 + SECONDS_SIZE] = "+";

    (void)format_seconds(page->record->t_us, seconds + 1);
    sf_buf_printf(page->buf, "%10s %4" PRIu64 "  %s ", seconds,
                  page->record->session, speaker);
}

static void put_rule(const struct page *page, const struct sf_rule_ref *rule)
{
    if (rule->label == NULL) {
        return;
    }
    sf_buf_puts(page->buf, "  [");
    sf_text_put_printable(page->buf, sf_slice_str(rule->label));
    sf_buf_puts(page->buf, ", ");
    sf_text_put_printable(page->buf, sf_slice_str(rule->path));
    sf_buf_printf(page->buf, ":%u]", rule->line);
}

static void put_connect(const struct page *page)
{
    const struct sf_record *record = page->record;

    put_lead(page, "--");
    sf_buf_puts(page->buf, "connect from ");
    sf_text_put_printable(page->buf, sf_slice_str(record->u.connect.peer));
    if (record->listener != NULL) {
        sf_buf_puts(page->buf, " to ");
        sf_text_put_printable(page->buf, sf_slice_str(record->listener));
    }
    sf_buf_putc(page->buf, '\n');
}

static void put_disconnect(const struct page *page)
{
    const struct sf_record *record = page->record;
    char seconds[SECONDS_SIZE];

    put_lead(page, "--");
    sf_buf_printf(
        page->buf,
        "closed by %s, %s: %s s, %" PRIu64 " octets in, %" PRIu64 " out",
        sf_record_end_by_name(record->u.disconnect.by),
        sf_record_end_how_name(record->u.disconnect.how),
        format_seconds(record->u.disconnect.duration_us, seconds),
        record->u.disconnect.bytes_in, record->u.disconnect.bytes_out);
    if (record->u.disconnect.unread > 0) {
        sf_buf_printf(page->buf, ", %" PRIu64 " unread",
                      record->u.disconnect.unread);
    }
    if (record->u.disconnect.waiting.label != NULL) {
        sf_buf_printf(page->buf, ", while %s waited",
                      record->u.disconnect.waiting.label);
    }
    sf_buf_putc(page->buf, '\n');
}

static void put_command(const struct page *page)
{
    put_lead(page, "C:");
    begin_color(page, COLOR_BOLD);
    sf_text_put_printable(page->buf, page->record->u.command.line);
    end_color(page);
    sf_buf_putc(page->buf, '\n');
}

static const char *choose_color(int code)
{
    switch (code / 100) {
    case 2:
    case 3:
        return COLOR_GREEN;
    case 4:
        return COLOR_YELLOW;
    case 5:
        return COLOR_RED;
    default:
        return "";
    }
}

static void put_reply(const struct page *page)
{
    const struct sf_record *record = page->record;
    size_t count = record->u.reply.line_count;

    for (size_t i = 0; i < count; i++) {
        put_lead(page, "S:");
        begin_color(page, choose_color(record->u.reply.code));
        sf_text_put_printable(page->buf, record->u.reply.lines[i]);
        end_color(page);
        if (i + 1 == count) {
            put_rule(page, &record->u.reply.rule);
        }
        sf_buf_putc(page->buf, '\n');
    }
}

static void put_auth(const struct page *page)
{
    const struct sf_record *record = page->record;

    put_lead(page, "--");
    begin_color(page, record->u.auth.is_ok ? COLOR_GREEN : COLOR_RED);
    sf_buf_puts(page->buf,
                record->u.auth.is_ok ? "logged in" : "not logged in");
    if (record->u.auth.user.len > 0) {
        sf_buf_puts(page->buf, " as ");
        sf_text_put_printable(page->buf, record->u.auth.user);
    }
    if (record->u.auth.mechanism != NULL) {
        sf_buf_puts(page->buf, " by ");
        sf_buf_puts(page->buf, record->u.auth.mechanism);
    }
    end_color(page);
    sf_buf_putc(page->buf, '\n');
}

static void put_fault(const struct page *page)
{
    const struct sf_record *record = page->record;

    put_lead(page, "--");
    begin_color(page, COLOR_MAGENTA);
    sf_text_put_printable(page->buf, sf_slice_str(record->u.fault.action));
    sf_buf_putc(page->buf, ' ');
    sf_text_put_printable(page->buf, record->u.fault.value);
    end_color(page);
    put_rule(page, &record->u.fault.rule);
    sf_buf_putc(page->buf, '\n');
}

static void
put_if(const struct page *page, const char *before, const char *text)
{
    if (text != NULL) {
        sf_buf_puts(page->buf, before);
        sf_text_put_printable(page->buf, sf_slice_str(text));
    }
}

static void put_tls(const struct page *page)
{
    const struct sf_record *record = page->record;

    put_lead(page, "--");
    sf_buf_puts(page->buf, record->u.tls.ok ? "TLS is up" : "no TLS");
    put_if(page, ": ", record->u.tls.info.version);
    put_if(page, ", ", record->u.tls.info.cipher);
    put_if(page, ", for ", record->u.tls.info.sni);
    put_if(page, ", alert ", record->u.tls.info.alert);
    sf_buf_putc(page->buf, '\n');
}

static void put_accepted(const struct page *page)
{
    const struct sf_record *record = page->record;
    size_t count = record->u.message.accepted_count;

    if (count == 0) {
        sf_buf_puts(page->buf, " accepted for nobody");
        return;
    }
    sf_buf_puts(page->buf, " accepted for ");
    for (size_t i = 0; i < count && i < RECIPIENTS_SHOWN; i++) {
        sf_buf_puts(page->buf, i > 0 ? ", <" : "<");
        sf_text_put_printable(page->buf, record->u.message.accepted[i]);
        sf_buf_putc(page->buf, '>');
    }
    if (count > RECIPIENTS_SHOWN) {
        sf_buf_printf(page->buf, " and %zu more", count - RECIPIENTS_SHOWN);
    }
}

static void put_message(const struct page *page)
{
    const struct sf_record *record = page->record;

    put_lead(page, "--");
    sf_buf_puts(page->buf, "message ");
    sf_buf_puts(page->buf, record->u.message.id);
    put_accepted(page);
    sf_buf_printf(page->buf, ", %" PRIu64 " octets", record->u.message.octets);
    if (record->u.message.duplicate_of != NULL) {
        sf_buf_puts(page->buf, ", a copy of ");
        sf_buf_puts(page->buf, record->u.message.duplicate_of);
    }
    if (record->u.message.file != NULL) {
        sf_buf_puts(page->buf, ", saved as ");
        sf_text_put_printable(page->buf, sf_slice_str(record->u.message.file));
    }
    sf_buf_putc(page->buf, '\n');
}

static void put_exit(const struct page *page)
{
    const struct sf_record *record = page->record;
    bool is_good = record->u.exit.status == 0;
    char seconds[2][SECONDS_SIZE];

    put_lead(page, "--");
    begin_color(page, is_good ? COLOR_GREEN : COLOR_RED);
    if (record->u.exit.signal > 0) {
        sf_buf_printf(page->buf, "the command was ended by signal %d",
                      record->u.exit.signal);
    } else {
        sf_buf_printf(page->buf, "the command ended with status %d",
                      record->u.exit.status);
    }
    end_color(page);
    sf_buf_printf(page->buf, ": %s s, %s s of CPU\n",
                  format_seconds(record->u.exit.duration_us, seconds[0]),
                  format_seconds(record->u.exit.cpu_us, seconds[1]));
}

typedef void put_fn(const struct page *page);

/* NULL: nothing that a reader of the dialogue misses. */
static put_fn *const writers[SF_RECORD_COUNT] = {
    [SF_RECORD_CONNECT] = put_connect, [SF_RECORD_DISCONNECT] = put_disconnect,
    [SF_RECORD_COMMAND] = put_command, [SF_RECORD_REPLY] = put_reply,
    [SF_RECORD_AUTH] = put_auth,       [SF_RECORD_FAULT] = put_fault,
    [SF_RECORD_TLS] = put_tls,         [SF_RECORD_MESSAGE] = put_message,
    [SF_RECORD_EXIT] = put_exit,
};

void sf_transcript_put(struct sf_buf *buf,
                       const struct sf_record *record,
                       bool has_color)
{
    struct page page = {buf, record, has_color};

    if (writers[record->type] != NULL) {
        writers[record->type](&page);
    }
}
