/* code.h - reply codes: what they mean and where they may occur. */
#ifndef SF_SMTP_CODE_H
#define SF_SMTP_CODE_H

#include "smtp/event.h"

struct sf_code_info {
    int code;
    const char *text;    /* what it means, one phrase */
    sf_event_set events; /* where an RFC or known practice has it */
};

/* The row of a code; NULL if no RFC and no known server has it. */
const struct sf_code_info *sf_code_find(int code);

/* Whether `code` is known as an answer at `event`. */
bool sf_code_is_known_at(int code, enum sf_event event);

size_t sf_code_count(void);
const struct sf_code_info *sf_code_at(size_t index);

#endif
