/* expect.c - sections [expect], and --expect.
 *
 * An entry becomes an expectation by what its key takes (verdict/expect.h).  A
 * key stands in a section once; what stands in several sections has to hold
 * each time.  Which rules there are is known at the end only. */
#include "scenario/expect.h"

#include <string.h>

#include "conduct/conduct.h"
#include "scenario/keys.h"
#include "scenario/list.h"
#include "scenario/selector.h"

/* Labels that a hint shows. */
#define HINT_LABELS_MAX 12

struct parsing {
    struct sf_expect_builds *builds;
    struct sf_loader *loader;
    struct sf_lets *lets;
    const struct sf_section *section; /* NULL: --expect */
    const char *label;
    bool is_included;
    struct sf_list_build list;    /* of the last list */
    struct sf_expect_draft *open; /* that continuations go on with */
};

typedef bool parse_fn(struct parsing *parsing,
                      const struct sf_entry *entry,
                      struct sf_expectation *expectation);

static bool expand(struct parsing *parsing,
                   const struct sf_entry *entry,
                   enum sf_value_form form,
                   struct sf_value *out_value)
{
    return sf_value_expand_static(parsing->loader, parsing->lets, entry, form,
                                  out_value);
}

/* A value that is one word, or text, which then is the text to show. */
static bool expand_plain(struct parsing *parsing,
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

static bool parse_selector(struct parsing *parsing,
                           const struct sf_entry *entry,
                           enum sf_selector_form form,
                           struct sf_expectation *expectation)
{
    struct sf_slice text;

    return expand_plain(parsing, entry, expectation, &text) &&
           sf_selector_parse(parsing->loader, &entry->place, entry->key, form,
                             text, &expectation->u.selector);
}

static bool parse_number(struct parsing *parsing,
                         const struct sf_entry *entry,
                         struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_NUMBERS, expectation);
}

static bool parse_duration(struct parsing *parsing,
                           const struct sf_entry *entry,
                           struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_DURATIONS, expectation);
}

static bool parse_size(struct parsing *parsing,
                       const struct sf_entry *entry,
                       struct sf_expectation *expectation)
{
    return parse_selector(parsing, entry, SF_SELECTOR_SIZES, expectation);
}

/* Words, the last of which is NULL. */
static bool parse_word(struct parsing *parsing,
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

static bool parse_growing(struct parsing *parsing,
                          const struct sf_entry *entry,
                          struct sf_expectation *expectation)
{
    static const char *const words[] = {"growing", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `growing`", expectation,
                      &index);
}

static bool parse_stop(struct parsing *parsing,
                       const struct sf_entry *entry,
                       struct sf_expectation *expectation)
{
    static const char *const words[] = {"stop", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `stop`", expectation,
                      &index);
}

static bool parse_never(struct parsing *parsing,
                        const struct sf_entry *entry,
                        struct sf_expectation *expectation)
{
    static const char *const words[] = {"never", NULL};
    unsigned index = 0;

    return parse_word(parsing, entry, words, "it is `never`", expectation,
                      &index);
}

static bool parse_habit(struct parsing *parsing,
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

static bool show_list(struct parsing *parsing,
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

static bool parse_patterns(struct parsing *parsing,
                           const struct sf_entry *entry,
                           struct sf_expectation *expectation,
                           struct sf_list *out_list)
{
    struct sf_value value;

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

static bool parse_list(struct parsing *parsing,
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

static bool parse_recipients(struct parsing *parsing,
                             const struct sf_entry *entry,
                             struct sf_expectation *expectation)
{
    struct sf_value value;

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

static void add_id(struct parsing *parsing,
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

static bool parse_ids(struct parsing *parsing,
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

static bool parse_violations(struct parsing *parsing,
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

static bool parse_content(struct parsing *parsing,
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

/* Entries. */

static bool takes_list(const struct sf_expectation *expectation)
{
    enum sf_expect_type type = sf_expect_get(expectation->key)->type;

    return type == SF_EXPECT_IS_LIST ||
           (type == SF_EXPECT_IS_VIOLATIONS &&
            expectation->u.violations.tolerance == SF_TOLERATES_LISTED) ||
           (type == SF_EXPECT_IS_RECIPIENTS &&
            !expectation->u.recipients.is_number);
}

static void go_on(struct parsing *parsing, const struct sf_entry *entry)
{
    struct sf_expect_draft *draft = parsing->open;

    if (draft == NULL) {
        return; /* what it goes on with is reported */
    }
    if (!takes_list(&draft->expectation)) {
        sf_loader_error(parsing->loader, &entry->place,
                        "only lists go on in an indented line",
                        "the value of `%s` goes on in another line",
                        entry->key);
        return;
    }
    (void)parsers[sf_expect_get(draft->expectation.key)->type](
        parsing, entry, &draft->expectation);
}

/* A key stands in a section once. */
static bool claim(struct parsing *parsing, const struct sf_entry *entry)
{
    const struct sf_expect_draft *draft = parsing->builds->first;

    while (draft != NULL &&
           (draft->section != parsing->section ||
            strcmp(draft->expectation.name, entry->key) != 0)) {
        draft = draft->next;
    }
    if (draft == NULL || parsing->section == NULL) {
        return true;
    }
    sf_loader_error(parsing->loader, &entry->place,
                    "keep one of the two lines, or open another `[expect]`: "
                    "both have to hold then",
                    "`%s` stands in this section already, in line %u",
                    entry->key, draft->place.line);
    return false;
}

static void add_draft(struct parsing *parsing, struct sf_expect_draft *draft)
{
    struct sf_expect_builds *builds = parsing->builds;

    if (builds->count == SF_EXPECTATIONS_MAX) {
        sf_loader_error(
            parsing->loader, &draft->place, "leave some of them out",
            "there are more than %d expectations", SF_EXPECTATIONS_MAX);
    }
    builds->count++;
    if (builds->last == NULL) {
        builds->first = draft;
    } else {
        builds->last->next = draft;
    }
    builds->last = draft;
    parsing->open = draft;
}

static struct sf_expect_draft *new_draft(struct parsing *parsing,
                                         const struct sf_entry *entry,
                                         enum sf_expect_key key)
{
    struct sf_loader *loader = parsing->loader;
    struct sf_expect_draft *draft = sf_loader_borrow(loader, sizeof(*draft));

    if (draft == NULL) {
        return NULL;
    }
    draft->place = entry->place;
    draft->section = parsing->section;
    draft->is_dropped = parsing->is_included;
    draft->expectation.key = key;
    draft->expectation.label = parsing->label;
    draft->expectation.name =
        sf_loader_keep_text(loader, sf_slice_str(entry->key));
    if (parsing->section != NULL) {
        draft->expectation.path = entry->place.path;
        draft->expectation.line = entry->place.line;
    }
    return draft->expectation.name == NULL ? NULL : draft;
}

/* `fired.greylist`: the rule is the second word of the key. */
static bool take_rule(struct parsing *parsing,
                      const struct sf_entry *entry,
                      struct sf_expectation *expectation)
{
    struct sf_slice rest = sf_slice_str(expectation->name);

    if (!sf_expect_has_rule(expectation->key)) {
        return true;
    }
    (void)sf_slice_cut(&rest, '.');
    if (rest.len == 0) {
        sf_loader_error(parsing->loader, &entry->place,
                        sf_arena_printf(&parsing->loader->scratch,
                                        "for example `%s.greylist = %s`",
                                        entry->key, entry->value),
                        "`%s` lacks the label of a rule", entry->key);
        return false;
    }
    expectation->rule = rest.ptr;
    return true;
}

static void compile_entry(struct parsing *parsing, const struct sf_entry *entry)
{
    const struct sf_key *key = NULL;
    struct sf_expect_draft *draft = NULL;

    if (entry->is_continuation) {
        go_on(parsing, entry);
        return;
    }
    parsing->open = NULL;
    key = sf_keys_find(parsing->loader, SF_SECTION_EXPECT, entry);
    if (key == NULL || !sf_keys_has_value(parsing->loader, entry) ||
        !claim(parsing, entry) ||
        parsing->builds->count > SF_EXPECTATIONS_MAX) {
        return;
    }
    draft = new_draft(parsing, entry, (enum sf_expect_key)key->id);
    if (draft != NULL && take_rule(parsing, entry, &draft->expectation) &&
        parsers[sf_expect_get(draft->expectation.key)->type](
            parsing, entry, &draft->expectation)) {
        add_draft(parsing, draft);
    }
}

void sf_expect_compile(struct sf_expect_builds *builds,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const struct sf_section *section,
                       struct sf_slice label,
                       bool is_included)
{
    struct parsing parsing = {.builds = builds,
                              .loader = loader,
                              .lets = lets,
                              .section = section,
                              .is_included = is_included};

    if (label.len > 0 && !sf_slice_is_name(label)) {
        sf_loader_error(loader, &section->place,
                        "use letters, digits, `-`, `_` and `.`",
                        "`%.*s` is no label", SF_SLICE_ARG(label));
        return;
    }
    if (section->entries == NULL) {
        sf_loader_error(loader, &section->place,
                        "for example `attempts = 2..3`",
                        "the section `[%s]` is empty", section->name);
        return;
    }
    if (label.len > 0) {
        parsing.label = sf_loader_keep_text(loader, label);
    }
    for (const struct sf_entry *entry = section->entries;
         entry != NULL && !loader->is_out_of_memory; entry = entry->next) {
        if (!entry->is_faulty) {
            compile_entry(&parsing, entry);
        }
    }
}

void sf_expect_compile_option(struct sf_expect_builds *builds,
                              struct sf_loader *loader,
                              struct sf_lets *lets,
                              const struct sf_setting *option)
{
    struct parsing parsing = {.builds = builds, .loader = loader, .lets = lets};
    const struct sf_entry entry = {.place = {"--expect", 0, 0, NULL, false},
                                   .key = option->name,
                                   .value = option->value};

    compile_entry(&parsing, &entry);
}

/* What comes out. */

static const struct sf_draft *find_rule(const struct sf_drafts *drafts,
                                        const char *label)
{
    const struct sf_draft *draft = drafts->first;

    while (draft != NULL && strcmp(draft->rule.label, label) != 0) {
        draft = draft->next;
    }
    return draft;
}

static void report_rule(struct sf_loader *loader,
                        const struct sf_drafts *drafts,
                        const struct sf_expect_draft *expected)
{
    struct sf_suggestion suggestion;
    struct sf_naming naming;
    const char *hint = NULL;

    sf_suggestion_init(&suggestion, sf_slice_str(expected->expectation.rule));
    sf_naming_init(&naming, "there are", HINT_LABELS_MAX);
    for (const struct sf_draft *draft = drafts->first; draft != NULL;
         draft = draft->next) {
        sf_suggestion_offer(&suggestion, draft->rule.label);
        sf_naming_add(&naming, draft->rule.label);
    }
    if (naming.count == 0) {
        sf_buf_clear(&naming.text);
        sf_buf_puts(&naming.text, "the scenario has no rules: leave it out");
    }
    hint = sf_naming_finish(&naming, loader, "");
    sf_loader_error(loader, &expected->place,
                    sf_suggestion_hint(&suggestion, loader, hint),
                    "no rule has the label `%s`", expected->expectation.rule);
}

/* Whether something says how often the rule has to fire. */
static bool is_expected_to_fire(const struct sf_expectation *items,
                                size_t count,
                                const char *label)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].key == SF_EXPECT_FIRED &&
            strcmp(items[i].rule, label) == 0) {
            return true;
        }
    }
    return false;
}

static bool put_fired(struct sf_loader *loader,
                      const struct sf_draft *draft,
                      struct sf_expectation *out_item)
{
    bool is_default = draft->fired_place == NULL;

    *out_item = (struct sf_expectation){
        .key = SF_EXPECT_FIRED,
        .name = sf_arena_printf(loader->arena, "fired.%s", draft->rule.label),
        .text = is_default ? "1.." : draft->fired_text,
        .path = is_default ? NULL : draft->fired_place->path,
        .line = is_default ? 0 : draft->fired_place->line,
        .is_default = is_default,
        .rule = draft->rule.label};
    out_item->u.selector =
        is_default ? (struct sf_selector){.low = 1, .end = UINT64_MAX}
                   : draft->fired;
    loader->is_out_of_memory |= out_item->name == NULL;
    return out_item->name != NULL;
}

/* `0..` says that nobody cares. */
static bool says_something(const struct sf_expectation *item)
{
    return !item->is_default &&
           !(item->key == SF_EXPECT_FIRED &&
             item->u.selector.kind == SF_SELECTOR_RANGE &&
             item->u.selector.low == 0 && item->u.selector.end == UINT64_MAX);
}

static void take_secrets(struct sf_loader *loader, struct sf_scenario *scenario)
{
    const char **secrets = NULL;
    size_t count = 0;

    for (const struct sf_user *user = scenario->users; user != NULL;
         user = user->next) {
        count++;
    }
    secrets = sf_loader_keep(loader, (count + 1) * sizeof(*secrets));
    if (secrets == NULL) {
        return;
    }
    count = 0;
    for (const struct sf_user *user = scenario->users; user != NULL;
         user = user->next) {
        secrets[count++] = user->password;
    }
    scenario->expectations.secrets = secrets;
    scenario->expectations.secret_count = count;
}

/* Sections and --expect in their order, then the rules in theirs. */
static void put_items(const struct sf_expect_builds *builds,
                      struct sf_loader *loader,
                      const struct sf_drafts *drafts,
                      struct sf_expectations *out)
{
    struct sf_expectation *items = sf_loader_keep(
        loader, (builds->count + drafts->count + 1) * sizeof(*items));
    size_t written = 0;
    size_t count = 0;

    if (items == NULL) {
        return;
    }
    for (const struct sf_expect_draft *draft = builds->first; draft != NULL;
         draft = draft->next) {
        if (!draft->is_dropped) {
            items[count++] = draft->expectation;
        }
    }
    written = count;
    for (const struct sf_draft *draft = drafts->first; draft != NULL;
         draft = draft->next) {
        if ((draft->fired_place != NULL ||
             !is_expected_to_fire(items, written, draft->rule.label)) &&
            !put_fired(loader, draft, &items[count++])) {
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        out->is_asked |= says_something(&items[i]);
    }
    out->items = items;
    out->count = count;
}

void sf_expect_finish(const struct sf_expect_builds *builds,
                      struct sf_loader *loader,
                      const struct sf_drafts *drafts,
                      struct sf_scenario *scenario)
{
    for (const struct sf_expect_draft *draft = builds->first; draft != NULL;
         draft = draft->next) {
        if (draft->expectation.rule != NULL &&
            find_rule(drafts, draft->expectation.rule) == NULL) {
            report_rule(loader, drafts, draft);
        }
    }
    put_items(builds, loader, drafts, &scenario->expectations);
    take_secrets(loader, scenario);
}
