/* ruleset.h - the rules of all files, put together. */
#ifndef SF_SCENARIO_RULESET_H
#define SF_SCENARIO_RULESET_H

#include "scenario/compile.h"

/* The times that all rates together keep, of all keys. */
#define SF_RATE_TIMES_MAX 8388608

/* The rules in their order, and for each event those that it concerns, kept as
 * long as the scenario. */
bool sf_ruleset_make(struct sf_loader *loader,
                     const struct sf_drafts *drafts,
                     struct sf_ruleset *out_rules);

#endif
