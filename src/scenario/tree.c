/* tree.c - reads the files of a scenario: one that was asked for, and what it
 * includes. */
#include "scenario/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "scenario/bundle.h"
#include "scenario/keys.h"
#include "scenario/list.h"

#define INCLUDE_DEPTH_MAX 16

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
static const char *resolve_path(struct sf_reader *reader,
                                const struct sf_unit *parent,
                                struct sf_slice path)
{
    const char *base = parent->path;
    const char *slash = parent->is_bundled ? NULL : strrchr(base, '/');
    int dir_len = slash == NULL ? 0 : (int)(slash - base + 1);
    char *resolved = NULL;

    if (path.len > 0 && path.ptr[0] == '/') {
        dir_len = 0;
    }
    resolved = sf_arena_printf(reader->loader->arena, "%.*s%.*s", dir_len, base,
                               SF_SLICE_ARG(path));
    if (resolved == NULL) {
        reader->loader->is_out_of_memory = true;
        return NULL;
    }
    shorten_path(resolved);
    return resolved;
}

/* Reads a file, or takes it from the bundle.  *out_owned is the text that the
 * caller has to free, NULL if it is the bundle's. */
static int read_text(struct sf_reader *reader,
                     struct sf_unit *unit,
                     const char *bundle_name,
                     char **out_owned,
                     struct sf_slice *out_text)
{
    const struct sf_bundled *bundled = NULL;
    char *text = NULL;
    size_t len = 0;
    int err = SF_ENOTFOUND;

    if (!unit->is_bundled && reader->load->read != NULL) {
        err =
            reader->load->read(reader->load->read_ctx, unit->path, &text, &len);
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

static const char *suggest_bundled(struct sf_loader *loader, const char *name)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(name));
    for (size_t i = 0; i < sf_bundle_len; i++) {
        sf_suggestion_offer(&suggestion, sf_bundle[i].stem);
    }
    return sf_suggestion_hint(
        &suggestion, loader,
        "`smtpfault list` shows the bundled ones; a path is relative to where "
        "you are, in `include` to the file");
}

/* What was asked for is the place itself, so that its name is not said again;
 * an include names another file. */
static void report_unread(struct sf_reader *reader,
                          const struct sf_place *place,
                          const char *name,
                          int err)
{
    struct sf_loader *loader = reader->loader;
    const char *hint = NULL;
    bool is_include = place->line > 0;

    if (err == SF_ENOMEM) {
        loader->is_out_of_memory = true;
        return;
    }
    hint = err == SF_ENOTFOUND
               ? suggest_bundled(loader, name)
               : "a scenario is a text file that you have leave to read";
    if (err == SF_ENOTFOUND && is_include) {
        sf_loader_error(loader, place, hint,
                        "there is neither a file nor a bundled scenario `%s`",
                        name);
    } else if (err == SF_ENOTFOUND) {
        sf_loader_error(loader, place, hint,
                        "there is neither a file nor a bundled scenario of "
                        "that name");
    } else if (is_include) {
        sf_loader_error(loader, place, hint, "`%s` cannot be read", name);
    } else {
        sf_loader_error(loader, place, hint, "the file cannot be read");
    }
}

/* Refuses a file that the tree has already; NULL place: nothing to refuse. */
static bool check_include(struct sf_reader *reader,
                          const struct sf_tree *tree,
                          const struct sf_unit *unit,
                          const struct sf_place *place)
{
    for (const struct sf_unit *up = unit->parent; up; up = up->parent) {
        if (strcmp(up->path, unit->path) == 0) {
            sf_loader_error(reader->loader, place,
                            "leave out the `include` that closes the circle",
                            "`%s` includes itself", unit->path);
            return false;
        }
    }
    for (const struct sf_unit *other = tree->first; other;
         other = other->next) {
        if (strcmp(other->path, unit->path) == 0) {
            sf_loader_error(reader->loader, place, "include each file once",
                            "`%s` is included already", unit->path);
            return false;
        }
    }
    return true;
}

static bool
hash_file(struct sf_reader *reader, const char *path, struct sf_slice text)
{
    char hex[SF_DIGEST_HEX_SIZE];
    struct sf_record_file *file = &reader->files[reader->file_count];

    if (sf_digest_hex(text, hex) != 0) {
        reader->loader->is_out_of_memory = true;
        return false;
    }
    file->sha256 = sf_loader_keep_text(reader->loader, sf_slice_str(hex));
    file->path = path;
    reader->file_count++;
    return file->sha256 != NULL;
}

/* Makes the sections of a text that was read; frees nothing. */
static bool parse_text(struct sf_reader *reader,
                       struct sf_tree *tree,
                       struct sf_unit *unit,
                       struct sf_slice text)
{
    struct sf_place place = {.path = unit->path,
                             .file = (unsigned)reader->file_count + 1};
    size_t errors = 0;

    if (text.len > SF_SOURCE_SIZE_MAX) {
        sf_loader_error(reader->loader, &place,
                        "divide it into files that `include` each other",
                        "the file is longer than 1M");
        return false;
    }
    if (!hash_file(reader, unit->path, text)) {
        return false;
    }
    errors = reader->loader->error_count;
    sf_source_parse(reader->loader, &place, text, &unit->source);
    if (unit->source.sections == NULL &&
        reader->loader->error_count == errors) {
        sf_loader_warn(reader->loader, &place,
                       "a rule begins with its event, for example `[RCPT]`",
                       "the file has no section: it does nothing");
    }
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
static struct sf_unit *read_unit(struct sf_reader *reader,
                                 struct sf_tree *tree,
                                 const struct sf_unit *parent,
                                 const char *name,
                                 const struct sf_place *place)
{
    struct sf_unit *unit = sf_loader_borrow(reader->loader, sizeof(*unit));
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
                     ? sf_loader_keep_text(reader->loader, sf_slice_str(name))
                     : resolve_path(reader, parent, sf_slice_str(name));
    if (unit->path == NULL) {
        return NULL;
    }
    if (reader->file_count == SF_FILES_MAX ||
        unit->depth == INCLUDE_DEPTH_MAX) {
        sf_loader_error(reader->loader, place, "put several of them into one",
                        "there are more than %d files, or %d within each other",
                        SF_FILES_MAX, INCLUDE_DEPTH_MAX);
        return NULL;
    }
    err = read_text(reader, unit, name, &owned, &text);
    if (err != 0) {
        report_unread(reader, place, name, err);
        return NULL;
    }
    is_ok = check_include(reader, tree, unit, place) &&
            parse_text(reader, tree, unit, text);
    free(owned);
    return is_ok ? unit : NULL;
}

/* Defines the names of a file, before anything uses them. */
static void define_lets(struct sf_reader *reader,
                        struct sf_tree *tree,
                        struct sf_unit *unit)
{
    for (struct sf_section *section = unit->source.sections; section;
         section = section->next) {
        if (section->is_faulty ||
            sf_keys_kind_of(sf_slice_str(section->name)) != SF_SECTION_LET) {
            continue;
        }
        for (struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            if (entry->is_faulty || sf_keys_has_value(reader->loader, entry)) {
                sf_lets_define(&tree->lets, reader->loader, entry);
            }
        }
    }
}

static void
read_tree(struct sf_reader *reader, struct sf_tree *tree, struct sf_unit *unit);

static void include_files(struct sf_reader *reader,
                          struct sf_tree *tree,
                          struct sf_unit *unit,
                          const struct sf_entry *entry)
{
    struct sf_value value;
    struct sf_list_item item;

    if (entry->is_faulty || strcmp(entry->key, "include") != 0 ||
        !sf_keys_has_value(reader->loader, entry) ||
        !sf_value_expand_static(reader->loader, &tree->lets, entry,
                                SF_VALUE_LIST, &value)) {
        return;
    }
    while (sf_list_next(reader->loader, &entry->place, &value, &item)) {
        const char *name = sf_loader_borrow_text(reader->loader, item.text);
        struct sf_unit *child =
            name == NULL ? NULL
                         : read_unit(reader, tree, unit, name, &entry->place);

        if (child != NULL) {
            read_tree(reader, tree, child);
        }
    }
}

/* Defines the names of a file that was read, then reads what it includes:
 * INCLUDE_DEPTH_MAX bounds the recursion. */
static void
read_tree(struct sf_reader *reader, struct sf_tree *tree, struct sf_unit *unit)
{
    define_lets(reader, tree, unit);
    for (struct sf_section *section = unit->source.sections; section;
         section = section->next) {
        if (section->is_faulty || sf_keys_kind_of(sf_slice_str(
                                      section->name)) != SF_SECTION_SCENARIO) {
            continue;
        }
        for (struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            include_files(reader, tree, unit, entry);
        }
    }
}

void sf_tree_read(struct sf_reader *reader,
                  struct sf_tree *tree,
                  const char *path)
{
    struct sf_place place = {.path = path,
                             .file = (unsigned)reader->file_count + 1};
    struct sf_unit *unit = NULL;

    tree->lets.settings = reader->load->settings;
    tree->lets.setting_count = reader->load->setting_count;
    unit = read_unit(reader, tree, NULL, path, &place);
    if (unit != NULL) {
        read_tree(reader, tree, unit);
        sf_lets_check(&tree->lets, reader->loader);
    }
}
