/* bundle.h - the scenarios inside the binary. */
#ifndef SF_SCENARIO_BUNDLE_H
#define SF_SCENARIO_BUNDLE_H

#include "smtpfault.h"

struct sf_bundled {
    const char *name; /* "greylist.ini" */
    const char *stem; /* "greylist", as most people write it */
    const char *text;
    size_t len;
};

/* Made from scenarios/ by the build; sorted by stem. */
extern const struct sf_bundled sf_bundle[];
extern const size_t sf_bundle_len;

/* By name, with or without ".ini"; NULL if there is none. */
const struct sf_bundled *sf_bundle_find(const char *name);

/* Whether a line of a `reply` in its text has the code. */
bool sf_bundled_answers(const struct sf_bundled *bundled, int code);

#endif
