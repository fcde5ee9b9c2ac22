/* value.c - resolves quotes, escapes, repetitions and the names of [let].
 *
 * Every octet of the result carries a mark that tells whether it was quoted,
 * so that a list is cut at bare commas only.  The text of a [let] name is
 * taken as it is, marks included, and never looked at for names again. */
#include "scenario/value.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "scenario/let.h"
#include "scenario/template.h"

/* A repeated piece of more octets is no longer written out. */
#define WRITTEN_OUT_MAX 1024

struct expander {
    struct sf_loader *loader;
    struct sf_lets *lets;
    const struct sf_place *place;
    enum sf_value_form form;
    struct sf_slice rest; /* of the raw value */
    struct sf_buf text;
    struct sf_buf marks;
    struct sf_value_name names[SF_VALUE_NAMES_MAX];
    size_t name_count;
    struct sf_value_loop loops[SF_VALUE_LOOPS_MAX];
    size_t loop_count;
    bool is_failed;
};

static void fail(struct expander *expander, const char *hint, const char *text)
{
    if (!expander->is_failed) {
        expander->is_failed = true;
        sf_loader_error(expander->loader, expander->place, hint, "%s", text);
    }
}

static void
put(struct expander *expander, struct sf_slice octets, enum sf_value_mark mark)
{
    sf_buf_put_slice(&expander->text, octets);
    for (size_t i = 0; i < octets.len; i++) {
        sf_buf_putc(&expander->marks, (char)mark);
    }
}

static void skip(struct expander *expander, size_t count)
{
    expander->rest = sf_slice_skip(expander->rest, count);
}

static bool has_next(const struct expander *expander, char c)
{
    return expander->rest.len > 0 && expander->rest.ptr[0] == c;
}

/* The octet at `index`, NUL behind the end (a value holds none). */
static char peek(const struct expander *expander, size_t index)
{
    if (index >= expander->rest.len) {
        return '\0';
    }
    return expander->rest.ptr[index];
}

static void skip_blanks(struct expander *expander)
{
    expander->rest = sf_slice_skip_blanks(expander->rest);
}

/* Puts a dynamic name before what comes next. */
static void put_name(struct expander *expander, enum sf_name name)
{
    struct sf_value_name *slot = NULL;

    if (expander->name_count == SF_VALUE_NAMES_MAX) {
        fail(expander, "split the text into several lines of the reply",
             "the value has more than 64 dynamic names");
        return;
    }
    slot = &expander->names[expander->name_count++];
    slot->offset = expander->text.len;
    slot->name = name;
}

/* Puts octets from..to of a value, with the names before and in them. */
static void put_value(struct expander *expander,
                      const struct sf_value *value,
                      enum sf_value_mark mark)
{
    size_t at = 0;

    for (size_t i = 0; i <= value->text.len && !expander->is_failed; i++) {
        enum sf_value_mark own = SF_MARK_BARE;

        while (at < value->name_count && value->names[at].offset == i) {
            put_name(expander, value->names[at++].name);
        }
        if (i < value->text.len) {
            own = (enum sf_value_mark)value->marks[i];
            put(expander, sf_slice(value->text.ptr + i, 1),
                own > mark ? own : mark);
        }
    }
}

static bool is_list(enum sf_value_form form)
{
    return form == SF_VALUE_LIST || form == SF_VALUE_PATTERNS;
}

/* `""` in a list, which else could not be told from nothing. */
static void put_empty(struct expander *expander)
{
    if (is_list(expander->form)) {
        put(expander, sf_slice("", 1), SF_MARK_EMPTY);
    }
}

static void fail_name(struct expander *expander, struct sf_slice name)
{
    struct sf_suggestion suggestion;

    expander->is_failed = true;
    if (expander->place->is_secret) {
        sf_loader_error(expander->loader, expander->place,
                        "names are defined in `[let]`; a dollar sign before a "
                        "brace is written `$$`",
                        "the password has a name in it that does not exist");
        return;
    }
    sf_suggestion_init(&suggestion, name);
    sf_lets_suggest(expander->lets, &suggestion);
    sf_template_suggest(&suggestion);
    sf_loader_error(
        expander->loader, expander->place,
        sf_suggestion_hint(&suggestion, expander->loader,
                           "names are defined in `[let]`; a dollar sign "
                           "before a brace is written `$$`"),
        "there is no name `%.*s`", SF_SLICE_ARG(name));
}

static void take_name(struct expander *expander, enum sf_value_mark mark)
{
    struct sf_slice rest = sf_slice_skip(expander->rest, 2);
    struct sf_slice name = sf_slice_cut(&rest, '}');
    const struct sf_value *value = NULL;
    enum sf_name dynamic;

    if (rest.ptr == NULL) {
        fail(expander, "a dollar sign before a brace is written `$$`",
             "`${` without `}`");
        return;
    }
    expander->rest = rest;
    if (!sf_lets_find(expander->lets, expander->loader, name, &value)) {
        expander->is_failed = true; /* reported where it is defined */
    } else if (value != NULL && value->text.len + value->name_count == 0) {
        put_empty(expander);
    } else if (value != NULL) {
        put_value(expander, value, mark);
    } else if (sf_template_find_name(name, &dynamic)) {
        put_name(expander, dynamic);
    } else {
        fail_name(expander, name);
    }
}

/* At `$`: a name, a doubled one, or a lone one. */
static void take_dollar(struct expander *expander, enum sf_value_mark mark)
{
    char next = peek(expander, 1);

    if (next == '{') {
        take_name(expander, mark);
    } else {
        put(expander, sf_slice("$", 1), mark);
        skip(expander, next == '$' ? 2 : 1);
    }
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, sf_ascii_lower(c));

    return at == NULL ? -1 : (int)(at - digits);
}

/* At a backslash in quotes. */
static void take_escape(struct expander *expander)
{
    static const char escapes[] = "rnt0\\\"";
    static const char octets[] = "\r\n\t\0\\\"";
    char c = peek(expander, 1);
    const char *at = c == '\0' ? NULL : strchr(escapes, c);
    char octet = '\0';
    size_t len = 2;

    if (at != NULL) {
        octet = octets[at - escapes];
    } else if (c == 'x' && hex_digit(peek(expander, 2)) >= 0 &&
               hex_digit(peek(expander, 3)) >= 0) {
        octet = (char)(hex_digit(peek(expander, 2)) * 16 +
                       hex_digit(peek(expander, 3)));
        len = 4;
    } else {
        fail(expander,
             "there are `\\r` `\\n` `\\t` `\\0` `\\\\` `\\\"` and `\\xNN` with "
             "two hexadecimal digits",
             "an escape in the quoted value is none that there is");
        return;
    }
    put(expander, sf_slice(&octet, 1), SF_MARK_ESCAPED);
    skip(expander, len);
}

/* At the opening quote. */
static void take_quoted(struct expander *expander)
{
    size_t start = expander->text.len + expander->name_count;

    skip(expander, 1);
    while (!expander->is_failed && !has_next(expander, '"')) {
        if (expander->rest.len == 0) {
            fail(expander,
                 "a quote within the value is written `\\\"`; blank and `;` "
                 "end a line even in quotes, a semicolon is written `\\x3b`",
                 "the closing quote is missing");
        } else if (has_next(expander, '\\')) {
            take_escape(expander);
        } else if (has_next(expander, '$')) {
            take_dollar(expander, SF_MARK_QUOTED);
        } else {
            put(expander, sf_slice(expander->rest.ptr, 1), SF_MARK_QUOTED);
            skip(expander, 1);
        }
    }
    if (!expander->is_failed) {
        skip(expander, 1);
        if (expander->text.len + expander->name_count == start) {
            put_empty(expander);
        }
    }
}

/* Unquoted octets, up to `end` or the end of the value. */
static void take_bare(struct expander *expander, char end)
{
    while (expander->rest.len > 0 && !expander->is_failed &&
           (end == '\0' || !has_next(expander, end))) {
        if (has_next(expander, '$')) {
            take_dollar(expander, SF_MARK_BARE);
        } else {
            put(expander, sf_slice(expander->rest.ptr, 1), SF_MARK_BARE);
            skip(expander, 1);
        }
    }
}

static void expand_plain(struct expander *expander)
{
    if (!has_next(expander, '"')) {
        take_bare(expander, '\0');
        return;
    }
    take_quoted(expander);
    skip_blanks(expander);
    if (expander->rest.len > 0) {
        fail(expander, "a quote within the value is written `\\\"`",
             "text behind the closing quote");
    }
}

/* At the slash that begins a regular expression.  Only its slashes stay bare:
 * what stands between them neither ends it nor separates items.  Behind a
 * backslash a dollar sign is one. */
static void take_regex(struct expander *expander)
{
    put(expander, sf_slice("/", 1), SF_MARK_BARE);
    skip(expander, 1);
    while (expander->rest.len > 0 && !has_next(expander, '/') &&
           !expander->is_failed) {
        size_t len = has_next(expander, '\\') && expander->rest.len > 1 ? 2 : 1;

        if (has_next(expander, '$')) {
            take_dollar(expander, SF_MARK_QUOTED);
        } else {
            put(expander, sf_slice(expander->rest.ptr, len), SF_MARK_QUOTED);
            skip(expander, len);
        }
    }
}

static void expand_list(struct expander *expander)
{
    while (expander->rest.len > 0 && !expander->is_failed) {
        skip_blanks(expander);
        while (has_next(expander, '!') || has_next(expander, '+')) {
            put(expander, sf_slice(expander->rest.ptr, 1), SF_MARK_BARE);
            skip(expander, 1);
            if (expander->form == SF_VALUE_PATTERNS) {
                skip_blanks(expander);
            }
        }
        if (!has_next(expander, '"')) {
            if (expander->form == SF_VALUE_PATTERNS &&
                has_next(expander, '/')) {
                take_regex(expander);
            }
            take_bare(expander, ',');
        } else {
            take_quoted(expander);
            skip_blanks(expander);
            if (expander->rest.len > 0 && !has_next(expander, ',')) {
                fail(expander, "an item is quoted as a whole or not at all",
                     "text behind the closing quote");
            }
        }
        if (has_next(expander, ',')) {
            put(expander, sf_slice(",", 1), SF_MARK_BARE);
            skip(expander, 1);
        }
    }
}

/* What was put since `start` and `name_start` stands there so often, without
 * being written out. */
static void add_loop(struct expander *expander,
                     size_t start,
                     size_t name_start,
                     uint64_t count)
{
    if (expander->loop_count == SF_VALUE_LOOPS_MAX) {
        fail(expander, "join pieces, or split them into several lines",
             "the value repeats more than 16 long pieces");
        return;
    }
    expander->loops[expander->loop_count++] =
        (struct sf_value_loop){.start = start,
                               .end = expander->text.len,
                               .name_start = name_start,
                               .name_end = expander->name_count,
                               .count = count};
}

/* Puts the octets since `start` again, so that they stand there `count`
 * times. */
static void write_out(struct expander *expander, size_t start, size_t count)
{
    size_t len = expander->text.len - start;

    for (size_t i = len; i < len * count; i++) {
        /* Through copies: an append may move the buffer. */
        char octet = expander->text.ptr[start + i - len];
        char mark = expander->marks.ptr[start + i - len];

        put(expander, sf_slice(&octet, 1), (enum sf_value_mark)mark);
    }
}

/* The piece that began at `start` and `name_start` stands there `count`
 * times. */
static void repeat(struct expander *expander,
                   size_t start,
                   size_t name_start,
                   uint64_t count)
{
    size_t len = expander->text.len - start;

    if (len == 0 && expander->name_count == name_start) {
        fail(expander, "leave it out",
             "an empty piece stays empty however often it is repeated");
    } else if (expander->name_count == name_start &&
               count <= WRITTEN_OUT_MAX / len) {
        write_out(expander, start, (size_t)count);
    } else {
        add_loop(expander, start, name_start, count);
    }
}

/* At `*` behind a quoted piece: how often it stands there. */
static bool take_count(struct expander *expander, uint64_t *out_count)
{
    struct sf_slice word = {NULL, 0};
    struct sf_value value;
    struct sf_entry count = {.place = *expander->place, .key = "*"};

    skip(expander, 1);
    skip_blanks(expander);
    word = sf_slice(expander->rest.ptr, 0);
    while (word.len < expander->rest.len && word.ptr[word.len] != '"' &&
           !sf_ascii_is_blank(word.ptr[word.len])) {
        word.len++;
    }
    skip(expander, word.len);
    if (sf_slice_eq_str(word, "forever")) {
        *out_count = SF_LOOP_FOREVER;
        return true;
    }
    count.value = sf_loader_borrow_text(expander->loader, word);
    if (count.value == NULL ||
        !sf_value_expand_static(expander->loader, expander->lets, &count,
                                SF_VALUE_PLAIN, &value)) {
        expander->is_failed = true;
        return false;
    }
    if (sf_text_parse_size(value.text, out_count) != 0 || *out_count == 0) {
        fail(expander,
             "for example `\"A\" * 512`, `\"A\" * 12K` or `\"A\" * forever`",
             "behind `*` stands a number or size from 1 to 1024G, or "
             "`forever`");
        return false;
    }
    return true;
}

static void expand_pieces(struct expander *expander)
{
    if (!has_next(expander, '"')) {
        take_bare(expander, '\0');
        return;
    }
    while (expander->rest.len > 0 && !expander->is_failed) {
        size_t start = expander->text.len;
        size_t name_start = expander->name_count;
        uint64_t count = 1;

        if (!has_next(expander, '"')) {
            fail(expander, "a quote within a piece is written `\\\"`",
                 "text behind the closing quote, where only another quoted "
                 "piece or `* N` may stand");
            return;
        }
        take_quoted(expander);
        skip_blanks(expander);
        if (has_next(expander, '*') && take_count(expander, &count)) {
            repeat(expander, start, name_start, count);
        }
        skip_blanks(expander);
    }
}

static const struct sf_value_loop *keep_loops(struct expander *expander)
{
    size_t size = expander->loop_count * sizeof(expander->loops[0]);
    struct sf_value_loop *loops = NULL;

    if (size > 0) {
        loops = sf_loader_borrow(expander->loader, size);
    }
    if (loops != NULL) {
        memcpy(loops, expander->loops, size);
    }
    return loops;
}

/* Moves the result to the loader's memory. */
static bool finish(struct expander *expander, struct sf_value *out_value)
{
    struct sf_loader *loader = expander->loader;
    size_t names_size = expander->name_count * sizeof(expander->names[0]);
    struct sf_value_name *names = NULL;

    if (expander->text.failed == SF_ENOMEM ||
        expander->marks.failed == SF_ENOMEM) {
        loader->is_out_of_memory = true;
        return false;
    }
    if (expander->text.failed != 0) {
        fail(expander, "use fewer or shorter names in it",
             "the value is longer than 64K");
    }
    if (expander->is_failed) {
        return false;
    }
    loader->expanded_len += expander->text.len;
    if (loader->expanded_len > SF_VALUE_TOTAL_MAX) {
        if (loader->expanded_len - expander->text.len <= SF_VALUE_TOTAL_MAX) {
            fail(expander, "repeat pieces less often, or split the scenario",
                 "all values together are longer than 16M");
        }
        return false;
    }
    out_value->text.len = expander->text.len;
    out_value->text.ptr =
        sf_loader_borrow_text(loader, sf_buf_slice(&expander->text));
    out_value->marks =
        sf_loader_borrow_text(loader, sf_buf_slice(&expander->marks));
    names = sf_loader_borrow(loader, names_size + 1);
    if (names != NULL && names_size > 0) {
        memcpy(names, expander->names, names_size);
    }
    out_value->names = names;
    out_value->name_count = expander->name_count;
    out_value->loops = keep_loops(expander);
    out_value->loop_count = expander->loop_count;
    return !loader->is_out_of_memory;
}

bool sf_value_expand(struct sf_loader *loader,
                     struct sf_lets *lets,
                     const struct sf_place *place,
                     const char *raw,
                     enum sf_value_form form,
                     struct sf_value *out_value)
{
    struct expander expander = {
        .loader = loader,
        .lets = lets,
        .place = place,
        .form = form,
        .rest = sf_slice_trim(sf_slice_str(raw)),
    };
    bool is_ok = false;

    sf_buf_init(&expander.text, SF_VALUE_SIZE_MAX);
    sf_buf_init(&expander.marks, SF_VALUE_SIZE_MAX);
    switch (form) {
    case SF_VALUE_PLAIN:
        expand_plain(&expander);
        break;
    case SF_VALUE_LIST:
    case SF_VALUE_PATTERNS:
        expand_list(&expander);
        break;
    case SF_VALUE_PIECES:
        expand_pieces(&expander);
        break;
    }
    is_ok = finish(&expander, out_value);
    sf_buf_fini(&expander.text);
    sf_buf_fini(&expander.marks);
    return is_ok;
}
