/* violation.h - the values of the condition `violation`. */
#ifndef SF_SCENARIO_VIOLATION_H
#define SF_SCENARIO_VIOLATION_H

#include "rule/rule.h"
#include "scenario/loader.h"

/* A text or glob has to name rules for clients that can be seen broken in one
 * session; `any` becomes the glob of all. */
bool sf_violation_check(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_pattern *pattern);

#endif
