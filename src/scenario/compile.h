/* compile.h - sections become rules. */
#ifndef SF_SCENARIO_COMPILE_H
#define SF_SCENARIO_COMPILE_H

#include "rule/rule.h"
#include "scenario/let.h"
#include "scenario/source.h"

#define SF_RULES_MAX 10000

/* A rule, with what is needed only to report on it. */
struct sf_draft {
    struct sf_rule rule;
    struct sf_place place;
    const struct sf_place *condition_places; /* of conditions[] of the rule */
    const struct sf_place *action_places;    /* one for each action */
    sf_event_set named;       /* events that were named, not meant by ANY */
    struct sf_selector fired; /* how often it has to, if fired_place says so */
    const char *fired_text;   /* as written */
    const struct sf_place *fired_place; /* NULL: `fired` is not there */
    bool has_label;
    bool has_errors;
    struct sf_draft *next;
};

struct sf_drafts {
    struct sf_draft *first; /* in the order of the rules */
    struct sf_draft *last;
    size_t count;
};

/* Compiles a section whose name, with [let] resolved, begins with an event. */
void sf_compile_rule(struct sf_loader *loader,
                     struct sf_lets *lets,
                     const struct sf_section *section,
                     struct sf_slice name,
                     struct sf_drafts *drafts);

#endif
