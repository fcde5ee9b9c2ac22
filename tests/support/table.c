/* table.c - what the texts of every table have in common. */
#include "table.h"

#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION "[0-9A-Z]+(\\.[0-9]+)*"
#define RFC     "RFC [0-9]+( " SECTION "(, " SECTION ")*)?"
#define DRAFT   "draft-[a-z0-9-]+"

static bool matches(const char *text, const char *pattern)
{
    regex_t regex;
    bool is_match = false;

    cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    is_match = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_match;
}

bool is_phrase(const char *text)
{
    return matches(text, "^[A-Z0-9][ -~]*[^. ]$") &&
           strpbrk(text, "\"\\") == NULL && strstr(text, "  ") == NULL;
}

bool is_reference(const char *text)
{
    return matches(text, "^(" RFC "(; " RFC ")*|" DRAFT ")$");
}

size_t read_words(const char *path, const char **out_words, size_t max)
{
    static char text[16384];
    FILE *file = fopen(path, "rb");
    size_t len = 0;
    size_t count = 0;

    cr_assert_not_null(file, "%s", path);
    len = fread(text, 1, sizeof(text) - 1, file);
    cr_assert_lt(len, sizeof(text) - 1, "%s", path);
    fclose(file);
    text[len] = '\0';
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');

        cr_assert_not_null(end, "%s: no newline at the end", path);
        cr_assert_lt(count, max, "%s", path);
        *end = '\0';
        out_words[count++] = line;
        line = end + 1;
    }
    return count;
}
