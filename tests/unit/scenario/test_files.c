/* test_files.c - the collections of good and broken scenario files, and the
 * bundled ones.  Paths are seen from the root of the repository. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "net/tls_config.h"
#include "scenario/bundle.h"

#define FILE_SIZE_MAX 65536

static char *read_file(const char *dir, const char *name, size_t *out_len)
{
    char path[512];
    char *text = malloc(FILE_SIZE_MAX);
    FILE *file = NULL;

    cr_assert_not_null(text);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        free(text);
        return NULL;
    }
    *out_len = fread(text, 1, FILE_SIZE_MAX - 1, file);
    text[*out_len] = '\0';
    (void)fclose(file);
    return text;
}

static int
read_from_dir(void *ctx, const char *path, char **out_text, size_t *out_len)
{
    *out_text = read_file(*(const char **)ctx, path, out_len);
    return *out_text == NULL ? SF_ENOTFOUND : 0;
}

static struct loaded
load_file(const char *dir, const char *name, bool is_strict)
{
    /* Versions are those of Mbed TLS 2.28, whatever is linked. */
    struct sf_tls_ability ability = *sf_tls_ability();
    struct sf_load load = {.paths = &name,
                           .path_count = 1,
                           .is_strict = is_strict,
                           .read = read_from_dir,
                           .tls = &ability,
                           .read_ctx = &dir};

    ability.oldest = SF_TLS_1_0;
    ability.newest = SF_TLS_1_2;
    return load_all(&load);
}

static void expect_no_findings(const char *dir, const char *name)
{
    struct loaded loaded = load_file(dir, name, true);

    cr_assert_str_empty(loaded.findings, "%s: %s", name, loaded.findings);
    cr_assert_eq(loaded.result, 0, "%s", name);
    loaded_fini(&loaded);
}

/* Every finding tells what to do about it. */
static void expect_hints(const char *dir, const char *name)
{
    struct loaded loaded = load_file(dir, name, false);

    for (size_t i = 0; i < sf_diags_len(loaded.diags); i++) {
        const struct sf_diag *diag = sf_diags_get(loaded.diags, i);

        cr_expect_not_null(diag->hint, "%s:%u: no hint for: %s", name,
                           diag->line, diag->text);
    }
    loaded_fini(&loaded);
}

static void expect_findings(const char *dir, const char *name)
{
    struct loaded loaded = load_file(dir, name, false);
    char expected_name[300];
    char *expected = NULL;
    size_t len = 0;

    snprintf(expected_name, sizeof(expected_name), "%.*s.expected",
             (int)(strlen(name) - strlen(".ini")), name);
    expected = read_file(dir, expected_name, &len);
    cr_assert_not_null(expected, "%s has no .expected", name);
    cr_expect_str_eq(loaded.findings, expected, "%s: got\n%sinstead of\n%s",
                     name, loaded.findings, expected);
    free(expected);
    loaded_fini(&loaded);
}

/* Calls `expect` for each scenario file of the directory. */
static size_t for_each_file(const char *dir,
                            void (*expect)(const char *dir, const char *name))
{
    DIR *stream = opendir(dir);
    const struct dirent *entry = NULL;
    size_t count = 0;

    cr_assert_not_null(stream, "%s: run from the root of the repository", dir);
    while ((entry = readdir(stream)) != NULL) {
        size_t len = strlen(entry->d_name);

        if (len > 4 && strcmp(entry->d_name + len - 4, ".ini") == 0) {
            expect(dir, entry->d_name);
            count++;
        }
    }
    (void)closedir(stream);
    return count;
}

Test(files, broken_files_get_exactly_the_diagnostics_that_stand_beside_them)
{
    size_t count = for_each_file("tests/scenario/bad", expect_findings);

    cr_assert_geq(count, 60, "only %zu files", count);
}

Test(files, every_finding_has_a_hint)
{
    cr_assert_geq(for_each_file("tests/scenario/bad", expect_hints), 60);
}

Test(files, good_files_load_without_any_finding)
{
    size_t count = for_each_file("tests/scenario/good", expect_no_findings);

    cr_assert_geq(count, 10, "only %zu files", count);
}

Test(files, bundled_files_load_without_any_finding)
{
    size_t count = for_each_file("scenarios", expect_no_findings);

    cr_assert_eq(count, sf_bundle_len);
}

Test(files, the_bundle_is_what_the_files_are)
{
    for (size_t i = 0; i < sf_bundle_len; i++) {
        size_t len = 0;
        char *text = read_file("scenarios", sf_bundle[i].name, &len);

        cr_assert_not_null(text, "%s", sf_bundle[i].name);
        cr_assert_eq(len, sf_bundle[i].len, "%s", sf_bundle[i].name);
        cr_assert_arr_eq(text, sf_bundle[i].text, len, "%s", sf_bundle[i].name);
        free(text);
    }
}

Test(files, the_bundle_is_sorted_by_name_without_suffix)
{
    for (size_t i = 1; i < sf_bundle_len; i++) {
        const char *one = sf_bundle[i - 1].name;
        const char *next = sf_bundle[i].name;
        size_t len = strcspn(one, ".");
        int order = strncmp(one, next, len);

        cr_assert(order < 0 || (order == 0 && next[len] != '.'),
                  "%s stands before %s", one, next);
    }
}

Test(files, bundled_scenarios_are_found_with_and_without_their_suffix)
{
    cr_assert_str_eq(sf_bundle_find("greylist")->name, "greylist.ini");
    cr_assert_str_eq(sf_bundle_find("greylist.ini")->name, "greylist.ini");
    cr_assert_null(sf_bundle_find("grey"));
    cr_assert_null(sf_bundle_find("greylist.in"));
    cr_assert_null(sf_bundle_find(""));
}

Test(files, bundled_scenarios_load_by_name_and_have_a_title_and_tags)
{
    for (size_t i = 0; i < sf_bundle_len; i++) {
        struct sf_load load = {
            .paths = &sf_bundle[i].name, .path_count = 1, .is_strict = true};
        struct loaded loaded = load_all(&load);

        cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
        cr_assert_not_null(loaded.scenario->title, "%s", sf_bundle[i].name);
        cr_assert_not_null(loaded.scenario->tags, "%s", sf_bundle[i].name);
        cr_assert_str_eq(loaded.scenario->files[0].path, sf_bundle[i].name);
        loaded_fini(&loaded);
    }
}
