/* load.c - loads scenario files into the scenario that comes out.
 *
 * A file that was asked for and what it includes share one set of [let] names.
 * They are all read first, since a name may be defined in any of them; then
 * their sections are compiled in that order.  Several files that were asked
 * for do not see each other's names. */
#include "smtpfault.h"

#include <stdlib.h>

#include "base/diag.h"
#include "scenario/compile.h"
#include "scenario/expect.h"
#include "scenario/head.h"
#include "scenario/keys.h"
#include "scenario/lint.h"
#include "scenario/list.h"
#include "scenario/listen.h"
#include "scenario/regex.h"
#include "scenario/ruleset.h"
#include "scenario/scenario.h"
#include "scenario/server.h"
#include "scenario/tls.h"
#include "scenario/tree.h"
#include "scenario/users.h"

struct job {
    const struct sf_load *load;
    struct sf_loader loader;
    struct sf_scenario *scenario;
    struct sf_reader reader;
    struct sf_drafts drafts;
    struct sf_server_build server;
    struct sf_listen_builds listeners;
    struct sf_user_builds users;
    struct sf_expect_builds expectations;
    struct sf_tree *trees;
    const struct sf_unit *tagged; /* the file whose tags count; NULL: none */
    const struct sf_tag **tag_end;
};

static const char *const sections_hint =
    "this version has rules, such as `[RCPT]`, and the sections `[scenario]`, "
    "`[let]`, `[server]`, `[users]`, `[listen NAME]` and `[expect]`";

/* Names of [let] that a hint shows. */
#define HINT_LETS_MAX 12

/* What is wrong with the name of a section that is no rule. */
static bool check_section(struct job *job,
                          const struct sf_section *section,
                          enum sf_section_kind kind,
                          struct sf_slice name)
{
    struct sf_suggestion suggestion;
    struct sf_slice rest = name;
    struct sf_slice word = sf_slice_cut_word(&rest);

    if (kind == SF_SECTION_KIND_COUNT) {
        sf_suggestion_init(&suggestion, word);
        sf_keys_suggest_section(&suggestion);
        sf_head_suggest(&suggestion);
        sf_loader_error(
            &job->loader, &section->place,
            sf_suggestion_hint(&suggestion, &job->loader, sections_hint),
            "there is no section `%.*s`", SF_SLICE_ARG(word));
        return false;
    }
    if (rest.len > 0 && kind != SF_SECTION_LISTEN &&
        kind != SF_SECTION_EXPECT) {
        sf_loader_error(&job->loader, &section->place,
                        "only rules and `[expect]` have labels: `[EVENT "
                        "label]`",
                        "`[%.*s]` takes no label", SF_SLICE_ARG(word));
        return false;
    }
    return true;
}

struct settings {
    struct job *job;
    struct sf_tree *tree;
    const struct sf_unit *unit;
    const struct sf_place *places[SF_SETTING_COUNT]; /* in this file */
};

static bool
parse_seed(struct job *job, const struct sf_entry *entry, struct sf_slice text)
{
    uint64_t seed = 0;

    if (sf_slice_parse_u64(text, &seed) != 0) {
        sf_loader_error(&job->loader, &entry->place, "for example `seed = 7`",
                        "`seed` is a number from 0 to 2^64 - 1");
        return false;
    }
    if (!job->scenario->has_seed) {
        job->scenario->has_seed = true;
        job->scenario->seed = seed;
    }
    return true;
}

static void add_tag(struct job *job, struct sf_slice text)
{
    struct sf_tag *tag = sf_loader_keep(&job->loader, sizeof(*tag));

    if (tag != NULL) {
        tag->text = sf_loader_keep_text(&job->loader, text);
        *job->tag_end = tag;
        job->tag_end = &tag->next;
    }
}

static void parse_tags(struct settings *settings,
                       const struct sf_entry *entry,
                       struct sf_value *value)
{
    struct job *job = settings->job;
    struct sf_list_item item;

    if (job->tagged == NULL) {
        job->tagged = settings->unit;
    }
    while (sf_list_next(&job->loader, &entry->place, value, &item)) {
        if (item.text.len == 0) {
            sf_loader_error(&job->loader, &entry->place,
                            "write words, `tags = greylist, retry`",
                            "a tag is empty");
        } else if (job->tagged == settings->unit) {
            add_tag(job, item.text);
        }
    }
}

static void apply_setting(struct settings *settings,
                          const struct sf_entry *entry,
                          enum sf_setting_key key)
{
    struct job *job = settings->job;
    bool is_list = key == SF_SETTING_TAGS;
    struct sf_value value;

    if (!sf_value_expand_static(&job->loader, &settings->tree->lets, entry,
                                is_list ? SF_VALUE_LIST : SF_VALUE_PLAIN,
                                &value)) {
        return;
    }
    if (key == SF_SETTING_TITLE && job->scenario->title == NULL) {
        job->scenario->title = sf_loader_keep_text(&job->loader, value.text);
    } else if (key == SF_SETTING_SEED) {
        (void)parse_seed(job, entry, value.text);
    } else if (key == SF_SETTING_TAGS) {
        parse_tags(settings, entry, &value);
    }
}

static void compile_setting(struct settings *settings,
                            const struct sf_entry *entry)
{
    struct job *job = settings->job;
    const struct sf_key *key = NULL;
    const struct sf_place **place = NULL;

    if (entry->is_faulty) {
        return;
    }
    key = sf_keys_find(&job->loader, SF_SECTION_SCENARIO, entry);
    if (key == NULL || key->id == SF_SETTING_INCLUDE ||
        !sf_keys_has_value(&job->loader, entry)) {
        return;
    }
    place = &settings->places[key->id];
    if (*place != NULL &&
        (key->id == SF_SETTING_TITLE || key->id == SF_SETTING_SEED)) {
        sf_loader_error(
            &job->loader, &entry->place, "keep one of the two lines",
            "`%s` is set already, in line %u", entry->key, (*place)->line);
        return;
    }
    *place = &entry->place;
    apply_setting(settings, entry, (enum sf_setting_key)key->id);
}

static void compile_section(struct job *job,
                            struct sf_tree *tree,
                            struct settings *settings,
                            const struct sf_section *section)
{
    const struct sf_entry head = {.place = section->place,
                                  .value = section->name};
    struct sf_value name;
    enum sf_section_kind kind;

    if (section->is_faulty ||
        !sf_value_expand_static(&job->loader, &tree->lets, &head,
                                SF_VALUE_PLAIN, &name)) {
        return;
    }
    name.text = sf_slice_trim(name.text);
    kind = sf_keys_kind_of(name.text);
    if (kind == SF_SECTION_RULE) {
        sf_compile_rule(&job->loader, &tree->lets, section, name.text,
                        &job->drafts);
        return;
    }
    if (!check_section(job, section, kind, name.text)) {
        return;
    }
    if (kind == SF_SECTION_SERVER) {
        sf_server_compile(&job->server, &job->loader, &tree->lets, section);
    } else if (kind == SF_SECTION_LISTEN) {
        (void)sf_slice_cut_word(&name.text);
        sf_listen_compile(&job->listeners, &job->loader, &tree->lets, tree,
                          section, sf_slice_trim(name.text));
    } else if (kind == SF_SECTION_EXPECT) {
        (void)sf_slice_cut_word(&name.text);
        sf_expect_compile(&job->expectations, &job->loader, &tree->lets,
                          section, sf_slice_trim(name.text),
                          settings->unit->parent != NULL);
    } else if (kind == SF_SECTION_USERS) {
        job->scenario->has_users = true;
        sf_users_compile(&job->users, &job->loader, &tree->lets, section);
    } else if (kind == SF_SECTION_SCENARIO) {
        for (const struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            compile_setting(settings, entry);
        }
    }
}

static void compile_tree(struct job *job, struct sf_tree *tree)
{
    for (const struct sf_unit *unit = tree->first; unit; unit = unit->next) {
        struct settings settings = {.job = job, .tree = tree, .unit = unit};

        for (const struct sf_section *section = unit->source.sections;
             section != NULL && !job->loader.is_out_of_memory;
             section = section->next) {
            compile_section(job, tree, &settings, section);
        }
    }
}

static const char *hint_lets(struct job *job)
{
    struct sf_naming naming;

    sf_naming_init(&naming, "there are", HINT_LETS_MAX);
    for (size_t i = 0; i < job->load->path_count; i++) {
        sf_lets_name(&job->trees[i].lets, &naming);
    }
    if (naming.count == 0) {
        sf_buf_clear(&naming.text);
        sf_buf_puts(&naming.text, "the scenario names no values: leave it out");
    }
    return sf_naming_finish(&naming, &job->loader, "");
}

/* A --set that nothing takes was misspelt. */
static void check_setting(struct job *job, const char *name)
{
    const struct sf_place place = {"--set", 0, 0, NULL, false};
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(name));
    for (size_t i = 0; i < job->load->path_count; i++) {
        if (sf_lets_has(&job->trees[i].lets, name)) {
            return;
        }
        sf_lets_suggest(&job->trees[i].lets, &suggestion);
    }
    sf_loader_error(
        &job->loader, &place,
        sf_suggestion_hint(&suggestion, &job->loader, hint_lets(job)),
        "no `[let]` has a name `%s`", name);
}

static void run_job(struct job *job)
{
    const struct sf_load *load = job->load;
    struct sf_loader *loader = &job->loader;
    struct sf_reader *reader = &job->reader;

    reader->load = load;
    reader->loader = loader;
    reader->files =
        sf_loader_keep(loader, SF_FILES_MAX * sizeof(*reader->files));
    job->trees =
        sf_loader_borrow(loader, (load->path_count + 1) * sizeof(*job->trees));
    if (reader->files == NULL || job->trees == NULL) {
        return;
    }
    job->tag_end = &job->scenario->tags;
    sf_server_init(&job->server);
    for (size_t i = 0; i < load->path_count && !loader->is_out_of_memory; i++) {
        sf_tree_read(reader, &job->trees[i], load->paths[i]);
        compile_tree(job, &job->trees[i]);
    }
    for (size_t i = 0; i < load->setting_count; i++) {
        check_setting(job, load->settings[i].name);
    }
    if (loader->is_out_of_memory) {
        return;
    }
    for (size_t i = 0; i < load->expectation_count; i++) {
        sf_expect_compile_option(&job->expectations, loader,
                                 &job->trees[0].lets, &load->expectations[i]);
    }
    sf_lint_rules(loader, &job->drafts);
    job->scenario->files = reader->files;
    job->scenario->file_count = reader->file_count;
    if (!sf_ruleset_make(loader, &job->drafts, &job->scenario->rules)) {
        return;
    }
    sf_server_finish(&job->server, loader, job->scenario->rules.uses_read);
    job->scenario->server = job->server.server;
    job->scenario->users = job->users.first;
    sf_expect_finish(&job->expectations, loader, &job->drafts, job->scenario);
    sf_listen_finish(&job->listeners, loader, &job->server, job->scenario);
    sf_scenario_derive_tls(loader, job->scenario);
    sf_lint_listeners(loader, &job->drafts, job->scenario);
    sf_users_lint(loader, job->scenario,
                  job->server.places[SF_SERVER_require_auth]);
}

int sf_scenario_load(const struct sf_load *load,
                     struct sf_diags *diags,
                     struct sf_scenario **out_scenario)
{
    struct job job = {.load = load,
                      .scenario = calloc(1, sizeof(*job.scenario))};
    int err = 0;

    if (job.scenario == NULL) {
        return SF_ENOMEM;
    }
    sf_arena_init(&job.scenario->arena);
    sf_loader_init(&job.loader, &job.scenario->arena, load->is_strict);
    job.loader.load = load;
    run_job(&job);
    job.scenario->regexes = job.loader.regexes;
    sf_loader_publish(&job.loader, diags);
    if (job.loader.is_out_of_memory || sf_diags_is_incomplete(diags)) {
        err = SF_ENOMEM;
    } else if (job.loader.error_count > 0) {
        err = SF_ESCENARIO;
    }
    sf_loader_fini(&job.loader);
    if (err != 0) {
        sf_scenario_free(job.scenario);
        return err;
    }
    *out_scenario = job.scenario;
    return 0;
}

void sf_scenario_free(struct sf_scenario *scenario)
{
    if (scenario != NULL) {
        sf_regex_free(scenario->regexes);
        sf_users_wipe(scenario->users);
        sf_arena_fini(&scenario->arena);
        free(scenario);
    }
}
