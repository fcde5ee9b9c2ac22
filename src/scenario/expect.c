/* expect.c - sections [expect], and --expect.
 *
 * An entry becomes an expectation by what its key takes (verdict/expect.h).  A
 * key stands in a section once; what stands in several sections has to hold
 * each time.  Which rules there are is known at the end only. */
#include "scenario/expect.h"

#include <string.h>

#include "scenario/expect_value.h"
#include "scenario/keys.h"

/* Labels that a hint shows. */
#define HINT_LABELS_MAX 12

/* Entries. */

static void go_on(struct sf_expect_parsing *parsing,
                  const struct sf_entry *entry)
{
    struct sf_expect_draft *draft = parsing->open;

    if (draft == NULL) {
        return; /* what it goes on with is reported */
    }
    if (!sf_expect_takes_list(&draft->expectation)) {
        sf_loader_error(parsing->loader, &entry->place,
                        "only lists go on in an indented line",
                        "the value of `%s` goes on in another line",
                        entry->key);
        return;
    }
    (void)sf_expect_parse(parsing, entry, &draft->expectation);
}

/* A key stands in a section once. */
static bool claim(struct sf_expect_parsing *parsing,
                  const struct sf_entry *entry)
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

static void add_draft(struct sf_expect_parsing *parsing,
                      struct sf_expect_draft *draft)
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

static struct sf_expect_draft *new_draft(struct sf_expect_parsing *parsing,
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
static bool take_rule(struct sf_expect_parsing *parsing,
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

static void compile_entry(struct sf_expect_parsing *parsing,
                          const struct sf_entry *entry)
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
        sf_expect_parse(parsing, entry, &draft->expectation)) {
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
    struct sf_expect_parsing parsing = {.builds = builds,
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
    struct sf_expect_parsing parsing = {
        .builds = builds, .loader = loader, .lets = lets};
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
        if (items[i].key == SF_EXPECT_FIRED && items[i].rule != NULL &&
            strcmp(items[i].rule, label) == 0) {
            return true;
        }
    }
    return false;
}

/* `0..` says that nobody cares. */
static bool is_any(const struct sf_selector *selector)
{
    return selector->kind == SF_SELECTOR_RANGE && selector->low == 0 &&
           selector->end == UINT64_MAX;
}

/* Whether the run is judged by how often the rule fires, for what the rule
 * itself or nobody says. */
static bool is_judged(const struct sf_draft *draft,
                      const struct sf_expectation *items,
                      size_t count)
{
    return draft->fired_place != NULL
               ? !is_any(&draft->fired)
               : !is_expected_to_fire(items, count, draft->rule.label);
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
        if (is_judged(draft, items, written) &&
            !put_fired(loader, draft, &items[count++])) {
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        out->is_asked |=
            !items[i].is_default &&
            !(items[i].key == SF_EXPECT_FIRED && is_any(&items[i].u.selector));
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
