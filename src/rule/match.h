/* match.h - do values match what a rule asks for? */
#ifndef SF_RULE_MATCH_H
#define SF_RULE_MATCH_H

#include "rule/rule.h"

/* Contract of a list: one positive item matches, or there is none, and no
 * negated one does. */
bool sf_list_matches(const struct sf_list *list, struct sf_slice value);

/* The first positive regular expression of the list that matches the value:
 * fills its groups, from the whole match (0) to the last; rm_so is -1 for one
 * that took no part.  False if there is none. */
bool sf_list_capture(const struct sf_list *list,
                     struct sf_slice value,
                     regmatch_t out_groups[SF_GROUPS_MAX + 1]);

bool sf_selector_matches(const struct sf_selector *selector, uint64_t number);

/* `*` is any run of octets, `?` any one; ASCII case is ignored. */
bool sf_glob_matches(struct sf_slice glob, struct sf_slice value);

#endif
