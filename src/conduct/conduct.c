/* conduct.c - the table of client rules and the ways to look one up. */
#include "conduct/conduct.h"

#include "base/slice.h"

static const struct sf_conduct_rule rules[SF_CONDUCT_COUNT] = {
#define X(group, number, level, seen, rfc, text, how)                          \
    {#group "-" #number,                                                       \
     SF_CONDUCT_GROUP_##group,                                                 \
     SF_CONDUCT_##level,                                                       \
     SF_CONDUCT_SEEN_##seen,                                                   \
     (rfc),                                                                    \
     (text),                                                                   \
     (how)},
#include "conduct/conduct.def"
#undef X
};

static const char *const group_names[SF_CONDUCT_GROUP_COUNT] = {
#define X(name, title) [SF_CONDUCT_GROUP_##name] = #name,
    SF_CONDUCT_GROUP_MAP(X)
#undef X
};

const struct sf_conduct_rule *sf_conduct_get(enum sf_conduct_id id)
{
    return &rules[id];
}

bool sf_conduct_is_watched(const struct sf_conduct_rule *rule)
{
    return rule->seen == SF_CONDUCT_SEEN_SENT ||
           rule->seen == SF_CONDUCT_SEEN_FAULT;
}

const struct sf_conduct_rule *sf_conduct_find(struct sf_slice id)
{
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        if (sf_slice_eq_str_nocase(id, rules[i].id)) {
            return &rules[i];
        }
    }
    return NULL;
}

enum sf_conduct_group sf_conduct_find_group(struct sf_slice name)
{
    unsigned group = 0;

    while (group < SF_CONDUCT_GROUP_COUNT &&
           !sf_slice_eq_str_nocase(name, group_names[group])) {
        group++;
    }
    return (enum sf_conduct_group)group;
}

const char *sf_conduct_group_name(enum sf_conduct_group group)
{
    return group_names[group];
}

const char *sf_conduct_group_title(enum sf_conduct_group group)
{
    static const char *const titles[] = {
#define X(name, title) [SF_CONDUCT_GROUP_##name] = (title),
        SF_CONDUCT_GROUP_MAP(X)
#undef X
    };

    return titles[group];
}

const char *sf_conduct_level_text(enum sf_conduct_level level)
{
    static const char *const texts[] = {
#define X(name, text) [SF_CONDUCT_##name] = (text),
        SF_CONDUCT_LEVEL_MAP(X)
#undef X
    };

    return texts[level];
}

const char *sf_conduct_seen_text(enum sf_conduct_seen seen)
{
    static const char *const texts[] = {
#define X(name, word, text) [SF_CONDUCT_SEEN_##name] = (text),
        SF_CONDUCT_SEEN_MAP(X)
#undef X
    };

    return texts[seen];
}
