/* lint.h - what is legal in a rule, but suspicious. */
#ifndef SF_SCENARIO_LINT_H
#define SF_SCENARIO_LINT_H

#include "scenario/compile.h"
#include "scenario/scenario.h"

/* Adds warnings about replies that RFCs do not have, unless the rule is
 * deliberate, and about rules that can never fire. */
void sf_lint_rules(struct sf_loader *loader, const struct sf_drafts *drafts);

/* The same about conditions on listeners that the scenario has not, if it has
 * any. */
void sf_lint_listeners(struct sf_loader *loader,
                       const struct sf_drafts *drafts,
                       const struct sf_scenario *scenario);

#endif
