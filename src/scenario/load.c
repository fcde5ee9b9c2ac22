/* load.c - loads scenario files: what they include, in which order their
 * parts count, and the scenario that comes out.
 *
 * A file that was asked for and what it includes share one set of [let] names.
 * They are all read first, since a name may be defined in any of them; then
 * their sections are compiled in that order.  Several files that were asked
 * for do not see each other's names. */
#include "smtpfault.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/digest.h"
#include "scenario/bundle.h"
#include "scenario/compile.h"
#include "scenario/head.h"
#include "scenario/keys.h"
#include "scenario/lint.h"
#include "scenario/scenario.h"
#include "scenario/server.h"

#define FILES_MAX         64
#define INCLUDE_DEPTH_MAX 16

/* A file that was read. */
struct unit {
    struct sf_source source;
    const struct unit *parent; /* that includes it; NULL: asked for */
    const char *path;          /* as it is shown */
    bool is_bundled;
    unsigned depth;
    struct unit *next; /* of the same tree */
};

/* One file that was asked for, with what it includes. */
struct tree {
    struct sf_lets lets;
    struct unit *first;
    struct unit *last;
};

struct job {
    const struct sf_load *load;
    struct sf_loader loader;
    struct sf_scenario *scenario;
    struct sf_record_file *files;
    struct sf_drafts drafts;
    struct sf_server_build server;
    struct tree *trees;
};

/* ---- Reading ---------------------------------------------------------- */

/* Whether the path up to `len` ends in a directory that `..` leaves again. */
static size_t find_parent(const char *path, size_t len)
{
    size_t start = len > 0 ? len - 1 : 0;

    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    if (len == 0 || path[start] == '/' ||
        strncmp(path + start, "../", 3) == 0) {
        return len;
    }
    return start;
}

/* Shortens `a/../b` and `./b` to `b`, so that a file has one path and a circle
 * of includes is seen as one. */
static void shorten_path(char *path)
{
    const char *from = path;
    size_t len = 0;

    while (*from != '\0') {
        size_t part = strcspn(from, "/");
        size_t parent = find_parent(path, len);

        part += from[part] == '/';
        if (strncmp(from, "./", 2) == 0) {
            part = 2;
        } else if (strncmp(from, "../", 3) == 0 && parent < len) {
            len = parent;
        } else {
            memmove(path + len, from, part);
            len += part;
        }
        from += part;
    }
    path[len] = '\0';
}

/* The path of an included file, seen from the file that includes it. */
static const char *
resolve_path(struct job *job, const struct unit *parent, struct sf_slice path)
{
    const char *base = parent->path;
    const char *slash = parent->is_bundled ? NULL : strrchr(base, '/');
    int dir_len = slash == NULL ? 0 : (int)(slash - base + 1);
    char *resolved = NULL;

    if (path.len > 0 && path.ptr[0] == '/') {
        dir_len = 0;
    }
    resolved = sf_arena_printf(job->loader.arena, "%.*s%.*s", dir_len, base,
                               SF_SLICE_ARG(path));
    if (resolved == NULL) {
        job->loader.is_out_of_memory = true;
        return NULL;
    }
    shorten_path(resolved);
    return resolved;
}

/* Reads a file, or takes it from the bundle.  *out_owned is the text that the
 * caller has to free, NULL if it is the bundle's. */
static int read_text(struct job *job,
                     struct unit *unit,
                     const char *bundle_name,
                     char **out_owned,
                     struct sf_slice *out_text)
{
    const struct sf_bundled *bundled = NULL;
    char *text = NULL;
    size_t len = 0;
    int err = SF_ENOTFOUND;

    if (!unit->is_bundled && job->load->read != NULL) {
        err = job->load->read(job->load->read_ctx, unit->path, &text, &len);
    }
    if (err == SF_ENOTFOUND) {
        bundled = sf_bundle_find(bundle_name);
        if (bundled == NULL) {
            return err;
        }
        unit->is_bundled = true;
        unit->path = bundled->name;
        *out_owned = NULL;
        *out_text = sf_slice(bundled->text, bundled->len);
        return 0;
    }
    if (err == 0) {
        *out_owned = text;
        *out_text = sf_slice(text, len);
    }
    return err;
}

/* The bundle's names are offered without ".ini", as most people write them. */
static const char *suggest_bundled(struct sf_loader *loader, const char *name)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(name));
    for (size_t i = 0; i < sf_bundle_len; i++) {
        struct sf_slice own = sf_slice_str(sf_bundle[i].name);
        const char *stem = sf_loader_borrow_text(
            loader, sf_slice(own.ptr, own.len - strlen(".ini")));

        if (stem != NULL) {
            sf_suggestion_offer(&suggestion, stem);
        }
    }
    return sf_suggestion_hint(&suggestion, loader, NULL);
}

static void report_unread(struct job *job,
                          const struct sf_place *place,
                          const char *name,
                          int err)
{
    if (err == SF_ENOMEM) {
        job->loader.is_out_of_memory = true;
    } else if (err == SF_ENOTFOUND) {
        sf_loader_error(
            &job->loader, place, suggest_bundled(&job->loader, name),
            "there is neither a file nor a bundled scenario `%s`", name);
    } else {
        sf_loader_error(&job->loader, place, NULL, "`%s` cannot be read", name);
    }
}

/* Refuses a file that the tree has already; NULL place: nothing to refuse. */
static bool check_include(struct job *job,
                          const struct tree *tree,
                          const struct unit *unit,
                          const struct sf_place *place)
{
    for (const struct unit *up = unit->parent; up; up = up->parent) {
        if (strcmp(up->path, unit->path) == 0) {
            sf_loader_error(&job->loader, place, NULL, "`%s` includes itself",
                            unit->path);
            return false;
        }
    }
    for (const struct unit *other = tree->first; other; other = other->next) {
        if (strcmp(other->path, unit->path) == 0) {
            sf_loader_error(&job->loader, place, NULL,
                            "`%s` is included already", unit->path);
            return false;
        }
    }
    return true;
}

static bool hash_file(struct job *job, const char *path, struct sf_slice text)
{
    char hex[SF_DIGEST_HEX_SIZE];
    struct sf_record_file *file = &job->files[job->scenario->file_count];

    if (sf_digest_hex(text, hex) != 0) {
        job->loader.is_out_of_memory = true;
        return false;
    }
    file->sha256 = sf_loader_keep_text(&job->loader, sf_slice_str(hex));
    file->path = path;
    job->scenario->file_count++;
    return file->sha256 != NULL;
}

/* Makes the sections of a text that was read; frees nothing. */
static bool parse_text(struct job *job,
                       struct tree *tree,
                       struct unit *unit,
                       struct sf_slice text)
{
    struct sf_place place = {.path = unit->path,
                             .file = (unsigned)job->scenario->file_count + 1};

    if (text.len > SF_SOURCE_SIZE_MAX) {
        sf_loader_error(&job->loader, &place, NULL,
                        "the file is longer than 1M");
        return false;
    }
    if (!hash_file(job, unit->path, text)) {
        return false;
    }
    sf_source_parse(&job->loader, &place, text, &unit->source);
    if (tree->last == NULL) {
        tree->first = unit;
    } else {
        tree->last->next = unit;
    }
    tree->last = unit;
    return true;
}

/* Reads one file into the tree.  `name` is what the user wrote, `place` where:
 * there it is reported if that file cannot be had.  NULL: reported. */
static struct unit *read_unit(struct job *job,
                              struct tree *tree,
                              const struct unit *parent,
                              const char *name,
                              const struct sf_place *place)
{
    struct unit *unit = sf_loader_borrow(&job->loader, sizeof(*unit));
    struct sf_slice text = {NULL, 0};
    char *owned = NULL;
    bool is_ok = false;
    int err = 0;

    if (unit == NULL) {
        return NULL;
    }
    unit->parent = parent;
    unit->depth = parent == NULL ? 0 : parent->depth + 1;
    unit->is_bundled = parent != NULL && parent->is_bundled;
    unit->path = parent == NULL
                     ? sf_loader_keep_text(&job->loader, sf_slice_str(name))
                     : resolve_path(job, parent, sf_slice_str(name));
    if (unit->path == NULL) {
        return NULL;
    }
    if (job->scenario->file_count == FILES_MAX ||
        unit->depth == INCLUDE_DEPTH_MAX) {
        sf_loader_error(&job->loader, place, NULL,
                        "there are more than %d files, or %d within each other",
                        FILES_MAX, INCLUDE_DEPTH_MAX);
        return NULL;
    }
    err = read_text(job, unit, name, &owned, &text);
    if (err != 0) {
        report_unread(job, place, name, err);
        return NULL;
    }
    is_ok = check_include(job, tree, unit, place) &&
            parse_text(job, tree, unit, text);
    free(owned);
    return is_ok ? unit : NULL;
}

/* ---- Sections --------------------------------------------------------- */

/* The kind of a section; SF_SECTION_RULE if it begins as rules do. */
static enum sf_section_kind kind_of(struct sf_slice name)
{
    struct sf_slice rest = name;
    struct sf_slice word = sf_slice_cut_word(&rest);

    if (word.len > 0 && word.ptr[0] >= 'A' && word.ptr[0] <= 'Z' &&
        !sf_keys_is_section_nocase(word)) {
        return SF_SECTION_RULE;
    }
    return sf_keys_find_section(word);
}

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
        sf_loader_error(&job->loader, &section->place,
                        sf_suggestion_hint(&suggestion, &job->loader, NULL),
                        "there is no section `%.*s`", SF_SLICE_ARG(word));
        return false;
    }
    if (kind == SF_SECTION_USERS || kind == SF_SECTION_LISTEN ||
        kind == SF_SECTION_EXPECT) {
        sf_loader_error(&job->loader, &section->place, NULL,
                        "the section `[%.*s]` is not implemented yet",
                        SF_SLICE_ARG(name));
        return false;
    }
    if (rest.len > 0) {
        sf_loader_error(&job->loader, &section->place, NULL,
                        "`[%.*s]` takes no label", SF_SLICE_ARG(word));
        return false;
    }
    return true;
}

/* Defines the names of a file, before anything uses them. */
static void define_lets(struct job *job, struct tree *tree, struct unit *unit)
{
    for (struct sf_section *section = unit->source.sections; section;
         section = section->next) {
        if (section->is_faulty ||
            kind_of(sf_slice_str(section->name)) != SF_SECTION_LET) {
            continue;
        }
        for (struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            if (entry->is_faulty || sf_compile_has_value(&job->loader, entry)) {
                sf_lets_define(&tree->lets, &job->loader, entry);
            }
        }
    }
}

/* ---- [scenario] ------------------------------------------------------- */

struct settings {
    struct job *job;
    struct tree *tree;
    const struct sf_place *places[SF_SETTING_COUNT]; /* in this file */
};

static bool
parse_seed(struct job *job, const struct sf_entry *entry, struct sf_slice text)
{
    uint64_t seed = 0;

    if (sf_slice_parse_u64(text, &seed) != 0) {
        sf_loader_error(&job->loader, &entry->place, NULL,
                        "`seed` is a number from 0 to 2^64 - 1");
        return false;
    }
    if (!job->scenario->has_seed) {
        job->scenario->has_seed = true;
        job->scenario->seed = seed;
    }
    return true;
}

static void apply_setting(struct settings *settings,
                          const struct sf_entry *entry,
                          enum sf_setting_key key)
{
    struct job *job = settings->job;
    bool is_list = key == SF_SETTING_TAGS;
    struct sf_value value;

    if (!sf_value_expand_static(
            &job->loader, &settings->tree->lets, &entry->place, entry->key,
            entry->value, is_list ? SF_VALUE_LIST : SF_VALUE_PLAIN, &value)) {
        return;
    }
    if (key == SF_SETTING_TITLE && job->scenario->title == NULL) {
        job->scenario->title = sf_loader_keep_text(&job->loader, value.text);
    } else if (key == SF_SETTING_SEED) {
        (void)parse_seed(job, entry, value.text);
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
        !sf_compile_has_value(&job->loader, entry)) {
        return;
    }
    place = &settings->places[key->id];
    if (*place != NULL &&
        (key->id == SF_SETTING_TITLE || key->id == SF_SETTING_SEED)) {
        sf_loader_error(&job->loader, &entry->place, NULL,
                        "`%s` is set already, in line %u", entry->key,
                        (*place)->line);
        return;
    }
    *place = &entry->place;
    apply_setting(settings, entry, (enum sf_setting_key)key->id);
}

/* ---- Trees ------------------------------------------------------------ */

static void read_tree(struct job *job, struct tree *tree, struct unit *unit);

static void include_files(struct job *job,
                          struct tree *tree,
                          struct unit *unit,
                          const struct sf_entry *entry)
{
    struct sf_value value;
    struct sf_list_item item;

    if (entry->is_faulty || strcmp(entry->key, "include") != 0 ||
        !sf_compile_has_value(&job->loader, entry) ||
        !sf_value_expand_static(&job->loader, &tree->lets, &entry->place,
                                entry->key, entry->value, SF_VALUE_LIST,
                                &value)) {
        return;
    }
    while (sf_list_next(&job->loader, &entry->place, &value, &item)) {
        const char *name = sf_loader_borrow_text(&job->loader, item.text);
        struct unit *child =
            name == NULL ? NULL
                         : read_unit(job, tree, unit, name, &entry->place);

        if (child != NULL) {
            read_tree(job, tree, child);
        }
    }
}

/* Defines the names of a file that was read, then reads what it includes:
 * INCLUDE_DEPTH_MAX bounds the recursion. */
static void read_tree(struct job *job, struct tree *tree, struct unit *unit)
{
    define_lets(job, tree, unit);
    for (struct sf_section *section = unit->source.sections; section;
         section = section->next) {
        if (section->is_faulty ||
            kind_of(sf_slice_str(section->name)) != SF_SECTION_SCENARIO) {
            continue;
        }
        for (struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            include_files(job, tree, unit, entry);
        }
    }
}

static void compile_section(struct job *job,
                            struct tree *tree,
                            struct settings *settings,
                            const struct sf_section *section)
{
    struct sf_value name;
    enum sf_section_kind kind;

    if (section->is_faulty ||
        !sf_value_expand_static(&job->loader, &tree->lets, &section->place,
                                NULL, section->name, SF_VALUE_PLAIN, &name)) {
        return;
    }
    name.text = sf_slice_trim(name.text);
    kind = kind_of(name.text);
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
    } else if (kind == SF_SECTION_SCENARIO) {
        for (const struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            compile_setting(settings, entry);
        }
    }
}

static void load_tree(struct job *job, struct tree *tree, const char *path)
{
    struct sf_place place = {.path = path,
                             .file = (unsigned)job->scenario->file_count + 1};
    struct unit *unit = NULL;

    tree->lets.settings = job->load->settings;
    tree->lets.setting_count = job->load->setting_count;
    unit = read_unit(job, tree, NULL, path, &place);
    if (unit == NULL) {
        return;
    }
    read_tree(job, tree, unit);
    sf_lets_check(&tree->lets, &job->loader);
    for (unit = tree->first; unit != NULL; unit = unit->next) {
        struct settings settings = {.job = job, .tree = tree};

        for (const struct sf_section *section = unit->source.sections;
             section != NULL && !job->loader.is_out_of_memory;
             section = section->next) {
            compile_section(job, tree, &settings, section);
        }
    }
}

/* A --set that nothing takes was misspelt. */
static void check_setting(struct job *job, const char *name)
{
    const struct sf_place place = {"--set", 0, 0, NULL};
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(name));
    for (size_t i = 0; i < job->load->path_count; i++) {
        if (sf_lets_has(&job->trees[i].lets, name)) {
            return;
        }
        sf_lets_suggest(&job->trees[i].lets, &suggestion);
    }
    sf_loader_error(&job->loader, &place,
                    sf_suggestion_hint(&suggestion, &job->loader, NULL),
                    "no `[let]` has a name `%s`", name);
}

static void run_job(struct job *job)
{
    const struct sf_load *load = job->load;
    struct sf_loader *loader = &job->loader;

    job->files = sf_loader_keep(loader, FILES_MAX * sizeof(*job->files));
    job->trees =
        sf_loader_borrow(loader, (load->path_count + 1) * sizeof(*job->trees));
    if (job->files == NULL || job->trees == NULL) {
        return;
    }
    job->scenario->files = job->files;
    sf_server_init(&job->server);
    for (size_t i = 0; i < load->path_count && !loader->is_out_of_memory; i++) {
        load_tree(job, &job->trees[i], load->paths[i]);
    }
    for (size_t i = 0; i < load->setting_count; i++) {
        check_setting(job, load->settings[i].name);
    }
    if (loader->is_out_of_memory) {
        return;
    }
    sf_lint_rules(loader, &job->drafts);
    job->scenario->server = job->server.server;
    (void)sf_compile_ruleset(loader, &job->drafts, &job->scenario->rules);
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
    run_job(&job);
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
        sf_arena_fini(&scenario->arena);
        free(scenario);
    }
}
