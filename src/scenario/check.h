/* check.h - what can only be said about a rule as a whole. */
#ifndef SF_SCENARIO_CHECK_H
#define SF_SCENARIO_CHECK_H

#include "scenario/compile.h"

/* Where the keys of a rule stand; NULL: it has none. */
struct sf_rule_places {
    const struct sf_place *conditions[SF_CONDITION_COUNT];
    const struct sf_place *per;
    const struct sf_place *handshake;
    const struct sf_place *extensions;
    const struct sf_place *close;
    bool has_action; /* even if it was faulty */
};

void sf_check_rule(struct sf_loader *loader,
                   const struct sf_draft *draft,
                   const struct sf_rule_places *places);

#endif
