/* expect.h - sections [expect], `fired` in a rule, and --expect. */
#ifndef SF_SCENARIO_EXPECT_H
#define SF_SCENARIO_EXPECT_H

#include "scenario/compile.h"
#include "scenario/scenario.h"

#define SF_EXPECTATIONS_MAX 1000

/* An expectation while its scenario is compiled. */
struct sf_expect_draft {
    struct sf_expectation expectation;
    struct sf_place place;
    const struct sf_section *section; /* NULL: --expect */
    bool is_dropped; /* of an included file: checked, not taken over */
    struct sf_expect_draft *next;
};

struct sf_expect_builds {
    struct sf_expect_draft *first; /* in the order of the files */
    struct sf_expect_draft *last;
    size_t count;
};

/* Takes what a section says; `label` is empty where it has none. */
void sf_expect_compile(struct sf_expect_builds *builds,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const struct sf_section *section,
                       struct sf_slice label,
                       bool is_included);

/* Takes one --expect. */
void sf_expect_compile_option(struct sf_expect_builds *builds,
                              struct sf_loader *loader,
                              struct sf_lets *lets,
                              const struct sf_setting *option);

/* Once all rules are compiled: looks for those that expectations name, and
 * makes the expectations of the scenario, `fired` of every rule among them. */
void sf_expect_finish(const struct sf_expect_builds *builds,
                      struct sf_loader *loader,
                      const struct sf_drafts *drafts,
                      struct sf_scenario *scenario);

#endif
