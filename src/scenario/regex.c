/* regex.c - regular expressions of lists.
 *
 * Before regcomp() sees an expression it is measured: nested repetitions
 * multiply, so that a few octets could ask for all the memory that there is.
 * Back-references are refused, since they alone make matching go back and try
 * again.  Escapes of other kinds of regular expressions are refused too: they
 * would match something else in silence. */
#include "scenario/regex.h"

#include <string.h>

#include "scenario/source.h"

#define TEXT_SIZE  200
#define REPEAT_MAX 100000 /* what is more than any limit here */

/* How large an expression gets, read from left to right. */
struct measure {
    struct sf_slice rest;
    size_t sizes[SF_SOURCE_LINE_MAX + 1]; /* of each group that is open */
    size_t depth;
    size_t last; /* of what a repetition would repeat */
    bool has_reference;
    bool has_set_escape; /* `[\w]`, which is a backslash and a letter */
    char unknown;        /* of an escape that means nothing; NUL: none */
};

static bool has_next(const struct measure *measure, size_t index, char c)
{
    return measure->rest.len > index && measure->rest.ptr[index] == c;
}

static bool is_alnum_next(const struct measure *measure, size_t index)
{
    return measure->rest.len > index &&
           sf_ascii_is_alnum(measure->rest.ptr[index]);
}

static void skip(struct measure *measure, size_t count)
{
    measure->rest = sf_slice_skip(
        measure->rest, count < measure->rest.len ? count : measure->rest.len);
}

static void add_atom(struct measure *measure, size_t size)
{
    measure->sizes[measure->depth] += size;
    measure->last = size;
}

static void repeat_last(struct measure *measure, size_t count)
{
    if (count > 1) {
        measure->sizes[measure->depth] += measure->last * (count - 1);
        measure->last *= count;
    }
}

/* Within a set, at `[:`, `[.` or `[=`. */
static void skip_class(struct measure *measure)
{
    char kind = measure->rest.ptr[1];

    skip(measure, 2);
    while (measure->rest.len > 0 &&
           !(has_next(measure, 0, kind) && has_next(measure, 1, ']'))) {
        skip(measure, 1);
    }
    skip(measure, 2);
}

/* At `[`: a set of characters, in which a bracket that comes first stands for
 * itself. */
static void take_set(struct measure *measure)
{
    skip(measure, has_next(measure, 1, '^') ? 2 : 1);
    skip(measure, has_next(measure, 0, ']'));
    while (measure->rest.len > 0 && !has_next(measure, 0, ']')) {
        if (has_next(measure, 0, '[') &&
            (has_next(measure, 1, ':') || has_next(measure, 1, '.') ||
             has_next(measure, 1, '='))) {
            skip_class(measure);
        } else {
            measure->has_set_escape |=
                has_next(measure, 0, '\\') && is_alnum_next(measure, 1);
            skip(measure, 1);
        }
    }
    skip(measure, 1);
    add_atom(measure, 1);
}

/* At a backslash, which the C library has a meaning for before few letters. */
static void take_escape(struct measure *measure)
{
    static const char known[] = "wWsSbB";

    if (is_alnum_next(measure, 1)) {
        char c = measure->rest.ptr[1];

        if (sf_ascii_is_digit(c)) {
            measure->has_reference = true;
        } else if (strchr(known, c) == NULL) {
            measure->unknown = c;
        }
    }
    add_atom(measure, 1);
    skip(measure, 1);
}

/* At `{`: `{2}`, `{1,3}` or `{4,}`. */
static void take_interval(struct measure *measure)
{
    size_t count = 0;
    size_t number = 0;
    bool is_open = false;

    skip(measure, 1);
    while (measure->rest.len > 0 && !has_next(measure, 0, '}')) {
        char c = measure->rest.ptr[0];

        number = sf_ascii_is_digit(c) ? number * 10 + (size_t)(c - '0') : 0;
        number = number < REPEAT_MAX ? number : REPEAT_MAX;
        count = number > count ? number : count;
        is_open = c == ',';
        skip(measure, 1);
    }
    skip(measure, 1);
    repeat_last(measure, is_open ? count + 1 : count);
}

static void take_group_end(struct measure *measure)
{
    skip(measure, 1);
    if (measure->depth == 0) {
        add_atom(measure, 1);
    } else {
        size_t size = measure->sizes[measure->depth--];

        add_atom(measure, size + 1);
    }
}

static void take_next(struct measure *measure)
{
    switch (measure->rest.ptr[0]) {
    case '[':
        take_set(measure);
        return;
    case '{':
        take_interval(measure);
        return;
    case ')':
        take_group_end(measure);
        return;
    case '(':
        measure->sizes[++measure->depth] = 0;
        measure->last = 0;
        break;
    case '+':
        /* As `xx*`, so that these multiply too. */
        repeat_last(measure, 2);
        break;
    case '*':
    case '?':
        measure->sizes[measure->depth]++;
        measure->last++;
        break;
    case '\\':
        take_escape(measure);
        break;
    default:
        add_atom(measure, 1);
        break;
    }
    skip(measure, 1);
}

static bool check_escapes(struct sf_loader *loader,
                          const struct sf_place *place,
                          const struct measure *measure)
{
    if (measure->has_reference) {
        sf_loader_error(loader, place,
                        "write out what it refers to; a backslash is `\\\\`",
                        "a regular expression cannot refer back to a group");
        return false;
    }
    if (measure->unknown != '\0') {
        sf_loader_error(loader, place,
                        "a digit is `[0-9]`, a letter `[[:alpha:]]`, a "
                        "backslash `\\\\`",
                        "`\\%c` means nothing in a regular expression",
                        measure->unknown);
        return false;
    }
    if (measure->has_set_escape) {
        sf_loader_warn(loader, place,
                       "a letter or digit is `[:alnum:]` there; a backslash "
                       "that is meant comes last",
                       "between `[` and `]` a backslash stands for itself");
    }
    return true;
}

static bool check_size(struct sf_loader *loader,
                       const struct sf_place *place,
                       struct sf_slice text)
{
    struct measure measure = {.rest = text};
    size_t size = 0;

    if (text.len > SF_SOURCE_LINE_MAX) {
        sf_loader_error(loader, place, "make several items of it",
                        "the regular expression has %zu octets, %d are the "
                        "limit",
                        text.len, SF_SOURCE_LINE_MAX);
        return false;
    }
    while (measure.rest.len > 0 && size <= SF_REGEX_SIZE_MAX) {
        take_next(&measure);
        size = measure.sizes[measure.depth];
    }
    if (!check_escapes(loader, place, &measure)) {
        return false;
    }
    if (size > SF_REGEX_SIZE_MAX) {
        sf_loader_error(loader, place,
                        "use `*` in the place of a large `{N}`, and fewer "
                        "repetitions within repetitions",
                        "the regular expression repeats too much");
        return false;
    }
    loader->regex_size += size;
    if (loader->regex_size > SF_REGEX_TOTAL_MAX) {
        sf_loader_error(loader, place, "`*` and `?` do without: `*@example.*`",
                        "there are too many regular expressions");
        return false;
    }
    return true;
}

/* A terminated copy, in which slashes have lost their backslash. */
static char *copy_text(struct sf_loader *loader, struct sf_slice text)
{
    char *copy = sf_loader_borrow(loader, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; copy != NULL && i < text.len; i++) {
        bool is_pair = text.ptr[i] == '\\' && i + 1 < text.len;

        if (is_pair && text.ptr[i + 1] != '/') {
            copy[len++] = text.ptr[i];
        }
        i += is_pair;
        copy[len++] = text.ptr[i];
    }
    return copy;
}

static void report(struct sf_loader *loader,
                   const struct sf_place *place,
                   struct sf_slice text,
                   const struct sf_regex *regex,
                   int err)
{
    char reason[TEXT_SIZE];

    if (err == REG_ESPACE) {
        loader->is_out_of_memory = true;
        return;
    }
    (void)regerror(err, &regex->regex, reason, sizeof(reason));
    sf_loader_error(loader, place,
                    err == REG_BADRPT
                        ? "`*`, `+`, `?` or `{` stands behind what it repeats, "
                          "or behind a backslash; there is no `(?:` or `(?i)`"
                        : "a character that has a meaning of its own is "
                          "written behind a backslash, such as `\\(`",
                    "the regular expression `/%.*s/` is wrong: %s",
                    SF_SLICE_ARG(text), reason);
}

const regex_t *sf_regex_compile(struct sf_loader *loader,
                                const struct sf_place *place,
                                struct sf_slice text)
{
    struct sf_regex *regex = NULL;
    const char *copy = NULL;
    int err = 0;

    if (text.len == 0) {
        sf_loader_error(loader, place,
                        "`*` matches everything, `\"\"` what is empty",
                        "the regular expression is empty");
        return NULL;
    }
    if (sf_slice_find(text, '\0') < text.len) {
        sf_loader_error(loader, place,
                        "`[^ -~]` matches it, and all else that is not printed",
                        "a regular expression cannot hold a NUL octet");
        return NULL;
    }
    if (!check_size(loader, place, text)) {
        return NULL;
    }
    copy = copy_text(loader, text);
    regex = sf_loader_keep(loader, sizeof(*regex));
    if (copy == NULL || regex == NULL) {
        return NULL;
    }
    err = regcomp(&regex->regex, copy, REG_EXTENDED | REG_ICASE);
    if (err != 0) {
        report(loader, place, text, regex, err);
        return NULL;
    }
    regex->next = loader->regexes;
    loader->regexes = regex;
    return &regex->regex;
}

void sf_regex_free(struct sf_regex *first)
{
    for (struct sf_regex *regex = first; regex; regex = regex->next) {
        regfree(&regex->regex);
    }
}
