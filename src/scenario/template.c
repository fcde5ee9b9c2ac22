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
    case SF_NAME_USER:
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

/* A template that is being made: how far the value was taken over. */
struct maker {
    const struct sf_value *value;
    const char *text; /* kept copy */
    struct sf_piece *pieces;
    size_t count;
    size_t at;   /* octets */
    size_t name; /* names */
};

static void take_text(struct maker *maker, size_t end)
{
    if (end > maker->at) {
        maker->pieces[maker->count++].literal =
            sf_slice(maker->text + maker->at, end - maker->at);
        maker->at = end;
    }
}

/* Takes octets and names over up to that place. */
static void take_until(struct maker *maker, size_t end, size_t name_end)
{
    for (; maker->name < name_end; maker->name++) {
        const struct sf_value_name *name = &maker->value->names[maker->name];

        if (name->offset < maker->at) {
            continue; /* before the start */
        }
        take_text(maker, name->offset);
        maker->pieces[maker->count].is_name = true;
        maker->pieces[maker->count++].name = name->name;
    }
    take_text(maker, end);
}

bool sf_template_make(struct sf_loader *loader,
                      const struct sf_value *value,
                      size_t start,
                      struct sf_template *out_template)
{
    /* A run of text before each name and loop, in each loop, and at the end. */
    size_t most = 2 * value->name_count + 2 * value->loop_count + 1;
    struct maker maker = {
        .value = value,
        .text = sf_loader_keep_text(loader, value->text),
        .pieces = sf_loader_keep(loader, most * sizeof(*maker.pieces)),
        .at = start,
    };
    struct sf_loop *loops =
        sf_loader_keep(loader, (value->loop_count + 1) * sizeof(*loops));

    if (maker.pieces == NULL || maker.text == NULL || loops == NULL) {
        return false;
    }
    for (size_t i = 0; i < value->loop_count; i++) {
        const struct sf_value_loop *loop = &value->loops[i];

        take_until(&maker, loop->start, loop->name_start);
        loops[i].first = maker.count;
        take_until(&maker, loop->end, loop->name_end);
        loops[i].end = maker.count;
        loops[i].count = loop->count;
    }
    take_until(&maker, value->text.len, value->name_count);
    *out_template = (struct sf_template){maker.pieces, maker.count, loops,
                                         value->loop_count};
    return true;
}
