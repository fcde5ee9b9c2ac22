/* expect.h - what a correct client does, compiled: the expectations of a
 * scenario and of the command line.
 *
 * Everything is borrowed from the scenario that owns them. */
#ifndef SF_VERDICT_EXPECT_H
#define SF_VERDICT_EXPECT_H

#include "base/digest.h"
#include "base/pattern.h"

/* X(NAME, "key", TYPE, NEEDS): TYPE is an sf_expect_type, NEEDS what has to be
 * there for the run to be judged by it. */
#define SF_EXPECT_MAP(X)                                                       \
    X(SESSIONS, "sessions", NUMBER, CLIENT)                                    \
    X(TRANSACTIONS, "transactions", NUMBER, CLIENT)                            \
    X(MESSAGES, "messages", NUMBER, CLIENT)                                    \
    X(DUPLICATES, "duplicates", NUMBER, CLIENT)                                \
    X(ATTEMPTS, "attempts", NUMBER, CLIENT)                                    \
    X(GAP, "gap", DURATION, CLIENT)                                            \
    X(BACKOFF, "backoff", GROWING, CLIENT)                                     \
    X(DELIVERED, "delivered", RECIPIENTS, CLIENT)                              \
    X(REFUSED, "refused", RECIPIENTS, CLIENT)                                  \
    X(DEFERRED, "deferred", RECIPIENTS, CLIENT)                                \
    X(AFTER_PERMANENT, "after-permanent", STOP, CLIENT)                        \
    X(QUIT, "quit", HABIT, CLIENT)                                             \
    X(RSET, "rset", HABIT, CLIENT)                                             \
    X(STARTTLS, "starttls", HABIT, CLIENT)                                     \
    X(PLAINTEXT_AUTH, "plaintext-auth", NEVER, CLIENT)                         \
    X(PLAINTEXT_MAIL, "plaintext-mail", NEVER, CLIENT)                         \
    X(AUTH_ATTEMPTS, "auth-attempts", NUMBER, CLIENT)                          \
    X(MECHANISM, "mechanism", LIST, CLIENT)                                    \
    X(OCTETS, "octets", SIZE, CLIENT)                                          \
    X(CONTENT, "content", CONTENT, CLIENT)                                     \
    X(VIOLATIONS, "violations", VIOLATIONS, CLIENT)                            \
    X(WAITED, "waited", DURATION, CLIENT)                                      \
    X(FIRED, "fired", NUMBER, CLIENT)                                          \
    X(EXIT, "exit", NUMBER, COMMAND)                                           \
    X(STDOUT, "stdout", LIST, COMMAND)                                         \
    X(STDERR, "stderr", LIST, COMMAND)                                         \
    X(DURATION, "duration", DURATION, COMMAND)                                 \
    X(CPU, "cpu", DURATION, COMMAND)                                           \
    X(MEMORY, "memory", SIZE, COMMAND)                                         \
    X(SECRETS, "secrets", NEVER, COMMAND)

enum sf_expect_key {
#define X(name, key, type, needs) SF_EXPECT_##name,
    SF_EXPECT_MAP(X)
#undef X
        SF_EXPECT_COUNT
};

/* What a value is. */
enum sf_expect_type {
    SF_EXPECT_IS_NUMBER,     /* a selector, and so are */
    SF_EXPECT_IS_DURATION,   /* in microseconds */
    SF_EXPECT_IS_SIZE,       /* in octets */
    SF_EXPECT_IS_LIST,       /* patterns */
    SF_EXPECT_IS_RECIPIENTS, /* patterns, or a number */
    SF_EXPECT_IS_GROWING,    /* the word `growing` */
    SF_EXPECT_IS_STOP,       /* the word `stop` */
    SF_EXPECT_IS_NEVER,      /* the word `never` */
    SF_EXPECT_IS_HABIT,      /* a word of SF_HABIT_MAP */
    SF_EXPECT_IS_CONTENT,    /* the SHA-256 of a message */
    SF_EXPECT_IS_VIOLATIONS, /* `none`, `strict`, or what is tolerated */
};

enum sf_expect_needs {
    SF_EXPECT_NEEDS_CLIENT,  /* somebody has connected */
    SF_EXPECT_NEEDS_COMMAND, /* a command was under test */
};

/* How many of the sessions do a thing. */
#define SF_HABIT_MAP(X)                                                        \
    X(ALWAYS, "always")                                                        \
    X(NEVER, "never")                                                          \
    X(SOMETIMES, "sometimes")

enum sf_habit {
#define X(name, word) SF_HABIT_##name,
    SF_HABIT_MAP(X)
#undef X
        SF_HABIT_COUNT
};

/* Which breaches of client rules are not taken amiss. */
enum sf_tolerance {
    SF_TOLERATES_SHOULD,  /* `none`: no breach of a MUST */
    SF_TOLERATES_NOTHING, /* `strict`: nor of a SHOULD */
    SF_TOLERATES_LISTED,  /* these, and what `none` lets pass */
};

struct sf_expectation {
    enum sf_expect_key key;
    const char *label; /* of its section; NULL: it has none */
    const char *name;  /* "attempts", "fired.greylist" */
    const char *text;  /* the value as written */
    const char *path;  /* where it stands; NULL: nowhere */
    unsigned line;
    bool is_default;  /* nobody wrote it */
    const char *rule; /* FIRED, WAITED: the rule's label; NULL: none */
    union {
        struct sf_selector selector;
        struct sf_list list;
        struct {
            bool is_number;
            struct sf_selector selector;
            struct sf_list list;
        } recipients;
        enum sf_habit habit;
        struct {
            char sha256[SF_DIGEST_HEX_SIZE];
            /* Of the same text with lines that end in CRLF; may be "". */
            char sha256_crlf[SF_DIGEST_HEX_SIZE];
        } content;
        struct {
            enum sf_tolerance tolerance;
            const char *const *ids;
            size_t id_count;
        } violations;
    } u;
};

struct sf_expectations {
    const struct sf_expectation *items; /* as written, then the defaults */
    size_t count;
    /* Somebody wrote one that says something: the run is judged. */
    bool is_asked;
    /* Passwords that the output of a command may not hold. */
    const char *const *secrets;
    size_t secret_count;
};

struct sf_expect_row {
    const char *key;
    enum sf_expect_type type;
    enum sf_expect_needs needs;
};

/* The row of a key. */
const struct sf_expect_row *sf_expect_get(enum sf_expect_key key);

const char *sf_habit_word(enum sf_habit habit);

/* Whether the key is about one rule, `fired.LABEL`. */
bool sf_expect_has_rule(enum sf_expect_key key);

#endif
