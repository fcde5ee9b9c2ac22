/* code.h - reply codes: what they mean, where they may occur, and what a
 * correct client does. */
#ifndef SF_SMTP_CODE_H
#define SF_SMTP_CODE_H

#include "smtp/event.h"

/* Who says that a code exists. */
#define SF_CODE_STANDING_MAP(X)                                                \
    X(STANDARD, "standard")                                                    \
    X(EXTENSION, "standard, of an extension")                                  \
    X(OBSOLETE, "obsolete")                                                    \
    X(REGISTRY, "in a registry, but defined nowhere")                          \
    X(DRAFT, "from a draft that became no RFC")                                \
    X(FIELD, "sent by some servers, in no RFC")                                \
    X(UNDEFINED, "defined nowhere")

enum sf_code_standing {
#define SF_CODE_STANDING_ENUM(name, text) SF_CODE_##name,
    SF_CODE_STANDING_MAP(SF_CODE_STANDING_ENUM)
#undef SF_CODE_STANDING_ENUM
};

/* What becomes of the connection after a code. */
#define SF_CODE_CLOSE_MAP(X)                                                   \
    X(STAYS, "stays open")                                                     \
    X(CLOSES, "is closed by the server")                                       \
    X(MAY_CLOSE, "may be closed by the server")

enum sf_code_close {
#define SF_CODE_CLOSE_ENUM(name, text) SF_CODE_##name,
    SF_CODE_CLOSE_MAP(SF_CODE_CLOSE_ENUM)
#undef SF_CODE_CLOSE_ENUM
};

struct sf_code_info {
    int code;
    const char *text;    /* what it means, one phrase */
    sf_event_set events; /* where an RFC or known practice has it */
    enum sf_code_standing standing;
    enum sf_code_close close;
    const char *enhanced; /* where nothing better is known; "": none */
    const char *rfc;      /* sections; "": in no RFC */
    const char *client;   /* what a correct client does, one phrase */
};

/* The row of a code; NULL if no RFC and no known server has it. */
const struct sf_code_info *sf_code_find(int code);

/* Whether `code` is known as an answer at `event`. */
bool sf_code_is_known_at(int code, enum sf_event event);

size_t sf_code_count(void);
const struct sf_code_info *sf_code_at(size_t index);

/* What the first digit says, and the second (RFC 5321 4.2.1); NULL: it says
 * nothing, since no code has it. */
const char *sf_code_class_text(int first);
const char *sf_code_category_text(int second);

const char *sf_code_standing_text(enum sf_code_standing standing);
const char *sf_code_close_text(enum sf_code_close close);

#endif
