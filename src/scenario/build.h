/* build.h - a rule while it is being compiled, as the files that compile rules
 * share it: compile.c, condition.c, action.c. */
#ifndef SF_SCENARIO_BUILD_H
#define SF_SCENARIO_BUILD_H

#include "scenario/check.h"
#include "scenario/keys.h"
#include "scenario/list.h"
#include "scenario/reply.h"

struct sf_rule_build {
    struct sf_loader *loader;
    struct sf_lets *lets;
    struct sf_draft *draft;
    struct sf_condition *conditions;
    struct sf_place *condition_places; /* one for each of these */
    struct sf_condition *counted;
    const struct sf_entry **claims; /* that conditions stand in so far */
    size_t claim_count;
    struct sf_list_build list;      /* of the last list condition */
    struct sf_condition *open_list; /* that continuations go on with */
    struct sf_action_list actions;
    struct sf_extension_build extensions;
    size_t extensions_at; /* its action */
    struct sf_rule_places places;
    const struct sf_place *accept;
    const struct sf_place *deliberate;
};

/* Hints. */
#define SF_BUILD_KEEP_ONE "keep one of the two lines"
#define SF_BUILD_LIST     "a list goes on behind a comma, or in an indented line"

/* The value of an entry without dynamic names. */
bool sf_build_expand(struct sf_rule_build *build,
                     const struct sf_entry *entry,
                     enum sf_value_form form,
                     struct sf_value *out_value);

/* Remembers where a key stands that a rule has once. */
bool sf_build_once(struct sf_rule_build *build,
                   const struct sf_entry *entry,
                   const char *hint,
                   const struct sf_place **place);

/* A value that is one of a few words, the last of which is NULL. */
bool sf_build_parse_word(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         const char *const *words,
                         const char *hint,
                         unsigned *out_index);

/* `yes` or `no`. */
bool sf_build_parse_switch(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           bool *out_value);

/* condition.c: a condition, or `per`. */
void sf_build_condition(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        enum sf_condition_kind kind);
void sf_build_per(struct sf_rule_build *build, const struct sf_entry *entry);

/* action.c: an action with its continuations.  Returns the entry to go on
 * with. */
const struct sf_entry *sf_build_action(struct sf_rule_build *build,
                                       const struct sf_entry *entry,
                                       enum sf_action_kind kind);

#endif
