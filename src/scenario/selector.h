/* selector.h - numbers, sizes, durations and ranges of them. */
#ifndef SF_SCENARIO_SELECTOR_H
#define SF_SCENARIO_SELECTOR_H

#include "rule/rule.h"
#include "scenario/loader.h"

#define SF_NUMBER_MAX UINT64_C(1000000000000)

/* A duration with its unit, up to 1000 days; `forever` is SF_FOREVER_US. */
bool sf_selector_parse_duration(struct sf_loader *loader,
                                const struct sf_place *place,
                                const char *key,
                                struct sf_slice text,
                                uint64_t *out_us);

/* Which numbers (`1-3`, `odd`, `every 3 from 2`) or durations (`<5m`) are
 * meant. */
bool sf_selector_parse(struct sf_loader *loader,
                       const struct sf_place *place,
                       const char *key,
                       bool is_duration,
                       struct sf_slice text,
                       struct sf_selector *out_selector);

/* `2s`, `1s..3s`, `forever`, `until-input`. */
bool sf_selector_parse_delay(struct sf_loader *loader,
                             const struct sf_place *place,
                             struct sf_slice text,
                             struct sf_action *out_action);

#endif
