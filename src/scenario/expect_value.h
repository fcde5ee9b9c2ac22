/* expect_value.h - the values of [expect]. */
#ifndef SF_SCENARIO_EXPECT_VALUE_H
#define SF_SCENARIO_EXPECT_VALUE_H

#include "scenario/expect.h"
#include "scenario/list.h"

/* A section, or --expect, while it is being compiled. */
struct sf_expect_parsing {
    struct sf_expect_builds *builds;
    struct sf_loader *loader;
    struct sf_lets *lets;
    const struct sf_section *section; /* NULL: --expect */
    const char *label;
    bool is_included;
    struct sf_list_build list;    /* of the last list */
    struct sf_expect_draft *open; /* that continuations go on with */
};

/* Takes the value of the entry, as the key of the expectation has it; of a
 * continuation what it adds to the list. */
bool sf_expect_parse(struct sf_expect_parsing *parsing,
                     const struct sf_entry *entry,
                     struct sf_expectation *expectation);

/* Whether the value so far is a list, which may go on. */
bool sf_expect_takes_list(const struct sf_expectation *expectation);

#endif
