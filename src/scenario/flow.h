/* flow.h - values that say how octets flow: `pace`, `hold`, `read`. */
#ifndef SF_SCENARIO_FLOW_H
#define SF_SCENARIO_FLOW_H

#include "rule/rule.h"
#include "scenario/loader.h"

#define SF_PACE_OFFSETS_MAX 64
#define SF_PACE_OFFSET_MAX  1048576

/* `1/100ms`, `line/50ms`, `split 3 -2/20ms`, `split 3`, `whole`. */
bool sf_flow_parse_pace(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_pace *out_pace);

/* A duration that ends. */
bool sf_flow_parse_hold(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        uint64_t *out_us);

/* `stop`, `resume`, `discard`, `1K/1s`. */
bool sf_flow_parse_read(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_read *out_read);

#endif
