/* pattern.c - lists of patterns, and selectors, against values. */
#include "base/pattern.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"

/* Values that are shorter than this are copied without allocation. */
#define SHORT_BYTES 1024

bool sf_glob_matches(struct sf_slice glob, struct sf_slice value)
{
    size_t g = 0;
    size_t v = 0;
    size_t star = SIZE_MAX; /* where the last `*` stands, */
    size_t resume = 0;      /* and how far it has eaten */

    while (v < value.len) {
        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            resume = v;
        } else if (g < glob.len &&
                   (glob.ptr[g] == '?' || sf_ascii_lower(glob.ptr[g]) ==
                                              sf_ascii_lower(value.ptr[v]))) {
            g++;
            v++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            v = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*') {
        g++;
    }
    return g == glob.len;
}

static bool has_prefix(const unsigned char *addr,
                       const unsigned char *network,
                       unsigned prefix_len)
{
    size_t octets = prefix_len / 8;
    unsigned bits = prefix_len % 8;

    if (memcmp(addr, network, octets) != 0) {
        return false;
    }
    return bits == 0 || ((addr[octets] ^ network[octets]) >> (8 - bits)) == 0;
}

static bool is_in_network(const struct sf_pattern *pattern,
                          struct sf_slice value)
{
    unsigned char addr[16];
    char text[64];

    if (value.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    if (inet_pton(pattern->is_ipv6 ? AF_INET6 : AF_INET, text, addr) != 1) {
        return false;
    }
    return has_prefix(addr, pattern->addr, pattern->prefix_len);
}

/* POSIX has terminated values only, so that a copy is matched; REG_STARTEND,
 * which C libraries have besides, lets there be NUL octets in it.  `groups` has
 * room for the bounds of the value at least.  Without memory nothing matches.
 */
static bool matches_regex(const struct sf_pattern *pattern,
                          struct sf_slice value,
                          size_t group_count,
                          regmatch_t *groups)
{
    char room[SHORT_BYTES];
    char *copy = value.len < sizeof(room) ? room : malloc(value.len + 1);
    bool is_match = false;

    if (copy == NULL) {
        return false;
    }
    if (value.len > 0) {
        memcpy(copy, value.ptr, value.len);
    }
    copy[value.len] = '\0';
    groups[0].rm_so = 0;
    groups[0].rm_eo = (regoff_t)value.len;
    is_match =
        regexec(pattern->regex, copy, group_count, groups, REG_STARTEND) == 0;
    sf_wipe(copy, value.len); /* it may have been a password */
    if (copy != room) {
        free(copy);
    }
    return is_match;
}

static bool matches_pattern(const struct sf_pattern *pattern,
                            struct sf_slice value)
{
    regmatch_t whole;

    switch (pattern->kind) {
    case SF_PATTERN_GLOB:
        return sf_glob_matches(pattern->text, value);
    case SF_PATTERN_CIDR:
        return is_in_network(pattern, value);
    case SF_PATTERN_REGEX:
        return matches_regex(pattern, value, 0, &whole);
    case SF_PATTERN_LITERAL:
        break;
    }
    return sf_slice_eq_nocase(pattern->text, value);
}

bool sf_list_matches(const struct sf_list *list, struct sf_slice value)
{
    bool has_positive = false;
    bool is_matched = false;

    for (size_t i = 0; i < list->count; i++) {
        const struct sf_pattern *item = &list->items[i];

        if (item->is_negated) {
            if (matches_pattern(item, value)) {
                return false;
            }
        } else {
            has_positive = true;
            is_matched = is_matched || matches_pattern(item, value);
        }
    }
    return is_matched || !has_positive;
}

bool sf_list_capture(const struct sf_list *list,
                     struct sf_slice value,
                     regmatch_t out_groups[SF_GROUPS_MAX + 1])
{
    for (size_t i = 0; i < list->count; i++) {
        const struct sf_pattern *item = &list->items[i];

        if (item->kind == SF_PATTERN_REGEX && !item->is_negated &&
            matches_regex(item, value, SF_GROUPS_MAX + 1, out_groups)) {
            return true;
        }
    }
    return false;
}

bool sf_selector_matches(const struct sf_selector *selector, uint64_t number)
{
    if (selector->kind == SF_SELECTOR_EVERY) {
        return number >= selector->from &&
               (number - selector->from) % selector->step == 0;
    }
    return number >= selector->low &&
           (number < selector->end || selector->end == UINT64_MAX);
}
