/* regex.h - regular expressions of lists: POSIX, extended, case ignored. */
#ifndef SF_SCENARIO_REGEX_H
#define SF_SCENARIO_REGEX_H

#include <regex.h>

#include "scenario/loader.h"

/* A compiled expression.  Lives in the arena, but what regcomp() allocated
 * for it does not. */
struct sf_regex {
    regex_t regex;
    struct sf_regex *next;
};

/* What one expression, and all of a scenario, may become: octets to match,
 * repeated ones as often as they are.  So a line of text cannot fill the
 * memory, nor what a client sends to it take for ever. */
#define SF_REGEX_SIZE_MAX  300
#define SF_REGEX_TOTAL_MAX 20000

/* Compiles the text between the slashes, in which `\/` is a slash, and adds
 * it to the loader's.  NULL: reported. */
const regex_t *sf_regex_compile(struct sf_loader *loader,
                                const struct sf_place *place,
                                struct sf_slice text);

/* Releases what regcomp() allocated for `first` and those behind it. */
void sf_regex_free(struct sf_regex *first);

#endif
