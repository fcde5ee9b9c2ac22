/* slice.c - borrowed runs of octets: compare, trim, cut, read numbers. */
#include "base/slice.h"

#include <string.h>

#define DISTANCE_LEN_MAX 63
#define NUMBER_LEN_MAX   20

struct sf_slice sf_slice(const char *ptr, size_t len)
{
    return (struct sf_slice){ptr, len};
}

struct sf_slice sf_slice_str(const char *text)
{
    return sf_slice(text, text == NULL ? 0 : strlen(text));
}

bool sf_slice_eq(struct sf_slice a, struct sf_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool sf_slice_eq_str(struct sf_slice a, const char *text)
{
    return sf_slice_eq(a, sf_slice_str(text));
}

bool sf_slice_eq_nocase(struct sf_slice a, struct sf_slice b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (sf_ascii_lower(a.ptr[i]) != sf_ascii_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool sf_slice_eq_str_nocase(struct sf_slice a, const char *text)
{
    return sf_slice_eq_nocase(a, sf_slice_str(text));
}

bool sf_slice_starts_nocase(struct sf_slice slice, const char *prefix)
{
    const size_t len = strlen(prefix);

    return slice.len >= len &&
           sf_slice_eq_nocase(sf_slice(slice.ptr, len), sf_slice(prefix, len));
}

/* Adds nothing to a NULL pointer, which C does not define. */
struct sf_slice sf_slice_skip(struct sf_slice slice, size_t count)
{
    return count == 0 ? slice : sf_slice(slice.ptr + count, slice.len - count);
}

struct sf_slice sf_slice_skip_blanks(struct sf_slice slice)
{
    size_t count = 0;

    while (count < slice.len && sf_ascii_is_blank(slice.ptr[count])) {
        count++;
    }
    return sf_slice_skip(slice, count);
}

struct sf_slice sf_slice_trim(struct sf_slice slice)
{
    slice = sf_slice_skip_blanks(slice);
    while (slice.len > 0 && sf_ascii_is_blank(slice.ptr[slice.len - 1])) {
        slice.len--;
    }
    return slice;
}

struct sf_slice sf_slice_cut_word(struct sf_slice *rest)
{
    const struct sf_slice all = *rest;
    size_t len = 0;

    while (len < all.len && !sf_ascii_is_blank(all.ptr[len])) {
        len++;
    }
    *rest = sf_slice_skip(all, len);
    return sf_slice(all.ptr, len);
}

struct sf_slice sf_slice_cut(struct sf_slice *rest, char separator)
{
    const struct sf_slice all = *rest;
    const size_t at = sf_slice_find(all, separator);

    if (at == all.len) {
        *rest = sf_slice(NULL, 0);
        return all;
    }
    *rest = sf_slice_skip(all, at + 1);
    return sf_slice(all.ptr, at);
}

size_t sf_slice_find(struct sf_slice slice, char c)
{
    const char *at = NULL;

    if (slice.len > 0) {
        at = memchr(slice.ptr, c, slice.len);
    }
    return at == NULL ? slice.len : (size_t)(at - slice.ptr);
}

int sf_slice_parse_u64(struct sf_slice slice, uint64_t *out)
{
    uint64_t number = 0;

    if (slice.len == 0 || slice.len > NUMBER_LEN_MAX) {
        return SF_ESYNTAX;
    }
    for (size_t i = 0; i < slice.len; i++) {
        if (!sf_ascii_is_digit(slice.ptr[i])) {
            return SF_ESYNTAX;
        }
    }
    for (size_t i = 0; i < slice.len; i++) {
        const uint64_t digit = (uint64_t)(slice.ptr[i] - '0');

        if (number > (UINT64_MAX - digit) / 10) {
            return SF_ETOOBIG;
        }
        number = number * 10 + digit;
    }
    *out = number;
    return 0;
}

char sf_ascii_upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

char sf_ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool sf_ascii_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool sf_ascii_is_alnum(char c)
{
    const char lower = sf_ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || sf_ascii_is_digit(c);
}

bool sf_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sf_slice_is_name(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!sf_ascii_is_alnum(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return text.len > 0;
}

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance, row by row: a swap looks two rows
 * back, hence three of them. */
unsigned sf_text_distance(struct sf_slice a, struct sf_slice b)
{
    unsigned rows[3][DISTANCE_LEN_MAX + 1];

    if (a.len > DISTANCE_LEN_MAX || b.len > DISTANCE_LEN_MAX) {
        return DISTANCE_LEN_MAX + 1;
    }
    for (unsigned j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            const unsigned cost = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;

            row[j] =
                min_of(min_of(above[j], row[j - 1]) + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
                a.ptr[i - 2] == b.ptr[j - 1]) {
                row[j] = min_of(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a.len % 3][b.len];
}
