/* derive.h - what follows from the conditions and actions of a rule. */
#ifndef SF_SCENARIO_DERIVE_H
#define SF_SCENARIO_DERIVE_H

#include "rule/rule.h"

/* Fills what the walk and the session want to know at once, but for what the
 * place of the rule in the rule set decides. */
void sf_derive_rule(struct sf_rule *rule);

/* What the draws of the rule depend on: its label or, where it has none, its
 * number in the rule set, so that lines may come and go above it. */
uint64_t sf_derive_identity(const struct sf_rule *rule, bool has_label);

#endif
