/* explain_code.c - the page of a reply code. */
#include <stdio.h>

#include "app/explain_page.h"
#include "app/page.h"
#include "base/slice.h"
#include "scenario/bundle.h"
#include "smtp/reply.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIELD_MAX 2048 /* octets of a field, longer than any */

static void put_digits(struct sf_buf *page, int code)
{
    const int second = code / 10 % 10;
    const char *category = sf_code_category_text(second);
    struct sf_buf text;

    sf_buf_init(&text, FIELD_MAX);
    sf_buf_printf(&text, "%dyz: %s; x%dz: %s", code / 100,
                  sf_code_class_text(code / 100), second,
                  category ? category : "no such digit");
    sf_page_field(page, "Digits", sf_buf_slice(&text));
    sf_buf_fini(&text);
}

static void put_events(struct sf_buf *page, sf_event_set events)
{
    struct sf_buf text;

    sf_buf_init(&text, FIELD_MAX);
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if (events & SF_EVENT_BIT(i)) {
            sf_buf_printf(&text, "%s ", sf_event_get((enum sf_event)i)->name);
        }
    }
    if (text.len == 0) {
        sf_buf_puts(&text, "nobody says where");
    }
    sf_page_field(page, "Events", sf_buf_slice(&text));
    sf_buf_fini(&text);
}

/* The enhanced code to use, and those that the registry and others have with
 * the code. */
static void put_enhanced(struct sf_buf *page, const struct sf_code_info *info)
{
    const char *label = "Enhanced";
    struct sf_buf text;
    char key[48]; /* octets of a range, and more */
    int len = 0;

    sf_buf_init(&text, FIELD_MAX);
    if (info->enhanced[0] != '\0') {
        sf_page_item(page, label, info->enhanced,
                     sf_slice_str("where nothing better is known"));
    } else {
        sf_page_field(page, label, sf_slice_str("none of its own"));
    }
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *row = sf_enhanced_at(i);

        if (!sf_enhanced_has_code(row, info->code)) {
            continue;
        }
        sf_buf_clear(&text);
        sf_buf_puts(&text, row->meaning);
        if (row->owner[0] != '\0') {
            sf_buf_printf(&text, " (%s)", row->owner);
        }
        len = snprintf(key, sizeof(key), "X.%u.%u", row->subject, row->first);
        if (row->last != row->first) {
            (void)snprintf(key + len, sizeof(key) - (size_t)len, "-%u",
                           row->last);
        }
        sf_page_item(page, "", key, sf_buf_slice(&text));
    }
    sf_buf_fini(&text);
}

/* The event at which the code is met most. */
static enum sf_event find_usual_event(sf_event_set events)
{
    static const enum sf_event usual[] = {SF_EVENT_RCPT, SF_EVENT_CONNECT,
                                          SF_EVENT_MAIL, SF_EVENT_MESSAGE,
                                          SF_EVENT_VRFY};
    unsigned event = 0;

    for (size_t i = 0; i < COUNT(usual); i++) {
        if (events & SF_EVENT_BIT(usual[i])) {
            return usual[i];
        }
    }
    while (event < SF_EVENT_COUNT && !(events & SF_EVENT_BIT(event))) {
        event++;
    }
    return event < SF_EVENT_COUNT ? (enum sf_event)event : SF_EVENT_RCPT;
}

/* A scenario that provokes the code, without a warning. */
static void put_scenario(struct sf_buf *page, const struct sf_code_info *info)
{
    const enum sf_event event = find_usual_event(info->events);
    const bool is_greeting =
        event == SF_EVENT_CONNECT && sf_reply_class(info->code) == 2;
    struct sf_buf line;

    sf_buf_init(&line, FIELD_MAX);
    sf_buf_printf(&line, "[%s]", sf_event_get(event)->name);
    sf_page_verbatim(page, "Scenario", sf_buf_slice(&line));
    if (info->events == 0 ||
        sf_code_category_text(info->code / 10 % 10) == NULL) {
        sf_page_verbatim(page, "", sf_slice_str("deliberate = yes"));
    }
    sf_buf_clear(&line);
    sf_buf_printf(&line, "reply = %d ", info->code);
    if (info->enhanced[0] != '\0') {
        sf_buf_printf(&line, "%s ", info->enhanced);
    }
    /* RFC 5321 4.2: a greeting begins with the name of the server. */
    sf_buf_printf(&line, "%s%s", is_greeting ? "mx.example.test " : "",
                  info->text);
    sf_page_verbatim(page, "", sf_buf_slice(&line));
    sf_buf_fini(&line);
}

/* How the scenario `code` is made to refuse so, where nothing else does. */
static void put_settings(struct sf_buf *text, const struct sf_code_info *info)
{
    if (sf_reply_class(info->code) < 4) {
        sf_buf_puts(text, "none answers so");
        return;
    }
    sf_buf_printf(text, "code, with --set stage=%s --set ",
                  sf_event_get(find_usual_event(info->events))->name);
    if (info->enhanced[0] != '\0') {
        sf_buf_printf(text, "code=%d --set enhanced=%s", info->code,
                      info->enhanced);
    } else {
        sf_buf_printf(text, "line=%d", info->code);
    }
}

static void put_bundled(struct sf_buf *page, const struct sf_code_info *info)
{
    struct sf_buf text;

    sf_buf_init(&text, FIELD_MAX);
    for (size_t i = 0; i < sf_bundle_len; i++) {
        if (sf_bundled_answers(&sf_bundle[i], info->code)) {
            sf_buf_puts(&text, sf_bundle[i].stem);
            sf_buf_putc(&text, ' ');
        }
    }
    if (text.len == 0) {
        put_settings(&text, info);
    }
    sf_page_field(page, "Bundled", sf_buf_slice(&text));
    sf_buf_fini(&text);
}

void sf_explain_code(const struct sf_code_info *info, struct sf_buf *page)
{
    char head[16]; /* octets of a number */

    (void)snprintf(head, sizeof(head), "%d", info->code);
    sf_page_title(page, sf_slice_str(head), info->text);
    put_digits(page, info->code);
    sf_page_field(page, "Standing",
                  sf_slice_str(sf_code_standing_text(info->standing)));
    sf_page_field(page, "Defined in",
                  sf_slice_str(info->rfc[0] ? info->rfc : "no RFC"));
    put_events(page, info->events);
    put_enhanced(page, info);
    sf_page_field(page, "Client", sf_slice_str(info->client));
    sf_page_field(page, "Connection",
                  sf_slice_str(sf_code_close_text(info->close)));
    put_scenario(page, info);
    put_bundled(page, info);
}
