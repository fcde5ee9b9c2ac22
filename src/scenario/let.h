/* let.h - the names that [let] and --set define, for one scenario file and
 * what it includes. */
#ifndef SF_SCENARIO_LET_H
#define SF_SCENARIO_LET_H

#include "scenario/source.h"
#include "scenario/value.h"

struct sf_let;

struct sf_lets {
    struct sf_let *first; /* in the order of definition */
    struct sf_let *last;
    size_t count;
    unsigned depth; /* of names within names that are being resolved */
    const struct sf_setting *settings;
    size_t setting_count;
};

/* Defines what an entry of a [let] section says.  A name that the including
 * file has defined stays as it is; one that the same file has, is an error. */
void sf_lets_define(struct sf_lets *lets,
                    struct sf_loader *loader,
                    const struct sf_entry *entry);

/* The value of a name.  *out_value is NULL if the name has no definition.
 * False: its value is faulty, which is reported, once. */
bool sf_lets_find(struct sf_lets *lets,
                  struct sf_loader *loader,
                  struct sf_slice name,
                  const struct sf_value **out_value);

/* Offers all names. */
void sf_lets_suggest(const struct sf_lets *lets,
                     struct sf_suggestion *suggestion);

/* Adds all names to a hint. */
void sf_lets_name(const struct sf_lets *lets, struct sf_naming *naming);

/* Whether there is such a name; and all of them, so that what is wrong in
 * those that nobody uses is found. */
bool sf_lets_has(const struct sf_lets *lets, const char *name);
void sf_lets_check(struct sf_lets *lets, struct sf_loader *loader);

#endif
