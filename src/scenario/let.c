/* let.c - the names that [let] and --set define.
 *
 * A value may use names that are defined further down, so that values are
 * resolved when they are first needed.  A name that is defined here hides the
 * dynamic name that is spelt so. */
#include "scenario/let.h"

#include <string.h>

enum let_state { LET_WAITS, LET_BUSY, LET_DONE, LET_FAULTY };

struct sf_let {
    const char *name;
    struct sf_place defined; /* in [let] */
    const char *raw;
    struct sf_place place; /* of the value: [let] or --set */
    enum let_state state;
    struct sf_value value;
    struct sf_let *next;
};

static struct sf_let *find_let(const struct sf_lets *lets, struct sf_slice name)
{
    struct sf_let *let = lets->first;

    while (let != NULL && !sf_slice_eq_str(name, let->name)) {
        let = let->next;
    }
    return let;
}

static bool is_let_name(struct sf_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!sf_ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '-' &&
            name.ptr[i] != '_') {
            return false;
        }
    }
    return name.len > 0 && !sf_ascii_is_digit(name.ptr[0]);
}

static bool check_name(struct sf_loader *loader, const struct sf_entry *entry)
{
    if (!is_let_name(sf_slice_str(entry->key))) {
        sf_loader_error(loader, &entry->place,
                        "a name has letters, digits, `-` and `_`, and begins "
                        "with a letter",
                        "`%s` is no name", entry->key);
        return false;
    }
    return true;
}

static void add_let(struct sf_lets *lets,
                    struct sf_loader *loader,
                    const struct sf_entry *entry)
{
    struct sf_let *let = sf_loader_borrow(loader, sizeof(*let));

    if (let == NULL) {
        return;
    }
    let->name = entry->key;
    let->raw = entry->value;
    let->defined = entry->place;
    let->place = entry->place;
    let->state = entry->is_faulty ? LET_FAULTY : LET_WAITS;
    for (size_t i = 0; i < lets->setting_count; i++) {
        if (strcmp(lets->settings[i].name, let->name) == 0) {
            /* The last --set of a name wins, as later options do. */
            let->raw = lets->settings[i].value;
            let->place = (struct sf_place){"--set", 0, 0, NULL, false};
            let->state = LET_WAITS;
        }
    }
    if (lets->last == NULL) {
        lets->first = let;
    } else {
        lets->last->next = let;
    }
    lets->last = let;
    lets->count++;
}

void sf_lets_define(struct sf_lets *lets,
                    struct sf_loader *loader,
                    const struct sf_entry *entry)
{
    const struct sf_let *let = find_let(lets, sf_slice_str(entry->key));

    if (let != NULL && let->defined.file == entry->place.file) {
        sf_loader_error(loader, &entry->place, "keep one of the two lines",
                        "`%s` is defined already, in line %u", entry->key,
                        let->defined.line);
    } else if (let == NULL && check_name(loader, entry)) {
        if (lets->count == SF_LET_COUNT_MAX) {
            sf_loader_error(
                loader, &entry->place, "write the values where they are used",
                "`[let]` defines more than %d names", SF_LET_COUNT_MAX);
        }
        if (lets->count <= SF_LET_COUNT_MAX) {
            add_let(lets, loader, entry);
        }
    }
}

static bool
resolve_let(struct sf_lets *lets, struct sf_loader *loader, struct sf_let *let)
{
    bool is_ok = false;

    if (lets->depth == SF_LET_DEPTH_MAX) {
        sf_loader_error(loader, &let->place,
                        "write out one of the values on the way",
                        "names within names are nested more than %d deep",
                        SF_LET_DEPTH_MAX);
        return false;
    }
    let->state = LET_BUSY;
    lets->depth++;
    is_ok = sf_value_expand(loader, lets, &let->place, let->raw, SF_VALUE_PLAIN,
                            &let->value);
    lets->depth--;
    return is_ok;
}

bool sf_lets_find(struct sf_lets *lets,
                  struct sf_loader *loader,
                  struct sf_slice name,
                  const struct sf_value **out_value)
{
    struct sf_let *let = find_let(lets, name);

    if (let == NULL) {
        *out_value = NULL;
        return true;
    }
    if (let->state == LET_BUSY) {
        sf_loader_error(loader, &let->place,
                        "break the circle: write out the value of one of its "
                        "names",
                        "the value of `%s` needs itself", let->name);
        let->state = LET_FAULTY;
    } else if (let->state == LET_WAITS) {
        bool is_ok = resolve_let(lets, loader, let);

        let->state = is_ok ? LET_DONE : LET_FAULTY;
    }
    if (let->state != LET_DONE) {
        return false;
    }
    *out_value = &let->value;
    return true;
}

void sf_lets_name(const struct sf_lets *lets, struct sf_naming *naming)
{
    for (const struct sf_let *let = lets->first; let; let = let->next) {
        sf_naming_add(naming, let->name);
    }
}

void sf_lets_suggest(const struct sf_lets *lets,
                     struct sf_suggestion *suggestion)
{
    for (const struct sf_let *let = lets->first; let; let = let->next) {
        sf_suggestion_offer(suggestion, let->name);
    }
}

bool sf_lets_has(const struct sf_lets *lets, const char *name)
{
    return find_let(lets, sf_slice_str(name)) != NULL;
}

void sf_lets_check(struct sf_lets *lets, struct sf_loader *loader)
{
    for (struct sf_let *let = lets->first; let; let = let->next) {
        const struct sf_value *value = NULL;

        /* Reported where it is wrong; nothing to do here. */
        (void)sf_lets_find(lets, loader, sf_slice_str(let->name), &value);
    }
}
