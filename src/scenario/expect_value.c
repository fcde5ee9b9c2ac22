/* expect_value.c - the values of [expect]: one function for each type. */
#include "scenario/expect_value.h"

#include "conduct/conduct.h"
#include "scenario/selector.h"

typedef bool parse_fn(struct sf_expect_parsing *parsing,
                      const struct sf_entry *entry,
                      struct sf_expectation *expectation);

static bool expand(struct sf_expect_parsing *parsing,
                   const struct sf_entry *entry,
                   enum sf_value_form form,
                   struct sf_value *out_value)
{
    return sf_value_expand_static(parsing->loader, parsing->lets, entry, form,
                                  out_value);
}

/* A value that is one word, or text, which then is the text to show. */
static bool expand_plain(struct sf_expect_parsing *parsing,
                         const struct sf_entry *entry,
                         struct sf_expectation *expectation,
                         struct sf_slice *out_text)
{
    struct sf_value value;

    if (!expand(parsing, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    expectation->text = sf_loader_keep_text(parsing->loader, value.text);
    *out_text = value.text;
    return expectation->text != NULL;
}

static bool parse_selector(struct sf_expect_parsing *parsing,
                           const struct sf_entry *entry,
                           enum sf_selector_form form,
                           struct sf_expectation *expectation)
{
    struct sf_slice text;

    return expand_plain(parsing, entry, expectation, &text) &&
           sf_selector_parse(parsing->loader, &entry->place, entry->key, form,
                             text, &expectation->u.selector);
}

static bool parse_number(struct sf_expect_parsing *parsing,
                         const struct sf_entry *entry,
                         struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_NUMBERS, expectation);
}

static bool parse_duration(struct sf_expect_parsing *parsing,
                           const struct sf_entry *entry,
                           struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_DURATIONS, expectation);
}

static bool parse_size(struct sf_expect_parsing *parsing,
                       const struct sf_entry *entry,
                       struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_SIZES, expectation);
}

/* Words, the last of which is NULL. */
static bool parse_word(struct sf_expect_parsing *parsing,
                       const struct sf_entry *entry,
                       const char *const *words,
                       const char *hint,
                       struct sf_expectation *expectation,
                       unsigned *out_index)
{
    struct sf_slice text;

    return expand_plain(parsing, entry, expectation, &text) &&
           sf_value_find_word(parsing->loader, entry, text, words, hint,
                              out_index);
}

static bool parse_growing(struct sf_expect_parsing *parsing,
                          const struct sf_entry *entry,
                          struct sf_expectation *expectation)
{
    static const char *const words[] = {"growing", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `growing`", expectation,
                      &index);
}

static bool parse_stop(struct sf_expect_parsing *parsing,
                       const struct sf_entry *entry,
                       struct sf_expectation *expectation)
{
    static const char *const words[] = {"stop", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `stop`", expectation,
                      &index);
}

static bool parse_never(struct sf_expect_parsing *parsing,
                        const struct sf_entry *entry,
                        struct sf_expectation *expectation)
{
    static const char *const words[] = {"never", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `never`", expectation,
                      &index);
}

static bool parse_habit(struct sf_expect_parsing *parsing,
                        const struct sf_entry *entry,
                        struct sf_expectation *expectation)
{
    static const char *const words[] = {
#define X(name, word) word,
        SF_HABIT_MAP(X)
#undef X
            NULL};
    unsigned index = 0;

    if (!parse_word(parsing, entry, words,
                    "it is `always`, `never` or `sometimes`", expectation,
                    &index)) {
        return false;
    }
    expectation->u.habit = (enum sf_habit)index;
    return true;
}

/* Lists. */

static enum sf_condition_kind kind_of(enum sf_expect_key key)
{
    if (key == SF_EXPECT_MECHANISM) {
        return SF_CONDITION_MECHANISM;
    }
    return sf_expect_get(key)->type == SF_EXPECT_IS_RECIPIENTS
               ? SF_CONDITION_RECIPIENT
               : SF_CONDITION_BODY;
}

static bool show_list(struct sf_expect_parsing *parsing,
                      const struct sf_entry *entry,
                      struct sf_expectation *expectation)
{
    expectation->text =
        expectation->text == NULL
            ? sf_loader_keep_text(parsing->loader, sf_slice_str(entry->value))
            : sf_arena_printf(parsing->loader->arena, "%s %s",
                              expectation->text, entry->value);
    parsing->loader->is_out_of_memory |= expectation->text == NULL;
    return expectation->text != NULL;
}

static bool parse_patterns(struct sf_expect_parsing *parsing,
                           const struct sf_entry *entry,
                           struct sf_expectation *expectation,
                           struct sf_list *out_list)
{
    struct sf_value value = {.text = {NULL, 0}};

    if (!entry->is_continuation) {
        parsing->list = (struct sf_list_build){NULL, 0, 0};
    }
    if (!expand(parsing, entry, SF_VALUE_PATTERNS, &value) ||
        !sf_list_parse(parsing->loader, &entry->place,
                       kind_of(expectation->key), &value, &parsing->list)) {
        return false;
    }
    *out_list = (struct sf_list){parsing->list.items, parsing->list.count};
    return show_list(parsing, entry, expectation);
}

static bool parse_list(struct sf_expect_parsing *parsing,
                       const struct sf_entry *entry,
                       struct sf_expectation *expectation)
{
    return parse_patterns(parsing, entry, expectation, &expectation->u.list);
}

/* Whether the text is meant as a number of recipients, not as a pattern. */
static bool reads_as_number(struct sf_slice text)
{
    size_t at = 0;

    while (at < text.len && (text.ptr[at] == '<' || text.ptr[at] == '>' ||
                             text.ptr[at] == '=' || text.ptr[at] == '.')) {
        at++;
    }
    return at < text.len && sf_ascii_is_digit(text.ptr[at]) &&
           sf_slice_find(text, '@') == text.len;
}

static bool parse_recipients(struct sf_expect_parsing *parsing,
                             const struct sf_entry *entry,
                             struct sf_expectation *expectation)
{
    struct sf_value value = {.text = {NULL, 0}};

    if (!entry->is_continuation) {
        if (!expand(parsing, entry, SF_VALUE_PATTERNS, &value)) {
            return false;
        }
        expectation->u.recipients.is_number = reads_as_number(value.text);
    }
    if (!expectation->u.recipients.is_number) {
        return parse_patterns(parsing, entry, expectation,
                              &expectation->u.recipients.list);
    }
    expectation->text = sf_loader_keep_text(parsing->loader, value.text);
    return expectation->text != NULL &&
           sf_selector_parse(parsing->loader, &entry->place, entry->key,
                             SF_SELECTOR_NUMBERS, value.text,
                             &expectation->u.recipients.selector);
}

/* Client rules that may be broken. */

static void add_id(struct sf_expect_parsing *parsing,
                   const struct sf_entry *entry,
                   struct sf_slice word,
                   const char **ids,
                   size_t *id_count)
{
    const struct sf_conduct_rule *rule = sf_conduct_find(word);

    if (rule == NULL) {
        sf_loader_error(parsing->loader, &entry->place,
                        "it is `none`, `strict`, or the ids of rules that may "
                        "be broken, such as `SEQ-07, PIP-01`",
                        "there is no client rule `%.*s`", SF_SLICE_ARG(word));
    } else if (*id_count < SF_CONDUCT_COUNT) {
        ids[(*id_count)++] = rule->id;
    }
}

static bool parse_ids(struct sf_expect_parsing *parsing,
                      const struct sf_entry *entry,
                      struct sf_value *value,
                      struct sf_expectation *expectation)
{
    size_t errors = parsing->loader->error_count;
    size_t count =
        entry->is_continuation ? expectation->u.violations.id_count : 0;
    const char **ids =
        sf_loader_keep(parsing->loader, SF_CONDUCT_COUNT * sizeof(*ids));
    struct sf_list_item item;

    if (ids == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = expectation->u.violations.ids[i];
    }
    while (sf_list_next(parsing->loader, &entry->place, value, &item)) {
        add_id(parsing, entry, item.text, ids, &count);
    }
    expectation->u.violations.tolerance = SF_TOLERATES_LISTED;
    expectation->u.violations.ids = ids;
    expectation->u.violations.id_count = count;
    return parsing->loader->error_count == errors;
}

static bool parse_violations(struct sf_expect_parsing *parsing,
                             const struct sf_entry *entry,
                             struct sf_expectation *expectation)
{
    struct sf_value value;

    if (!expand(parsing, entry, SF_VALUE_LIST, &value) ||
        !show_list(parsing, entry, expectation)) {
        return false;
    }
    if (entry->is_continuation || (!sf_slice_eq_str(value.text, "none") &&
                                   !sf_slice_eq_str(value.text, "strict"))) {
        return parse_ids(parsing, entry, &value, expectation);
    }
    expectation->u.violations.tolerance = sf_slice_eq_str(value.text, "none")
                                              ? SF_TOLERATES_SHOULD
                                              : SF_TOLERATES_NOTHING;
    return true;
}

/* Content. */

static bool is_digest(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!sf_ascii_is_digit(text.ptr[i]) &&
            (sf_ascii_lower(text.ptr[i]) < 'a' ||
             sf_ascii_lower(text.ptr[i]) > 'f')) {
            return false;
        }
    }
    return text.len == SF_DIGEST_HEX_SIZE - 1;
}

/* A text file has lines that end in LF, the message it stands for in CRLF. */
static bool digest_crlf(struct sf_loader *loader,
                        struct sf_slice text,
                        char out[SF_DIGEST_HEX_SIZE])
{
    struct sf_digest *digest = NULL;

    out[0] = '\0';
    if (sf_slice_find(text, '\r') < text.len) {
        return true;
    }
    digest = sf_digest_new();
    if (digest == NULL) {
        loader->is_out_of_memory = true;
        return false;
    }
    while (text.len > 0) {
        size_t end = sf_slice_find(text, '\n');
        bool has_end = end < text.len;

        sf_digest_update(digest, text.ptr, end);
        sf_digest_update(digest, "\r\n", has_end ? 2 : 0);
        text = sf_slice_skip(text, has_end ? end + 1 : end);
    }
    sf_digest_finish(digest, out);
    sf_digest_free(digest);
    return true;
}

static bool parse_content(struct sf_expect_parsing *parsing,
                          const struct sf_entry *entry,
                          struct sf_expectation *expectation)
{
    struct sf_loader *loader = parsing->loader;
    struct sf_slice value;
    struct sf_slice text = {NULL, 0};

    if (!expand_plain(parsing, entry, expectation, &value)) {
        return false;
    }
    if (is_digest(value)) {
        for (size_t i = 0; i < value.len; i++) {
            expectation->u.content.sha256[i] = sf_ascii_lower(value.ptr[i]);
        }
        return true;
    }
    if (!sf_value_read_file(loader, entry, value, &text)) {
        return false;
    }
    if (sf_digest_hex(text, expectation->u.content.sha256) != 0) {
        loader->is_out_of_memory = true;
        return false;
    }
    return digest_crlf(loader, text, expectation->u.content.sha256_crlf);
}

static parse_fn *const parsers[] = {
    [SF_EXPECT_IS_NUMBER] = parse_number,
    [SF_EXPECT_IS_DURATION] = parse_duration,
    [SF_EXPECT_IS_SIZE] = parse_size,
    [SF_EXPECT_IS_LIST] = parse_list,
    [SF_EXPECT_IS_RECIPIENTS] = parse_recipients,
    [SF_EXPECT_IS_GROWING] = parse_growing,
    [SF_EXPECT_IS_STOP] = parse_stop,
    [SF_EXPECT_IS_NEVER] = parse_never,
    [SF_EXPECT_IS_HABIT] = parse_habit,
    [SF_EXPECT_IS_CONTENT] = parse_content,
    [SF_EXPECT_IS_VIOLATIONS] = parse_violations,
};

bool sf_expect_parse(struct sf_expect_parsing *parsing,
                     const struct sf_entry *entry,
                     struct sf_expectation *expectation)
{
    return parsers[sf_expect_get(expectation->key)->type](parsing, entry,
                                                          expectation);
}

bool sf_expect_takes_list(const struct sf_expectation *expectation)
{
    enum sf_expect_type type = sf_expect_get(expectation->key)->type;

    return type == SF_EXPECT_IS_LIST ||
           (type == SF_EXPECT_IS_VIOLATIONS &&
            expectation->u.violations.tolerance == SF_TOLERATES_LISTED) ||
           (type == SF_EXPECT_IS_RECIPIENTS &&
            !expectation->u.recipients.is_number);
}
