/* explain_event.c - the page of an event. */
#include <stdio.h>

#include "app/explain_page.h"
#include "app/page.h"
#include "base/slice.h"
#include "smtp/reply.h"

#define CLASS_FIRST 2
#define CLASS_LAST  5
#define CODE_MAX    16 /* octets of a number and two letters */
#define FIELD_MAX   512

/* The codes of one class, each with its meaning. */
static void put_class(struct sf_buf *page, enum sf_event event, int class)
{
    char label[CODE_MAX];
    char digits[CODE_MAX];

    (void)snprintf(label, sizeof(label), "%dyz", class);
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);

        if (sf_reply_class(info->code) == class &&
            (info->events & SF_EVENT_BIT(event))) {
            (void)snprintf(digits, sizeof(digits), "%d", info->code);
            sf_page_item(page, label, digits, sf_slice_str(info->text));
            label[0] = '\0';
        }
    }
}

void sf_explain_event(enum sf_event event, struct sf_buf *page)
{
    const struct sf_event_info *info = sf_event_get(event);
    size_t codes = 0;

    sf_page_title(page, sf_slice_str(info->name), info->meaning);
    sf_page_field(page, "Defined in",
                  sf_slice_str(info->rfc[0] ? info->rfc : "no RFC"));
    sf_page_field(page, "Default", sf_slice_str(info->answer));
    codes = page->len;
    for (int first = CLASS_FIRST; first <= CLASS_LAST; first++) {
        put_class(page, event, first);
    }
    if (page->len == codes) {
        sf_page_field(page, "Codes", sf_slice_str("nothing asks for a reply"));
    }
}

void sf_explain_any(struct sf_buf *page)
{
    struct sf_buf names;

    sf_buf_init(&names, FIELD_MAX);
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)i);

        if (info->flags & SF_EVENT_COMMAND) {
            sf_buf_printf(&names, "%s ", info->name);
        }
    }
    sf_page_title(page, sf_slice_str("ANY"), "Whatever is a command");
    sf_page_field(page, "Events", sf_buf_slice(&names));
    sf_buf_fini(&names);
}
