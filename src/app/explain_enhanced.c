/* explain_enhanced.c - the page of an enhanced code. */
#include <stdio.h>

#include "app/explain_page.h"
#include "app/page.h"
#include "base/slice.h"

#define CLASS_COUNT 10  /* digits */
#define FIELD_MAX   512 /* octets of a field, longer than any */
#define CODE_MAX    16  /* octets of X.999.999 and more */

/* `4` and `5`, or `none`. */
static void put_classes(struct sf_buf *text, unsigned classes)
{
    const char *separator = "";

    for (unsigned digit = 0; digit < CLASS_COUNT; digit++) {
        if (classes & SF_ENHANCED_CLASS(digit)) {
            sf_buf_printf(text, "%s%u", separator, digit);
            separator = ", ";
        }
    }
    if (classes == 0) {
        sf_buf_puts(text, "none");
    }
}

/* The classes that make sense, and whether that asked for is one. */
static void put_class_field(struct sf_buf *page,
                            const struct sf_enhanced *enhanced,
                            const struct sf_enhanced_info *info)
{
    struct sf_buf text;

    sf_buf_init(&text, FIELD_MAX);
    put_classes(&text, info->classes);
    if (enhanced->class >= 0 &&
        !(info->classes & SF_ENHANCED_CLASS((unsigned)enhanced->class))) {
        sf_buf_printf(&text, "; %d does not fit the meaning", enhanced->class);
    }
    sf_page_field(page, "Classes", sf_buf_slice(&text));
    sf_buf_fini(&text);
}

static void put_digits(struct sf_buf *page, const struct sf_enhanced *enhanced)
{
    const char *class = sf_enhanced_class_text(enhanced->class);
    const char *subject = sf_enhanced_subject_text(enhanced->subject);
    char digit[CODE_MAX];

    if (enhanced->class >= 0) {
        (void)snprintf(digit, sizeof(digit), "%d", enhanced->class);
        sf_page_item(page, "Class", digit,
                     sf_slice_str(class ? class : "no such class"));
    }
    (void)snprintf(digit, sizeof(digit), "%u", enhanced->subject);
    sf_page_item(page, "Subject", digit,
                 sf_slice_str(subject ? subject : "no such subject"));
}

/* What the registry has. */
static void put_registered(struct sf_buf *page,
                           const struct sf_enhanced *enhanced,
                           const struct sf_enhanced_info *info)
{
    const char *label = "With";

    put_class_field(page, enhanced, info);
    for (size_t i = 0; info->codes[i] != 0; i++) {
        const struct sf_code_info *code = sf_code_find(info->codes[i]);
        char digits[CODE_MAX];

        (void)snprintf(digits, sizeof(digits), "%d", info->codes[i]);
        sf_page_item(page, label, digits, sf_slice_str(code ? code->text : ""));
        label = "";
    }
    sf_page_field(page, "Defined in",
                  sf_slice_str(info->rfc[0] ? info->rfc : "no RFC"));
    if (info->note[0] != '\0') {
        sf_page_field(page, "Note", sf_slice_str(info->note));
    }
}

/* What somebody means by it beside the registry. */
static void put_owned(struct sf_buf *page,
                      const char *label,
                      const struct sf_enhanced_info *info)
{
    struct sf_buf text;

    sf_buf_init(&text, FIELD_MAX);
    sf_buf_printf(&text, "%s (class ", info->meaning);
    put_classes(&text, info->classes);
    for (size_t i = 0; info->codes[i] != 0; i++) {
        sf_buf_printf(&text, "%s%d", i == 0 ? "; with " : ", ", info->codes[i]);
    }
    sf_buf_putc(&text, ')');
    if (info->note[0] != '\0') {
        sf_buf_printf(&text, "; %s", info->note);
    }
    sf_page_item(page, label, info->owner, sf_buf_slice(&text));
    sf_buf_fini(&text);
}

/* A class that does not exist belongs to the rows that have it. */
static bool is_about(const struct sf_enhanced_info *info,
                     const struct sf_enhanced *enhanced)
{
    return sf_enhanced_matches(info, enhanced) &&
           (enhanced->class < 0 ||
            sf_enhanced_class_text(enhanced->class) != NULL ||
            (info->classes & SF_ENHANCED_CLASS((unsigned)enhanced->class)));
}

static void put_title(struct sf_buf *page,
                      const struct sf_enhanced *enhanced,
                      const struct sf_enhanced_info *first)
{
    char class = 'X';
    char head[CODE_MAX];

    if (enhanced->class >= 0) {
        class = (char)('0' + enhanced->class);
    }
    (void)snprintf(head, sizeof(head), "%c.%u.%u", class, enhanced->subject,
                   enhanced->detail);
    sf_page_title(page, sf_slice_str(head),
                  first->owner[0] == '\0' ? first->meaning
                                          : "In no registry, but in use");
}

bool sf_explain_enhanced(const struct sf_enhanced *enhanced,
                         struct sf_buf *page)
{
    const char *label = "Others";
    bool is_known = false;

    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        if (!is_about(info, enhanced)) {
            continue;
        }
        if (!is_known) {
            put_title(page, enhanced, info);
            put_digits(page, enhanced);
            is_known = true;
        }
        if (info->owner[0] == '\0') {
            put_registered(page, enhanced, info);
        } else {
            put_owned(page, label, info);
            label = "";
        }
    }
    return is_known;
}
