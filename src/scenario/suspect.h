/* suspect.h - values that are legal, and hardly mean what they say. */
#ifndef SF_SCENARIO_SUSPECT_H
#define SF_SCENARIO_SUSPECT_H

#include "scenario/list.h"

/* Warns about an item of a condition's list that is no regular expression.
 * Quotes show that it is meant. */
void sf_suspect_item(struct sf_loader *loader,
                     const struct sf_place *place,
                     enum sf_condition_kind kind,
                     const struct sf_list_item *item);

/* Warns about escapes and comments in text that stands outside of
 * quotes. */
void sf_suspect_text(struct sf_loader *loader,
                     const struct sf_place *place,
                     const struct sf_value *value);

#endif
