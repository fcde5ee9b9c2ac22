/* selector.h - numbers, sizes, durations and ranges of them. */
#ifndef SF_SCENARIO_SELECTOR_H
#define SF_SCENARIO_SELECTOR_H

#include "rule/rule.h"
#include "scenario/loader.h"

/* A duration with its unit, up to 1000 days; `forever` is SF_FOREVER_US. */
bool sf_selector_parse_duration(struct sf_loader *loader,
                                const struct sf_place *place,
                                const char *key,
                                struct sf_slice text,
                                uint64_t *out_us);

/* What a selector is about. */
enum sf_selector_form {
    SF_SELECTOR_NUMBERS,
    SF_SELECTOR_NUMBERS_OR_GROUPS, /* `<=${2}` */
    SF_SELECTOR_SIZES,
    SF_SELECTOR_DURATIONS,
};

/* Which numbers (`1-3`, `odd`, `every 3 from 2`), sizes (`>64K`) or durations
 * (`<5m`) are meant. */
bool sf_selector_parse(struct sf_loader *loader,
                       const struct sf_place *place,
                       const char *key,
                       enum sf_selector_form form,
                       struct sf_slice text,
                       struct sf_selector *out_selector);

/* A size in octets. */
bool sf_selector_parse_size(struct sf_loader *loader,
                            const struct sf_place *place,
                            const char *key,
                            struct sf_slice text,
                            uint64_t *out_bytes);

/* `2s`, `1s..3s`, `forever`, `until-input`. */
bool sf_selector_parse_delay(struct sf_loader *loader,
                             const struct sf_place *place,
                             struct sf_slice text,
                             struct sf_action *out_action);

#endif
