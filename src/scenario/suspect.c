/* suspect.c - values that are legal, and hardly mean what they say. */
#include "scenario/suspect.h"

#include <string.h>

/* Conditions whose items hold a blank only where a client is broken. */
static bool is_of_words(enum sf_condition_kind kind)
{
    return kind != SF_CONDITION_HEADER && kind != SF_CONDITION_BODY &&
           kind != SF_CONDITION_ARGUMENT;
}

static bool is_address(enum sf_condition_kind kind)
{
    return kind == SF_CONDITION_SENDER || kind == SF_CONDITION_RECIPIENT;
}

static bool
is_bare(const struct sf_list_item *item, size_t at, const char *octets)
{
    return at < item->text.len && item->marks[at] == SF_MARK_BARE &&
           item->text.ptr[at] != '\0' &&
           strchr(octets, item->text.ptr[at]) != NULL;
}

static bool has_bare(const struct sf_list_item *item, const char *octets)
{
    for (size_t i = 0; i < item->text.len; i++) {
        if (is_bare(item, i, octets)) {
            return true;
        }
    }
    return false;
}

static bool is_like_regex(enum sf_condition_kind kind,
                          const struct sf_list_item *item)
{
    size_t len = item->text.len;

    if (is_bare(item, 0, "^") || (len > 0 && is_bare(item, len - 1, "$"))) {
        return true;
    }
    return is_address(kind) &&
           (has_bare(item, "\\") ||
            (is_bare(item, 0, ".") && is_bare(item, 1, "*+")));
}

void sf_suspect_item(struct sf_loader *loader,
                     const struct sf_place *place,
                     enum sf_condition_kind kind,
                     const struct sf_list_item *item)
{
    if (is_like_regex(kind, item)) {
        sf_loader_warn(loader, place,
                       "a regular expression stands between slashes, `/^a@/`; "
                       "a text that is meant so is quoted",
                       "`%.*s` is compared as text, in which only `*` and `?` "
                       "are wild",
                       SF_SLICE_ARG(item->text));
    } else if (is_address(kind) && is_bare(item, 0, "[")) {
        sf_loader_warn(loader, place,
                       "a list has no brackets around it; a text that is "
                       "meant so is quoted",
                       "no address begins as `%.*s` does",
                       SF_SLICE_ARG(item->text));
    } else if (is_of_words(kind) && has_bare(item, " \t;")) {
        sf_loader_warn(loader, place,
                       "a comma separates items, and a comment begins with "
                       "blank and `;`; a text that is meant so is quoted",
                       "`%.*s` is one item", SF_SLICE_ARG(item->text));
    }
}

static bool
is_bare_text(const struct sf_value *value, size_t at, const char *text)
{
    size_t len = strlen(text);

    return value->text.len - at >= len &&
           memcmp(value->text.ptr + at, text, len) == 0 &&
           value->marks[at] == SF_MARK_BARE;
}

void sf_suspect_text(struct sf_loader *loader,
                     const struct sf_place *place,
                     const struct sf_value *value)
{
    for (size_t i = 0; i < value->text.len; i++) {
        if (is_bare_text(value, i, "\\r") || is_bare_text(value, i, "\\n") ||
            is_bare_text(value, i, "\\x")) {
            char letter = value->text.ptr[i + 1];

            sf_loader_warn(loader, place,
                           "quote the whole value, for example `\"250 "
                           "Ok\\r\\n\"`; there a backslash is `\\\\`",
                           "outside of quotes `\\%c` is a backslash and `%c`",
                           letter, letter);
            return;
        }
        if (is_bare_text(value, i, " # ")) {
            sf_loader_warn(loader, place,
                           "a comment takes a line of its own; a value that "
                           "is meant so is quoted",
                           "`#` within a line begins no comment");
            return;
        }
    }
}
