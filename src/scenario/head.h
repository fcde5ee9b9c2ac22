/* head.h - the name of a rule's section: `[EVENT EVENT label]`. */
#ifndef SF_SCENARIO_HEAD_H
#define SF_SCENARIO_HEAD_H

#include "scenario/loader.h"
#include "smtp/event.h"

struct sf_head {
    sf_event_set events;
    sf_event_set named;    /* without those that only ANY stands for */
    struct sf_slice first; /* the first event as written */
    struct sf_slice label; /* empty: none */
};

/* False: something is wrong and reported; the rest is there nevertheless. */
bool sf_head_parse(struct sf_loader *loader,
                   const struct sf_place *place,
                   struct sf_slice name,
                   struct sf_head *out_head);

/* Offers the names of all events. */
void sf_head_suggest(struct sf_suggestion *suggestion);

/* The first event of a set that is not empty. */
const struct sf_event_info *sf_head_first(sf_event_set events);

#endif
