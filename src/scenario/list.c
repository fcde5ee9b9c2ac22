/* list.c - values that are lists. */
#include "scenario/list.h"

#include <arpa/inet.h>
#include <string.h>

#include "rule/key.h"
#include "scenario/regex.h"
#include "scenario/suspect.h"
#include "scenario/violation.h"

static struct sf_slice trim_item(struct sf_slice text, const char **marks)
{
    /* Only bare blanks go: quotes are there to keep them. */
    while (text.len > 0 && sf_ascii_is_blank(text.ptr[0]) &&
           (*marks)[0] == SF_MARK_BARE) {
        text = sf_slice_skip(text, 1);
        (*marks)++;
    }
    while (text.len > 0 && sf_ascii_is_blank(text.ptr[text.len - 1]) &&
           (*marks)[text.len - 1] == SF_MARK_BARE) {
        text.len--;
    }
    return text;
}

/* Takes the octets out that stand for `""`. */
static void drop_empty_marks(struct sf_loader *loader,
                             struct sf_list_item *item)
{
    char *text = NULL;
    char *marks = NULL;
    size_t len = 0;

    if (item->text.len == 0 ||
        memchr(item->marks, SF_MARK_EMPTY, item->text.len) == NULL) {
        return;
    }
    text = sf_loader_borrow(loader, item->text.len + 1);
    marks = sf_loader_borrow(loader, item->text.len + 1);
    if (text == NULL || marks == NULL) {
        return;
    }
    for (size_t i = 0; i < item->text.len; i++) {
        if (item->marks[i] != SF_MARK_EMPTY) {
            text[len] = item->text.ptr[i];
            marks[len++] = item->marks[i];
        }
    }
    item->is_empty = true;
    item->text = sf_slice(text, len);
    item->marks = marks;
}

static bool is_bare(const struct sf_value *value, size_t at, char c)
{
    return at < value->text.len && value->text.ptr[at] == c &&
           value->marks[at] == SF_MARK_BARE;
}

static size_t find_comma(const struct sf_value *rest, size_t from)
{
    while (from < rest->text.len && !is_bare(rest, from, ',')) {
        from++;
    }
    return from;
}

/* The slash that ends a regular expression whose text begins at `from`.  In
 * the value of a [let] name backslashes and all slashes are bare as well. */
static size_t find_slash(const struct sf_value *rest, size_t from)
{
    while (from < rest->text.len && !is_bare(rest, from, '/')) {
        from += is_bare(rest, from, '\\') ? 2 : 1;
    }
    return from < rest->text.len ? from : rest->text.len;
}

/* The end of an item that may be a regular expression, with commas in it. */
static size_t find_pattern_end(const struct sf_value *rest)
{
    size_t at = 0;

    while (is_bare(rest, at, ' ') || is_bare(rest, at, '\t') ||
           is_bare(rest, at, '!')) {
        at++;
    }
    return find_comma(rest,
                      is_bare(rest, at, '/') ? find_slash(rest, at + 1) : at);
}

/* Takes the item that ends at `end` off *rest. */
static bool take_item(struct sf_loader *loader,
                      const struct sf_place *place,
                      struct sf_value *rest,
                      size_t end,
                      struct sf_list_item *out_item)
{
    struct sf_list_item item = {rest->text, rest->marks, false};

    item.text.len = end;
    if (end == rest->text.len) {
        rest->text = sf_slice(NULL, 0);
    } else {
        rest->text = sf_slice_skip(rest->text, end + 1);
        rest->marks += end + 1;
    }
    item.text = trim_item(item.text, &item.marks);
    drop_empty_marks(loader, &item);
    if (item.text.len == 0 && !item.is_empty) {
        rest->text = sf_slice(NULL, 0);
        sf_loader_error(loader, place, "what is empty is written `\"\"`",
                        "the list has an item that is not there");
        return false;
    }
    *out_item = item;
    return true;
}

bool sf_list_next(struct sf_loader *loader,
                  const struct sf_place *place,
                  struct sf_value *rest,
                  struct sf_list_item *out_item)
{
    return rest->text.ptr != NULL &&
           take_item(loader, place, rest, find_comma(rest, 0), out_item);
}

static bool starts_bare(const struct sf_list_item *item, char c)
{
    return item->text.len > 0 && item->text.ptr[0] == c &&
           item->marks[0] == SF_MARK_BARE;
}

static bool is_wildcard(char c)
{
    return c == '*' || c == '?';
}

/* Reads an address, with the length of a prefix or without. */
static bool parse_network(struct sf_loader *loader,
                          const struct sf_place *place,
                          struct sf_slice text,
                          struct sf_pattern *pattern)
{
    struct sf_slice rest = text;
    struct sf_slice address = sf_slice_cut(&rest, '/');
    char terminated[64] = "";
    uint64_t len = 0;
    uint64_t len_max = 0;

    if (address.len < sizeof(terminated)) {
        memcpy(terminated, address.ptr, address.len);
    }
    pattern->kind = SF_PATTERN_CIDR;
    pattern->is_ipv6 = sf_slice_find(address, ':') < address.len;
    if (inet_pton(pattern->is_ipv6 ? AF_INET6 : AF_INET, terminated,
                  pattern->addr) != 1) {
        sf_loader_error(loader, place,
                        "for example `192.0.2.0/24` or `2001:db8::/32`",
                        "`%.*s` is no IP address", SF_SLICE_ARG(address));
        return false;
    }
    len_max = pattern->is_ipv6 ? 128 : 32;
    len = len_max;
    if (rest.ptr != NULL &&
        (sf_slice_parse_u64(rest, &len) != 0 || len > len_max)) {
        sf_loader_error(loader, place,
                        pattern->is_ipv6 ? "for example `2001:db8::/32`"
                                         : "for example `192.0.2.0/24`",
                        "behind `/` stands a prefix length from 0 to %u",
                        (unsigned)len_max);
        return false;
    }
    pattern->prefix_len = (unsigned)len;
    return true;
}

/* `recipient = <a@example.com>` would never match: a mailbox is compared
 * without its brackets. */
static bool check_brackets(struct sf_loader *loader,
                           const struct sf_place *place,
                           enum sf_condition_kind kind,
                           struct sf_slice text)
{
    if ((kind != SF_CONDITION_SENDER && kind != SF_CONDITION_RECIPIENT) ||
        text.len < 3 || text.ptr[0] != '<' || text.ptr[text.len - 1] != '>') {
        return true;
    }
    sf_loader_error(loader, place, "only the null sender is written `<>`",
                    "an address is written without `<` and `>`");
    return false;
}

/* Whether wildcards stand in the text; false if some stand for themselves and
 * some do not. */
static bool find_wildcards(const struct sf_list_item *item, bool *out_is_glob)
{
    bool has_bare = false;
    bool has_escaped = false;

    for (size_t i = 0; i < item->text.len; i++) {
        if (is_wildcard(item->text.ptr[i])) {
            has_escaped |= item->marks[i] == SF_MARK_ESCAPED;
            has_bare |= item->marks[i] != SF_MARK_ESCAPED;
        }
    }
    *out_is_glob = has_bare;
    return !(has_bare && has_escaped);
}

static bool parse_text(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_list_item *item,
                       struct sf_pattern *pattern)
{
    bool is_glob = false;
    struct sf_slice text = item->text;

    if (!find_wildcards(item, &is_glob)) {
        sf_loader_error(loader, place, "write `?` for the other one",
                        "`*` and `?` cannot be escaped in one part of an item "
                        "and wild in another");
        return false;
    }
    if (sf_slice_eq_str(text, "<>")) {
        text.len = 0;
    }
    pattern->kind = is_glob ? SF_PATTERN_GLOB : SF_PATTERN_LITERAL;
    pattern->text.ptr = sf_loader_keep_text(loader, text);
    pattern->text.len = text.len;
    return pattern->text.ptr != NULL;
}

/* At the slash that begins a regular expression. */
static bool parse_regex(struct sf_loader *loader,
                        const struct sf_place *place,
                        const struct sf_list_item *item,
                        struct sf_pattern *pattern)
{
    const struct sf_value value = {.text = item->text, .marks = item->marks};
    size_t end = find_slash(&value, 1);
    struct sf_slice text = {NULL, 0};

    if (end == item->text.len) {
        sf_loader_error(loader, place,
                        "it ends in `/`; text that begins with a slash is "
                        "quoted: `\"/text\"`",
                        "the regular expression has no end");
        return false;
    }
    if (end + 1 < item->text.len) {
        sf_loader_error(loader, place,
                        "a slash within is written `\\/`, the next item "
                        "stands behind a comma; case never matters",
                        "text behind the `/` that ends the regular "
                        "expression");
        return false;
    }
    text = sf_slice(item->text.ptr + 1, end - 1);
    pattern->kind = SF_PATTERN_REGEX;
    pattern->regex = sf_regex_compile(loader, place, text);
    pattern->text.ptr = sf_loader_keep_text(loader, text);
    pattern->text.len = text.len;
    return pattern->regex != NULL && pattern->text.ptr != NULL;
}

static bool parse_pattern(struct sf_loader *loader,
                          const struct sf_place *place,
                          enum sf_condition_kind kind,
                          struct sf_list_item item,
                          struct sf_pattern *pattern)
{
    struct sf_slice text = {NULL, 0};

    if (starts_bare(&item, '!')) {
        pattern->is_negated = true;
        item.text = sf_slice_skip(item.text, 1);
        item.marks++;
        item.text = trim_item(item.text, &item.marks);
        if (item.text.len == 0 && !item.is_empty) {
            sf_loader_error(loader, place, "for example `!*@example.com`",
                            "behind `!` stands what is not to match");
            return false;
        }
    }
    text = item.text;
    if (starts_bare(&item, '/')) {
        return parse_regex(loader, place, &item, pattern);
    }
    if (kind == SF_CONDITION_CLIENT &&
        (sf_slice_find(text, '/') < text.len ||
         (sf_slice_find(text, ':') < text.len &&
          sf_slice_find(text, '*') == text.len))) {
        /* An IPv6 address has many spellings: compared as a network. */
        return parse_network(loader, place, text, pattern);
    }
    sf_suspect_item(loader, place, kind, &item);
    return check_brackets(loader, place, kind, text) &&
           parse_text(loader, place, &item, pattern) &&
           (kind != SF_CONDITION_VIOLATION ||
            sf_violation_check(loader, place, pattern));
}

/* Room for one more pattern; NULL without memory. */
static struct sf_pattern *make_room(struct sf_loader *loader,
                                    struct sf_list_build *build)
{
    if (build->count == build->room) {
        size_t room = build->room == 0 ? 4 : build->room * 2;
        struct sf_pattern *items =
            sf_loader_keep(loader, room * sizeof(*items));

        if (items == NULL) {
            return NULL;
        }
        if (build->count > 0) {
            memcpy(items, build->items, build->count * sizeof(*items));
        }
        build->items = items;
        build->room = room;
    }
    return &build->items[build->count];
}

bool sf_list_parse(struct sf_loader *loader,
                   const struct sf_place *place,
                   enum sf_condition_kind kind,
                   const struct sf_value *value,
                   struct sf_list_build *build)
{
    struct sf_value rest = *value;
    struct sf_list_item item;
    size_t errors = loader->error_count;

    while (rest.text.ptr != NULL &&
           take_item(loader, place, &rest, find_pattern_end(&rest), &item)) {
        struct sf_pattern *pattern = make_room(loader, build);

        if (pattern == NULL) {
            return false;
        }
        *pattern = (struct sf_pattern){0};
        if (parse_pattern(loader, place, kind, item, pattern)) {
            build->count++;
        }
    }
    return loader->error_count == errors && !loader->is_out_of_memory;
}

static const char *hint_per(struct sf_loader *loader)
{
    struct sf_naming naming;

    sf_naming_init(&naming, "this version has", SF_PER_COUNT);
    for (unsigned i = 0; i < SF_PER_COUNT; i++) {
        sf_naming_add(&naming, sf_per_get((enum sf_per)i)->key);
    }
    return sf_naming_finish(&naming, loader, "");
}

bool sf_list_find_per(struct sf_loader *loader,
                      const struct sf_place *place,
                      const char *key,
                      struct sf_slice word,
                      unsigned *out_per)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, word);
    for (unsigned i = 0; i < SF_PER_COUNT; i++) {
        if (sf_slice_eq_str(word, sf_per_get((enum sf_per)i)->key)) {
            *out_per = i;
            return true;
        }
        sf_suggestion_offer(&suggestion, sf_per_get((enum sf_per)i)->key);
    }
    sf_loader_error(loader, place,
                    sf_suggestion_hint(&suggestion, loader, hint_per(loader)),
                    "`%.*s` is no key of `%s`", SF_SLICE_ARG(word), key);
    return false;
}

bool sf_list_parse_per(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_value *value,
                       unsigned *per_set)
{
    struct sf_value rest = *value;
    struct sf_list_item item;
    size_t errors = loader->error_count;

    while (sf_list_next(loader, place, &rest, &item)) {
        unsigned per = 0;

        if (!sf_list_find_per(loader, place, "per", item.text, &per)) {
            continue;
        }
        if (*per_set & SF_PER_BIT(per)) {
            sf_loader_error(loader, place, "once is enough",
                            "`%.*s` stands in `per` twice",
                            SF_SLICE_ARG(item.text));
        }
        *per_set |= SF_PER_BIT(per);
    }
    return loader->error_count == errors && !loader->is_out_of_memory;
}

static bool check_extension(struct sf_loader *loader,
                            const struct sf_place *place,
                            struct sf_slice line,
                            bool is_removal)
{
    if (line.len == 0) {
        sf_loader_error(loader, place, "for example `-SIZE` or `+AUTH PLAIN`",
                        "behind `+` or `-` stands a keyword");
        return false;
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\r' || line.ptr[i] == '\n') {
            sf_loader_error(loader, place, "each line is an item of its own",
                            "a line of the list cannot hold CR or LF");
            return false;
        }
        if (is_removal && sf_ascii_is_blank(line.ptr[i])) {
            sf_loader_error(loader, place,
                            "`-SIZE` takes every line of that keyword away; "
                            "a comma stands before the next item",
                            "behind `-` stands a keyword alone");
            return false;
        }
    }
    return true;
}

/* Which of the two forms the list has; every item has to agree. */
static bool check_form(struct sf_loader *loader,
                       const struct sf_place *place,
                       bool is_full,
                       struct sf_extension_build *build)
{
    if (!build->is_begun) {
        build->is_begun = true;
        build->edit.is_full = is_full;
    }
    if (build->edit.is_full != is_full) {
        sf_loader_error(loader, place,
                        "either `-KEYWORD` and `+LINE` change the default "
                        "list, or bare lines are the whole list",
                        "`extensions` mixes lines with and without sign");
        return false;
    }
    return true;
}

static void add_extension(struct sf_loader *loader,
                          const struct sf_place *place,
                          const struct sf_list_item *item,
                          struct sf_extension_build *build)
{
    bool is_removal = starts_bare(item, '-');
    bool is_full = !is_removal && !starts_bare(item, '+');
    struct sf_extensions *edit = &build->edit;
    struct sf_slice line =
        is_full ? item->text : sf_slice_trim(sf_slice_skip(item->text, 1));

    if (!check_form(loader, place, is_full, build) ||
        (is_full && line.len == 0) ||
        !check_extension(loader, place, line, is_removal)) {
        return;
    }
    if (edit->add_count + edit->remove_count == SF_EXTENSION_LINES_MAX) {
        sf_loader_error(loader, place, "leave some of them out",
                        "`extensions` has more than %d lines",
                        SF_EXTENSION_LINES_MAX);
        return;
    }
    line.ptr = sf_loader_keep_text(loader, line);
    if (is_removal) {
        build->remove[edit->remove_count++] = line;
    } else {
        build->add[edit->add_count++] = line;
    }
}

bool sf_list_parse_extensions(struct sf_loader *loader,
                              const struct sf_place *place,
                              const struct sf_value *value,
                              struct sf_extension_build *build)
{
    struct sf_value rest = *value;
    struct sf_list_item item;
    size_t errors = loader->error_count;

    if (build->add == NULL) {
        size_t size = SF_EXTENSION_LINES_MAX * sizeof(*build->add);

        build->add = sf_loader_keep(loader, size);
        build->remove = sf_loader_keep(loader, size);
        build->edit.add = build->add;
        build->edit.remove = build->remove;
    }
    if (build->add == NULL || build->remove == NULL) {
        return false;
    }
    while (sf_list_next(loader, place, &rest, &item)) {
        add_extension(loader, place, &item, build);
    }
    return loader->error_count == errors && !loader->is_out_of_memory;
}
