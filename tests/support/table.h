/* table.h - what the texts of every table have in common. */
#ifndef SF_TESTS_SUPPORT_TABLE_H
#define SF_TESTS_SUPPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the text begins with a capital or a digit, ends without a dot, and
 * has no two blanks, no control characters and none of `"` and `\`. */
bool is_phrase(const char *text);

/* Whether the text is like `RFC 5321 3.3, 4.1.1.4; RFC 3030 2`, or is the name
 * of a draft. */
bool is_reference(const char *text);

/* The lines of a file of tests/data, up to `max`; fails the test if it cannot
 * be read.  Each is valid until the end of the process. */
size_t read_words(const char *path, const char **out_words, size_t max);

#endif
