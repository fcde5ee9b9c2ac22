/* path.c - reverse-path and forward-path.
 *
 * The grammar of RFC 5321 4.1.2 with the UTF-8 of RFC 6531 3.3, read from
 * left to right.  It is wider in three places, for what real mail has: a
 * mailbox may lack its domain, a domain may hold underscores, and what stands
 * in an address literal is not checked further. */
#include "smtp/path.h"

#include <string.h>

#include "base/slice.h"
#include "base/text.h"

/* What is still to be read.  The skip_ functions move over what they are
 * named for; they return false where it does not stand there. */
struct cursor {
    const char *at;
    const char *end;
};

static bool is_next(const struct cursor *cursor, char c)
{
    return cursor->at < cursor->end && *cursor->at == c;
}

static bool skip_char(struct cursor *cursor, char c)
{
    if (!is_next(cursor, c)) {
        return false;
    }
    cursor->at++;
    return true;
}

/* One character beyond ASCII. */
static bool skip_utf8(struct cursor *cursor)
{
    const size_t len = sf_text_utf8_len(
        sf_slice(cursor->at, (size_t)(cursor->end - cursor->at)));

    if (len < 2) {
        return false;
    }
    cursor->at += len;
    return true;
}

/* One letter, digit, character beyond ASCII, or one of `others`. */
static bool skip_one_of(struct cursor *cursor, const char *others)
{
    if (cursor->at == cursor->end) {
        return false;
    }
    if (sf_ascii_is_alnum(*cursor->at) ||
        (*cursor->at != '\0' && strchr(others, *cursor->at) != NULL)) {
        cursor->at++;
        return true;
    }
    return skip_utf8(cursor);
}

static bool skip_run_of(struct cursor *cursor, const char *others)
{
    const char *start = cursor->at;

    while (skip_one_of(cursor, others)) {
    }
    return cursor->at > start;
}

/* Dot-string: atoms between dots. */
static bool skip_dot_string(struct cursor *cursor)
{
    do {
        if (!skip_run_of(cursor, "!#$%&'*+-/=?^_`{|}~")) {
            return false;
        }
    } while (skip_char(cursor, '.'));
    return true;
}

/* Quoted-string, at whose first quote the cursor stands: printable characters,
 * some behind a backslash; not empty. */
static bool skip_quoted_string(struct cursor *cursor)
{
    const char *start = ++cursor->at;

    while (cursor->at < cursor->end && *cursor->at != '"') {
        const bool is_pair = skip_char(cursor, '\\');

        if (cursor->at < cursor->end && *cursor->at >= ' ' &&
            *cursor->at <= '~') {
            cursor->at++;
        } else if (is_pair || !skip_utf8(cursor)) {
            return false;
        }
    }
    return cursor->at > start && skip_char(cursor, '"');
}

/* Sub-domains between dots; none begins or ends in a hyphen. */
static bool skip_domain(struct cursor *cursor)
{
    do {
        if (is_next(cursor, '-') || !skip_run_of(cursor, "-_") ||
            cursor->at[-1] == '-') {
            return false;
        }
    } while (skip_char(cursor, '.'));
    return true;
}

/* An address literal, at whose bracket the cursor stands. */
static bool skip_literal(struct cursor *cursor)
{
    const char *start = ++cursor->at;

    while (cursor->at < cursor->end &&
           (sf_ascii_is_alnum(*cursor->at) || is_next(cursor, '.') ||
            is_next(cursor, ':') || is_next(cursor, '-'))) {
        cursor->at++;
    }
    return cursor->at > start && skip_char(cursor, ']');
}

/* A source route, if there is one: `@one.example,@two.example:`. */
static bool skip_route(struct cursor *cursor)
{
    if (!is_next(cursor, '@')) {
        return true;
    }
    do {
        if (!skip_char(cursor, '@') || !skip_domain(cursor)) {
            return false;
        }
    } while (skip_char(cursor, ','));
    return skip_char(cursor, ':');
}

static bool parse_mailbox(struct cursor *cursor, struct sf_path *out_path)
{
    const char *start = cursor->at;
    const bool is_quoted = is_next(cursor, '"');

    if (is_quoted ? !skip_quoted_string(cursor) : !skip_dot_string(cursor)) {
        return false;
    }
    if (skip_char(cursor, '@') &&
        (is_next(cursor, '[') ? !skip_literal(cursor) : !skip_domain(cursor))) {
        return false;
    }
    out_path->mailbox = sf_slice(start, (size_t)(cursor->at - start));
    return true;
}

static bool is_all_ascii(const char *ptr, const char *end)
{
    while (ptr < end && (unsigned char)*ptr < 0x80) {
        ptr++;
    }
    return ptr == end;
}

int sf_path_parse(struct sf_slice *text, struct sf_path *out_path)
{
    const char *end = sf_slice_skip(*text, text->len).ptr;
    struct cursor cursor = {text->ptr, end};
    struct sf_path path = {{NULL, 0}, true};

    if (!skip_char(&cursor, '<')) {
        return SF_ESYNTAX;
    }
    if (is_next(&cursor, '>')) {
        path.mailbox = sf_slice(cursor.at, 0);
    } else if (!skip_route(&cursor) || !parse_mailbox(&cursor, &path)) {
        return SF_ESYNTAX;
    }
    if (!skip_char(&cursor, '>')) {
        return SF_ESYNTAX;
    }
    path.is_ascii = is_all_ascii(text->ptr, cursor.at);
    *text = sf_slice(cursor.at, (size_t)(cursor.end - cursor.at));
    *out_path = path;
    return 0;
}

struct sf_slice sf_path_domain(struct sf_slice mailbox)
{
    size_t at = mailbox.len;

    /* An @ in a quoted local part that stands alone is no separator. */
    if (at == 0 || mailbox.ptr[at - 1] == '"') {
        return sf_slice(mailbox.ptr, 0);
    }
    while (at > 0 && mailbox.ptr[at - 1] != '@') {
        at--;
    }
    if (at == 0) {
        return sf_slice(mailbox.ptr, 0);
    }
    return sf_slice(mailbox.ptr + at, mailbox.len - at);
}
