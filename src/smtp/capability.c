/* capability.c - the extension list of an EHLO answer: read and edited. */
#include "smtp/capability.h"

#include "base/slice.h"

static const char *const keywords[SF_CAPABILITY_COUNT] = {
#define X(name, keyword) (keyword),
#include "smtp/capability.def"
#undef X
};

static struct sf_slice get_keyword(struct sf_slice line)
{
    size_t len = 0;

    if (sf_slice_starts_nocase(line, "AUTH=")) {
        return sf_slice(line.ptr, sizeof("AUTH") - 1);
    }
    while (len < line.len && line.ptr[len] != ' ' && line.ptr[len] != '\t') {
        len++;
    }
    return sf_slice(line.ptr, len);
}

sf_capability_set sf_capability_of_line(struct sf_slice line)
{
    const struct sf_slice keyword = get_keyword(line);

    for (unsigned i = 0; i < SF_CAPABILITY_COUNT; i++) {
        if (sf_slice_eq_str_nocase(keyword, keywords[i])) {
            return SF_CAPABILITY_BIT(i);
        }
    }
    return 0;
}

bool sf_capability_list_add(struct sf_capability_list *list,
                            struct sf_slice line)
{
    if (list->count == SF_CAPABILITY_LINES_MAX) {
        return false;
    }
    list->lines[list->count++] = line;
    return true;
}

static bool is_removed(const struct sf_extensions *edit, struct sf_slice line)
{
    const struct sf_slice keyword = get_keyword(line);

    for (size_t i = 0; i < edit->remove_count; i++) {
        if (sf_slice_eq_nocase(keyword, edit->remove[i])) {
            return true;
        }
    }
    return false;
}

void sf_capability_list_edit(struct sf_capability_list *list,
                             const struct sf_extensions *edit)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count && !edit->is_full; i++) {
        if (!is_removed(edit, list->lines[i])) {
            list->lines[kept++] = list->lines[i];
        }
    }
    list->count = kept;
    for (size_t i = 0; i < edit->add_count; i++) {
        if (!sf_capability_list_add(list, edit->add[i])) {
            break;
        }
    }
}

bool sf_extensions_add(const struct sf_extensions *edit,
                       enum sf_capability capability)
{
    for (size_t i = 0; i < edit->add_count; i++) {
        if (sf_capability_of_line(edit->add[i]) &
            SF_CAPABILITY_BIT(capability)) {
            return true;
        }
    }
    return false;
}
