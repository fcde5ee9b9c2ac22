/* pattern.h - lists of patterns, and selectors: which values are meant.
 *
 * Everything is borrowed from who made them. */
#ifndef SF_BASE_PATTERN_H
#define SF_BASE_PATTERN_H

#include <regex.h>

#include "smtpfault.h"

enum sf_pattern_kind {
    SF_PATTERN_LITERAL,
    SF_PATTERN_GLOB,
    SF_PATTERN_CIDR,
    SF_PATTERN_REGEX
};

/* One item of a list.  Matching ignores (ASCII) case. */
struct sf_pattern {
    enum sf_pattern_kind kind;
    bool is_negated;
    struct sf_slice text;   /* LITERAL, GLOB (`*`, `?`), REGEX as written */
    bool is_ipv6;           /* CIDR */
    unsigned char addr[16]; /* CIDR, network order, 4 octets for IPv4 */
    unsigned prefix_len;    /* CIDR, bits */
    const regex_t *regex;   /* REGEX */
};

/* Holds if one positive item matches, or there is none, and no negated one
 * does. */
struct sf_list {
    const struct sf_pattern *items;
    size_t count;
};

enum sf_selector_kind {
    SF_SELECTOR_RANGE, /* low <= x < end */
    SF_SELECTOR_EVERY, /* from, from + step, ... (`odd`: 1, 3; `every 3`: 3, 6)
                        */
};

/* What a scenario may match, or say, at most. */
#define SF_NUMBER_MAX UINT64_C(1000000000000)

/* Groups of a regular expression that have a name, `${1}` to `${9}`. */
#define SF_GROUPS_MAX 9

/* Which numbers, sizes, or durations in microseconds, are meant. */
struct sf_selector {
    enum sf_selector_kind kind;
    uint64_t low;
    uint64_t end; /* UINT64_MAX: no end */
    uint64_t from;
    uint64_t step;
    /* 1..SF_GROUPS_MAX: the number in that group is added to low, or end. */
    unsigned char low_group;
    unsigned char end_group;
};

/* Contract of a list: one positive item matches, or there is none, and no
 * negated one does. */
bool sf_list_matches(const struct sf_list *list, struct sf_slice value);

/* The first positive regular expression of the list that matches the value:
 * fills its groups, from the whole match (0) to the last; rm_so is -1 for one
 * that took no part.  False if there is none. */
bool sf_list_capture(const struct sf_list *list,
                     struct sf_slice value,
                     regmatch_t out_groups[SF_GROUPS_MAX + 1]);

bool sf_selector_matches(const struct sf_selector *selector, uint64_t number);

/* `*` is any run of octets, `?` any one; ASCII case is ignored. */
bool sf_glob_matches(struct sf_slice glob, struct sf_slice value);

#endif
