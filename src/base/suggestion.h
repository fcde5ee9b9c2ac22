/* suggestion.h - the name that a misspelt word stands for. */
#ifndef SF_BASE_SUGGESTION_H
#define SF_BASE_SUGGESTION_H

#include "smtpfault.h"

struct sf_suggestion {
    struct sf_slice word;
    const char *name; /* nearest so far, borrowed; NULL: none is near */
    unsigned distance;
};

void sf_suggestion_init(struct sf_suggestion *suggestion, struct sf_slice word);

/* The case of letters does not count. */
void sf_suggestion_offer(struct sf_suggestion *suggestion, const char *name);

#endif
