/* conduct.h - the rules that a client has to meet. */
#ifndef SF_CONDUCT_CONDUCT_H
#define SF_CONDUCT_CONDUCT_H

#include "smtpfault.h"

/* X(GROUP, "title"), in the order of the table. */
#define SF_CONDUCT_GROUP_MAP(X)                                                \
    X(REP, "Replies")                                                          \
    X(EHL, "The EHLO answer")                                                  \
    X(SEQ, "Sequence of commands")                                             \
    X(LEN, "Length limits")                                                    \
    X(TIM, "Time limits")                                                      \
    X(RET, "Retries and notices")                                              \
    X(GRY, "Greylisting")                                                      \
    X(TLS, "Encryption")                                                       \
    X(AUT, "Authentication")                                                   \
    X(PIP, "Pipelining")                                                       \
    X(CHK, "Chunks")                                                           \
    X(DAT, "Message data")                                                     \
    X(SIZ, "Message size")                                                     \
    X(DSN, "Delivery status notifications")                                    \
    X(UTF, "Internationalized mail")                                           \
    X(LIM, "Announced limits")                                                 \
    X(LMT, "LMTP")                                                             \
    X(NMX, "Hosts without mail")                                               \
    X(BIS, "The coming RFC 5321bis")

enum sf_conduct_group {
#define SF_CONDUCT_GROUP_ENUM(name, title) SF_CONDUCT_GROUP_##name,
    SF_CONDUCT_GROUP_MAP(SF_CONDUCT_GROUP_ENUM)
#undef SF_CONDUCT_GROUP_ENUM
        SF_CONDUCT_GROUP_COUNT
};

/* X(LEVEL, "as shown") */
#define SF_CONDUCT_LEVEL_MAP(X)                                                \
    X(MUST, "MUST")                                                            \
    X(SHOULD, "SHOULD")                                                        \
    X(MAY, "MAY")                                                              \
    X(PRACTICE, "practice")

enum sf_conduct_level {
#define SF_CONDUCT_LEVEL_ENUM(name, text) SF_CONDUCT_##name,
    SF_CONDUCT_LEVEL_MAP(SF_CONDUCT_LEVEL_ENUM)
#undef SF_CONDUCT_LEVEL_ENUM
};

/* Where the server can see that a rule is broken:
 * X(SEEN, "in a word", "in a sentence") */
#define SF_CONDUCT_SEEN_MAP(X)                                                 \
    X(SENT, "yes", "in what the client sends, in any run")                     \
    X(FAULT, "after a fault", "in what the client does after a fault")         \
    X(RUN, "over a run", "over several transactions or sessions of a run")     \
    X(OWN, "no: the server's own",                                             \
      "not at all: the rule binds the server, and a scenario breaks it")       \
    X(NOT, "no", "not at all")

enum sf_conduct_seen {
#define SF_CONDUCT_SEEN_ENUM(name, word, text) SF_CONDUCT_SEEN_##name,
    SF_CONDUCT_SEEN_MAP(SF_CONDUCT_SEEN_ENUM)
#undef SF_CONDUCT_SEEN_ENUM
};

/* SF_CONDUCT_PIP_01 and so on. */
enum sf_conduct_id {
#define X(group, number, level, seen, rfc, text, how)                          \
    SF_CONDUCT_##group##_##number,
#include "conduct/conduct.def"
#undef X
    SF_CONDUCT_COUNT
};

struct sf_conduct_rule {
    const char *id; /* "PIP-01" */
    enum sf_conduct_group group;
    enum sf_conduct_level level;
    enum sf_conduct_seen seen;
    const char *rfc;  /* sections, or a draft */
    const char *text; /* the rule, one phrase */
    const char *how;  /* how a breach is provoked or seen, one phrase */
};

/* The row of the table. */
const struct sf_conduct_rule *sf_conduct_get(enum sf_conduct_id id);

/* It can be seen broken within one session. */
bool sf_conduct_is_watched(const struct sf_conduct_rule *rule);

/* By id, in any case; NULL if there is none. */
const struct sf_conduct_rule *sf_conduct_find(struct sf_slice id);

/* The group with this name, in any case; SF_CONDUCT_GROUP_COUNT if there is
 * none. */
enum sf_conduct_group sf_conduct_find_group(struct sf_slice name);

const char *sf_conduct_group_name(enum sf_conduct_group group);
const char *sf_conduct_group_title(enum sf_conduct_group group);
const char *sf_conduct_level_text(enum sf_conduct_level level);
const char *sf_conduct_seen_text(enum sf_conduct_seen seen);

#endif
