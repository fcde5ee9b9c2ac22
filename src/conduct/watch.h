/* watch.h - what can be told of a client by the octets alone: of a command
 * line, of the lines of a message, of a reply that puts it to the test. */
#ifndef SF_CONDUCT_WATCH_H
#define SF_CONDUCT_WATCH_H

#include "conduct/conduct.h"
#include "smtp/command.h"

/* A set of rules. */
#define SF_CONDUCT_WORDS ((SF_CONDUCT_COUNT + 63) / 64)

struct sf_conduct_set {
    uint64_t words[SF_CONDUCT_WORDS];
};

void sf_conduct_set_add(struct sf_conduct_set *set, enum sf_conduct_id id);
void sf_conduct_set_join(struct sf_conduct_set *set,
                         const struct sf_conduct_set *other);
bool sf_conduct_set_is_empty(const struct sf_conduct_set *set);
bool sf_conduct_set_has(const struct sf_conduct_set *set,
                        enum sf_conduct_id id);

/* Command lines. */

struct sf_watch_line {
    const struct sf_command *command;
    uint64_t line_bytes; /* with its end */
    sf_capability_set offered;
    bool is_bare_lf; /* it ended so */
};

/* Adds the rules that the line breaks, whatever came before it. */
void sf_watch_line(const struct sf_watch_line *line,
                   struct sf_conduct_set *broken);

/* Base64 as RFC 4648 4 has it, padded. */
bool sf_watch_is_base64(struct sf_slice text);

/* The capability behind a parameter of MAIL or RCPT; SF_CAPABILITY_COUNT: it is
 * of none that is known. */
enum sf_capability sf_watch_param(enum sf_event event,
                                  const struct sf_param *param);

/* Message data, as it comes. */

struct sf_watch_text {
    uint64_t line_len;    /* octets of the line so far, an added dot not */
    unsigned char before; /* the octet before */
    unsigned char dot;    /* how the line began: enum in watch.c */
    bool is_chunk;        /* of BDAT: a dot means nothing */
    bool is_binary;       /* BODY=BINARYMIME: any octet will do */
    bool is_8bit;         /* octets over 127 were announced */
    bool is_after_lf;     /* the line began behind a bare LF */
    bool ends_in_dot;     /* the last line has text and then a dot */
};

void sf_watch_text_init(struct sf_watch_text *text);

/* `at` is the index of the octet that broke the rule. */
typedef void sf_watch_fn(void *ctx, enum sf_conduct_id id, size_t at);

void sf_watch_text_feed(struct sf_watch_text *text,
                        struct sf_slice octets,
                        sf_watch_fn *found,
                        void *ctx);

/* Replies. */

struct sf_watch_reply {
    enum sf_event event;
    int code;
    struct sf_slice text; /* of this line */
    size_t index;         /* of the line in the reply */
    bool is_by_rule;      /* not the server's own */
    bool is_paced;        /* its octets leave slowly, or cut */
    bool is_joined;       /* it joins one that was held, in one segment */
};

/* The rule that the line puts to the test by its form, which makes no
 * difference to a correct client; SF_CONDUCT_COUNT: none. */
enum sf_conduct_id sf_watch_reply(const struct sf_watch_reply *reply);

#endif
