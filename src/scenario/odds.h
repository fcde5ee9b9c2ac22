/* odds.h - the values of `rate` and `chance`. */
#ifndef SF_SCENARIO_ODDS_H
#define SF_SCENARIO_ODDS_H

#include "rule/rule.h"
#include "scenario/loader.h"

/* The largest number of events that a rate may ask for. */
#define SF_RATE_EVENTS_MAX 10000

/* `>10/1m`: a selector of numbers, and the window that the events are in. */
bool sf_odds_parse_rate(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_condition *out_condition);

/* How many events such a selector tells apart: more are as good. */
size_t sf_odds_rate_size(const struct sf_selector *selector);

/* `25%`, `0.5%`: the draws for which it holds. */
bool sf_odds_parse_chance(struct sf_loader *loader,
                          const struct sf_place *place,
                          struct sf_slice text,
                          struct sf_selector *out_selector);

#endif
