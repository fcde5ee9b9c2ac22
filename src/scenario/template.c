/* template.c - text with dynamic names. */
#include "scenario/template.h"

static const char *const names[SF_NAME_COUNT] = {
#define X(name, text) [SF_NAME_##name] = (text),
    SF_NAME_MAP(X)
#undef X
};

bool sf_template_find_name(struct sf_slice text, enum sf_name *out_name)
{
    for (unsigned i = 0; i < SF_NAME_COUNT; i++) {
        if (sf_slice_eq_str(text, names[i])) {
            *out_name = (enum sf_name)i;
            return true;
        }
    }
    return false;
}

const char *sf_template_name(enum sf_name name)
{
    return names[name];
}

enum sf_scope sf_template_scope(enum sf_name name)
{
    switch (name) {
    case SF_NAME_HELO:
        return SF_SCOPE_SESSION;
    case SF_NAME_SENDER:
    case SF_NAME_TRANSACTION:
    case SF_NAME_SIZE:
        return SF_SCOPE_SENDER;
    case SF_NAME_RECIPIENT:
    case SF_NAME_DOMAIN:
        return SF_SCOPE_RECIPIENT;
    case SF_NAME_MESSAGE:
    case SF_NAME_QUEUE_ID:
        return SF_SCOPE_MESSAGE;
    default:
        return SF_SCOPE_CONNECTION;
    }
}

unsigned sf_template_group(enum sf_name name)
{
    return name < SF_NAME_GROUP_1 ? 0 : (unsigned)(name - SF_NAME_GROUP_1) + 1;
}

void sf_template_suggest(struct sf_suggestion *suggestion)
{
    for (unsigned i = 0; i < SF_NAME_COUNT; i++) {
        sf_suggestion_offer(suggestion, names[i]);
    }
}

const char *sf_template_hint(struct sf_loader *loader, const char *text)
{
    struct sf_naming naming;

    sf_naming_init(&naming, text, SF_NAME_COUNT);
    for (unsigned i = 0; i < SF_NAME_COUNT; i++) {
        sf_naming_add(&naming, names[i]);
    }
    return sf_naming_finish(&naming, loader, "");
}

bool sf_template_make(struct sf_loader *loader,
                      const struct sf_value *value,
                      size_t start,
                      struct sf_template *out_template)
{
    /* A run of text before each name, and one behind the last. */
    struct sf_piece *pieces =
        sf_loader_keep(loader, (2 * value->name_count + 1) * sizeof(*pieces));
    char *text = sf_loader_keep_text(loader, value->text);
    size_t count = 0;
    size_t at = start;

    if (pieces == NULL || text == NULL) {
        return false;
    }
    for (size_t i = 0; i <= value->name_count; i++) {
        bool is_name = i < value->name_count;
        size_t end = is_name ? value->names[i].offset : value->text.len;

        if (end < start) {
            continue;
        }
        if (end > at) {
            pieces[count++].literal = sf_slice(text + at, end - at);
            at = end;
        }
        if (is_name) {
            pieces[count].is_name = true;
            pieces[count++].name = value->names[i].name;
        }
    }
    *out_template = (struct sf_template){pieces, count};
    return true;
}
