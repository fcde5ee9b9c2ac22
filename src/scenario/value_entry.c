/* value_entry.c - what the lines of an entry make of its value: no dynamic
 * names, a list that goes on, text that is continued. */
#include <stdlib.h>
#include <string.h>

#include "scenario/template.h"
#include "scenario/value.h"

/* Where the list goes on in the next line, a comma may show it. */
static void drop_last_comma(struct sf_value *value)
{
    size_t len = value->text.len;

    if (len > 0 && value->text.ptr[len - 1] == ',' &&
        value->marks[len - 1] == SF_MARK_BARE) {
        value->text.len--;
    }
}

bool sf_value_expand_static(struct sf_loader *loader,
                            struct sf_lets *lets,
                            const struct sf_entry *entry,
                            enum sf_value_form form,
                            struct sf_value *out_value)
{
    const char *tick = entry->key != NULL ? "`" : "";
    struct sf_value value;

    if (!sf_value_expand(loader, lets, &entry->place, entry->value, form,
                         &value)) {
        return false;
    }
    if (value.name_count > 0 && entry->place.is_secret) {
        sf_loader_error(loader, &entry->place,
                        "a dollar sign before a brace is written `$$`",
                        "the password of `%s` has a name in it that is filled "
                        "while a session runs",
                        entry->key);
        return false;
    }
    if (value.name_count > 0) {
        sf_loader_error(
            loader, &entry->place,
            "write it out, or define the name in `[let]`",
            "`${%s}` is filled while a session runs and cannot "
            "stand in %s%s%s",
            sf_template_name(value.names[0].name), tick,
            entry->key != NULL ? entry->key : "the name of a section", tick);
        return false;
    }
    if ((form == SF_VALUE_LIST || form == SF_VALUE_PATTERNS) &&
        entry->next != NULL && entry->next->is_continuation) {
        drop_last_comma(&value);
    }
    *out_value = value;
    return true;
}

bool sf_value_find_word(struct sf_loader *loader,
                        const struct sf_entry *entry,
                        struct sf_slice text,
                        const char *const *words,
                        const char *hint,
                        unsigned *out_index)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (sf_slice_eq_str(text, words[i])) {
            *out_index = i;
            return true;
        }
    }
    sf_loader_error(loader, &entry->place, hint, "`%s` cannot be `%.*s`",
                    entry->key, SF_SLICE_ARG(text));
    return false;
}

bool sf_value_find_switch(struct sf_loader *loader,
                          const struct sf_entry *entry,
                          struct sf_slice text,
                          bool *out_is_on)
{
    static const char *const words[] = {"no", "yes", NULL};
    unsigned index = 0;

    if (!sf_value_find_word(loader, entry, text, words, "it is `yes` or `no`",
                            &index)) {
        return false;
    }
    *out_is_on = index == 1;
    return true;
}

/* The path as seen from the file that names it. */
static const char *
resolve_path(struct sf_loader *loader, const char *from, struct sf_slice path)
{
    const char *slash = strrchr(from, '/');
    int dir_len =
        slash == NULL || path.ptr[0] == '/' ? 0 : (int)(slash - from + 1);
    char *resolved = sf_arena_printf(&loader->scratch, "%.*s%.*s", dir_len,
                                     from, SF_SLICE_ARG(path));

    loader->is_out_of_memory |= resolved == NULL;
    return resolved;
}

/* As sf_read_fn; the path that was tried goes to *out_resolved. */
static int read_file(struct sf_loader *loader,
                     const struct sf_entry *entry,
                     struct sf_slice path,
                     const char **out_resolved,
                     char **out_text,
                     size_t *out_len)
{
    *out_resolved = resolve_path(loader, entry->place.path, path);
    if (*out_resolved == NULL) {
        return SF_ENOMEM;
    }
    return loader->load == NULL || loader->load->read == NULL
               ? SF_ENOTFOUND
               : loader->load->read(loader->load->read_ctx, *out_resolved,
                                    out_text, out_len);
}

bool sf_value_read_file(struct sf_loader *loader,
                        const struct sf_entry *entry,
                        struct sf_slice path,
                        struct sf_slice *out_text)
{
    const char *resolved = NULL;
    char *text = NULL;
    char *kept = NULL;
    size_t len = 0;
    int err = 0;

    if (path.len == 0) {
        sf_loader_error(loader, &entry->place, "for example `server.pem`",
                        "`%s` needs the name of a file", entry->key);
        return false;
    }
    err = read_file(loader, entry, path, &resolved, &text, &len);
    if (err == SF_ENOMEM) {
        loader->is_out_of_memory = true;
    } else if (err != 0) {
        sf_loader_error(loader, &entry->place,
                        "a path is seen from the file that names it",
                        err == SF_ENOTFOUND ? "there is no file `%s`"
                                            : "`%s` cannot be read",
                        resolved);
    } else {
        kept = sf_loader_keep_text(loader, sf_slice(text, len));
        *out_text = sf_slice(kept, kept == NULL ? 0 : len);
    }
    free(text);
    return kept != NULL;
}

bool sf_value_append(struct sf_loader *loader,
                     const struct sf_place *place,
                     struct sf_value *value,
                     const struct sf_value *more)
{
    size_t shift = value->text.len + 1;
    size_t len = shift + more->text.len;
    size_t name_count = value->name_count + more->name_count;
    char *text = NULL;
    char *marks = NULL;
    struct sf_value_name *names = NULL;

    loader->expanded_len += len;
    if (len > SF_VALUE_SIZE_MAX || name_count > SF_VALUE_NAMES_MAX ||
        loader->expanded_len > SF_VALUE_TOTAL_MAX) {
        sf_loader_error(loader, place,
                        "begin a new line of the reply with its code",
                        "with this continuation the value is longer than 64K");
        return false;
    }
    text = sf_loader_borrow(loader, len + 1);
    marks = sf_loader_borrow(loader, len + 1);
    names = sf_loader_borrow(loader, name_count * sizeof(*names) + 1);
    if (text == NULL || marks == NULL || names == NULL) {
        return false;
    }
    memcpy(text, value->text.ptr, value->text.len);
    memcpy(marks, value->marks, value->text.len);
    text[shift - 1] = ' ';
    memcpy(text + shift, more->text.ptr, more->text.len);
    memcpy(marks + shift, more->marks, more->text.len);
    for (size_t i = 0; i < name_count; i++) {
        bool is_own = i < value->name_count;

        names[i] =
            is_own ? value->names[i] : more->names[i - value->name_count];
        names[i].offset += is_own ? 0 : shift;
    }
    /* A continuation is bare text, which holds no loops. */
    value->text = sf_slice(text, len);
    value->marks = marks;
    value->names = names;
    value->name_count = name_count;
    return true;
}
