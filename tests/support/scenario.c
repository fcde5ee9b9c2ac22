/* scenario.c - scenarios from memory, for tests of the loader. */
#include "scenario.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

int read_text_file(void *ctx, const char *path, char **out_text, size_t *len)
{
    for (const struct text_file *file = ctx; file->path != NULL; file++) {
        if (strcmp(file->path, path) == 0) {
            if (file->err != 0) {
                return file->err;
            }
            *len = file->len != 0 ? file->len : strlen(file->text);
            *out_text = malloc(*len + 1);
            cr_assert_not_null(*out_text);
            memcpy(*out_text, file->text, *len);
            return 0;
        }
    }
    return SF_ENOTFOUND;
}

struct loaded load_all(const struct sf_load *load)
{
    struct loaded loaded = {.diags = sf_diags_new()};
    size_t size = 1;

    cr_assert_not_null(loaded.diags);
    loaded.result = sf_scenario_load(load, loaded.diags, &loaded.scenario);
    for (size_t i = 0; i < sf_diags_len(loaded.diags); i++) {
        size += sf_diag_format(sf_diags_get(loaded.diags, i), NULL, 0);
    }
    loaded.findings = calloc(1, size);
    cr_assert_not_null(loaded.findings);
    for (size_t i = 0; i < sf_diags_len(loaded.diags); i++) {
        size_t len = strlen(loaded.findings);

        (void)sf_diag_format(sf_diags_get(loaded.diags, i),
                             loaded.findings + len, size - len);
    }
    return loaded;
}

struct loaded load_text(const char *text)
{
    struct text_file files[] = {{"t.ini", text, 0, 0}, {NULL, NULL, 0, 0}};
    const char *path = "t.ini";
    struct sf_load load = {.paths = &path,
                           .path_count = 1,
                           .read = read_text_file,
                           .read_ctx = files};

    return load_all(&load);
}

void loaded_fini(struct loaded *loaded)
{
    sf_scenario_free(loaded->scenario);
    sf_diags_free(loaded->diags);
    free(loaded->findings);
}
