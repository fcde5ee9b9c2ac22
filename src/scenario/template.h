/* template.h - text with dynamic names, which are replaced when it is
 * needed. */
#ifndef SF_SCENARIO_TEMPLATE_H
#define SF_SCENARIO_TEMPLATE_H

#include "rule/rule.h"
#include "scenario/value.h"

/* The dynamic name that is spelt so. */
bool sf_template_find_name(struct sf_slice text, enum sf_name *out_name);
const char *sf_template_name(enum sf_name name);

/* How much of the envelope an event has to know for the name to be known. */
enum sf_scope sf_template_scope(enum sf_name name);

/* The number of a group's name, 0 of all others. */
unsigned sf_template_group(enum sf_name name);

/* Offers all dynamic names. */
void sf_template_suggest(struct sf_suggestion *suggestion);

/* The value from octet `start` on, kept as long as the scenario. */
bool sf_template_make(struct sf_loader *loader,
                      const struct sf_value *value,
                      size_t start,
                      struct sf_template *out_template);

#endif
