/* slice.h - borrowed runs of octets: compare, trim, cut, read numbers.
 *
 * "nocase" is ASCII only, as RFC 5321 2.4 has it. */
#ifndef SF_BASE_SLICE_H
#define SF_BASE_SLICE_H

#include "smtpfault.h"

/* A slice of a string literal, usable in initialisers. */
#define SF_SLICE_LIT(text)                                                     \
    {                                                                          \
        (text), sizeof(text) - 1                                               \
    }

struct sf_slice sf_slice(const char *ptr, size_t len);
struct sf_slice sf_slice_str(const char *text); /* NULL gives an empty one */

bool sf_slice_eq(struct sf_slice a, struct sf_slice b);
bool sf_slice_eq_str(struct sf_slice a, const char *text);
bool sf_slice_eq_nocase(struct sf_slice a, struct sf_slice b);
bool sf_slice_eq_str_nocase(struct sf_slice a, const char *text);
bool sf_slice_starts_nocase(struct sf_slice slice, const char *prefix);

/* Without blanks (SP, HT) at both ends. */
struct sf_slice sf_slice_trim(struct sf_slice slice);

/* Without its first `count` octets; count is at most slice.len. */
struct sf_slice sf_slice_skip(struct sf_slice slice, size_t count);

/* Without blanks at the start. */
struct sf_slice sf_slice_skip_blanks(struct sf_slice slice);

/* Cuts at the first blank, which stays in *rest: returns what stands before
 * it, all if there is none. */
struct sf_slice sf_slice_cut_word(struct sf_slice *rest);

/* Cuts at the first `separator`: returns what stands before it and leaves in
 * *rest what follows it.  Without one returns all and leaves *rest empty with
 * ptr NULL. */
struct sf_slice sf_slice_cut(struct sf_slice *rest, char separator);

/* Index of the first `c`, or slice.len. */
size_t sf_slice_find(struct sf_slice slice, char c);

/* A decimal number of 1 to 20 digits and nothing else.  SF_ESYNTAX, or
 * SF_ETOOBIG over UINT64_MAX. */
SF_MUST_CHECK int sf_slice_parse_u64(struct sf_slice slice, uint64_t *out);

/* ASCII, whatever the locale. */
char sf_ascii_lower(char c);
char sf_ascii_upper(char c);
bool sf_ascii_is_blank(char c); /* SP, HT */
bool sf_ascii_is_alnum(char c);
bool sf_ascii_is_digit(char c);

/* Letters, digits, `-`, `_` and `.`, one at least: what labels, listeners and
 * states can be called. */
bool sf_slice_is_name(struct sf_slice text);

/* Number of single-character edits (insert, drop, replace, swap of two
 * neighbours) from a to b, for "did you mean"; both at most 63 octets, else
 * returns 64. */
unsigned sf_text_distance(struct sf_slice a, struct sf_slice b);

#endif
