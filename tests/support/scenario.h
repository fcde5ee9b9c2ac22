/* scenario.h - scenarios from memory, for tests of the loader. */
#ifndef SF_TESTS_SUPPORT_SCENARIO_H
#define SF_TESTS_SUPPORT_SCENARIO_H

#include "scenario/scenario.h"
#include "smtpfault.h"

/* A file that the loader finds under `path`. */
struct text_file {
    const char *path;
    const char *text;
    size_t len; /* 0: up to the NUL */
    int err;    /* instead of the text, if it is not 0 */
};

struct loaded {
    struct sf_scenario *scenario; /* NULL: it has errors */
    int result;
    struct sf_diags *diags;
    char *findings; /* all of them, as they are shown */
};

/* sf_read_fn over an array of text_file that ends with path NULL. */
int read_text_file(void *ctx, const char *path, char **out_text, size_t *len);

/* Loads what `load` says; `read` in it may be NULL. */
struct loaded load_all(const struct sf_load *load);

/* Loads one text as the file "t.ini". */
struct loaded load_text(const char *text);

void loaded_fini(struct loaded *loaded);

#endif
