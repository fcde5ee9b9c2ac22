/* test_load.c - files, what they include, and what overrides what. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"

static struct loaded loaded;

static void teardown(void)
{
    loaded_fini(&loaded);
}

TestSuite(load, .fini = teardown);

static void load_files(struct text_file *files,
                       const char *const *paths,
                       const struct sf_setting *settings)
{
    struct sf_load load = {.paths = paths,
                           .settings = settings,
                           .read = read_text_file,
                           .read_ctx = files};

    while (paths[load.path_count] != NULL) {
        load.path_count++;
    }
    while (settings != NULL && settings[load.setting_count].name != NULL) {
        load.setting_count++;
    }
    loaded = load_all(&load);
}

static void load_one(struct text_file *files)
{
    static const char *const paths[] = {"t.ini", NULL};

    load_files(files, paths, NULL);
}

/* The labels of all rules, each behind a blank. */
static const char *labels(void)
{
    static char text[500];

    text[0] = '\0';
    for (size_t i = 0; i < loaded.scenario->rules.count; i++) {
        strncat(text, " ", sizeof(text) - strlen(text) - 1);
        strncat(text, loaded.scenario->rules.rules[i].label,
                sizeof(text) - strlen(text) - 1);
    }
    return text;
}

Test(load, rules_of_included_files_come_after_the_files_own)
{
    struct text_file files[] = {
        {"t.ini",
         "[scenario]\ninclude = a.ini, b.ini\n[RCPT own]\ndelay = 1s\n", 0, 0},
        {"a.ini", "[RCPT a]\ndelay = 1s\n[scenario]\ninclude = c.ini\n", 0, 0},
        {"b.ini", "[RCPT b]\ndelay = 1s\n", 0, 0},
        {"c.ini", "[RCPT c]\ndelay = 1s\n", 0, 0},
        {NULL, NULL, 0, 0}};

    load_one(files);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_str_eq(labels(), " own a c b");
    cr_assert_eq(loaded.scenario->file_count, 4);
    cr_assert_str_eq(loaded.scenario->files[2].path, "c.ini");
}

Test(load, let_and_server_of_the_including_file_win)
{
    struct text_file files[] = {
        {"t.ini",
         "[scenario]\ninclude = a.ini\n[let]\ncode = 452\n"
         "[server]\nhostname = own.example\n[MAIL]\nreply = 250 ${text}\n",
         0, 0},
        {"a.ini",
         "[scenario]\ntitle = A\nseed = 7\n[let]\ncode = 451\ntext = hello\n"
         "[server]\nhostname = a.example\nmax-recipients = 5\n"
         "extensions = -SIZE\n[RCPT]\nreply = ${code} x\n",
         0, 0},
        {NULL, NULL, 0, 0}};

    load_one(files);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_str_eq(loaded.scenario->server.hostname, "own.example");
    cr_assert_eq(loaded.scenario->server.max_recipients, 5);
    cr_assert_eq(loaded.scenario->server.extensions.remove_count, 1);
    cr_assert_eq(loaded.scenario->rules.rules[1].actions[0].u.reply.code, 452);
    cr_assert_str_eq(loaded.scenario->title, "A");
    cr_assert(loaded.scenario->has_seed);
    cr_assert_eq(loaded.scenario->seed, 7);
}

static const char *tags(void)
{
    static char text[256];

    text[0] = '\0';
    for (const struct sf_tag *tag = loaded.scenario->tags; tag != NULL;
         tag = tag->next) {
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, " %s", tag->text);
    }
    return text;
}

Test(load, tags_are_those_of_the_first_file_that_has_any)
{
    struct text_file files[] = {
        {"t.ini", "[scenario]\ninclude = a.ini, b.ini\n", 0, 0},
        {"a.ini",
         "[let]\nx = y\n[scenario]\ntags = one, \"t,w\",\n    three\n"
         "tags = ${x}\n",
         0, 0},
        {"b.ini", "[scenario]\ntags = other\n", 0, 0},
        {NULL, NULL, 0, 0}};
    struct text_file none[] = {{"t.ini", "[RCPT]\nreply = 450 x\n", 0, 0},
                               {NULL, NULL, 0, 0}};

    load_one(files);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_str_eq(tags(), " one t,w three y");
    loaded_fini(&loaded);
    load_one(none);
    cr_assert_str_eq(tags(), "");
}

Test(load, files_that_were_asked_for_keep_their_names_apart)
{
    struct text_file files[] = {
        {"a.ini", "[let]\nx = 451\n[RCPT]\nsession = 1\nreply = ${x} a\n", 0,
         0},
        {"b.ini", "[let]\nx = 452\n[RCPT]\nreply = ${x} b\n", 0, 0},
        {"c.ini", "[MAIL]\nreply = ${x} c\n", 0, 0},
        {NULL, NULL, 0, 0}};
    static const char *const two[] = {"a.ini", "b.ini", NULL};
    static const char *const three[] = {"a.ini", "b.ini", "c.ini", NULL};

    load_files(files, two, NULL);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->rules.rules[0].actions[0].u.reply.code, 451);
    cr_assert_eq(loaded.scenario->rules.rules[1].actions[0].u.reply.code, 452);
    loaded_fini(&loaded);
    load_files(files, three, NULL);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_str_eq(sf_diags_get(loaded.diags, 0)->path, "c.ini");
}

Test(load, a_setting_overrides_let_in_all_files)
{
    struct text_file files[] = {
        {"a.ini", "[let]\nx = 451\n[RCPT]\nsession = 1\nreply = ${x} a\n", 0,
         0},
        {"b.ini", "[let]\nx = 452\n[RCPT]\nreply = ${x} b\n", 0, 0},
        {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"a.ini", "b.ini", NULL};
    const struct sf_setting settings[] = {{"x", "450"}, {NULL, NULL}};

    load_files(files, paths, settings);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->rules.rules[0].actions[0].u.reply.code, 450);
    cr_assert_eq(loaded.scenario->rules.rules[1].actions[0].u.reply.code, 450);
}

Test(load, a_setting_without_a_name_in_let_is_an_error)
{
    struct text_file files[] = {{"t.ini", "[let]\nwindow = 5m\n", 0, 0},
                                {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"t.ini", NULL};
    const struct sf_setting settings[] = {{"windw", "1m"}, {NULL, NULL}};

    load_files(files, paths, settings);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_str_eq(loaded.findings,
                     "--set: error: no `[let]` has a name `windw`\n"
                     "hint: did you mean `window`?\n");
}

Test(load, a_setting_without_a_near_name_gets_the_names_that_there_are)
{
    struct text_file files[] = {
        {"a.ini", "[let]\nwindow = 5m\ncode = 451\n", 0, 0},
        {"b.ini", "[RCPT]\ndelay = 1s\n", 0, 0},
        {NULL, NULL, 0, 0}};
    static const char *const with[] = {"a.ini", "b.ini", NULL};
    static const char *const without[] = {"b.ini", NULL};
    const struct sf_setting settings[] = {{"nosuch", "1"}, {NULL, NULL}};

    load_files(files, with, settings);
    cr_assert_str_eq(loaded.findings,
                     "--set: error: no `[let]` has a name `nosuch`\n"
                     "hint: there are `window`, `code`\n");
    loaded_fini(&loaded);
    load_files(files, without, settings);
    cr_assert_str_eq(loaded.findings,
                     "--set: error: no `[let]` has a name `nosuch`\n"
                     "hint: the scenario names no values: leave it out\n");
}

Test(load, a_hint_does_not_name_more_than_can_be_read)
{
    char text[2000] = "[let]\n";
    struct text_file files[] = {{"t.ini", text, 0, 0}, {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"t.ini", NULL};
    const struct sf_setting settings[] = {{"nosuch", "1"}, {NULL, NULL}};

    for (size_t i = 0; i < 100; i++) {
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, "n%zu = 1\n", i);
    }
    load_files(files, paths, settings);
    cr_assert_not_null(strstr(loaded.findings, "`n10`, `n11` and others\n"),
                       "%s", loaded.findings);
    cr_assert_null(strstr(loaded.findings, "`n12`"));
}

Test(load, a_faulty_setting_is_reported_where_it_was_given)
{
    struct text_file files[] = {{"t.ini", "[let]\nwindow = 5m\n", 0, 0},
                                {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"t.ini", NULL};
    const struct sf_setting settings[] = {{"window", "\"1m"}, {NULL, NULL}};

    load_files(files, paths, settings);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_len(loaded.diags), 1);
    cr_assert_str_eq(sf_diags_get(loaded.diags, 0)->path, "--set");
    cr_assert_eq(sf_diags_get(loaded.diags, 0)->line, 0);
}

Test(load, paths_of_includes_are_seen_from_the_including_file)
{
    struct text_file files[] = {
        {"d/t.ini",
         "[scenario]\ninclude = a.ini, ./e/b.ini, ../c.ini, /abs/d.ini\n"
         "include = e/../f.ini\n",
         0, 0},
        {"d/a.ini", "", 0, 0},
        {"d/e/b.ini", "", 0, 0},
        {"c.ini", "", 0, 0},
        {"/abs/d.ini", "", 0, 0},
        {"d/f.ini", "", 0, 0},
        {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"d/t.ini", NULL};

    load_files(files, paths, NULL);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->file_count, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_str_eq(loaded.scenario->files[i].path, files[i].path);
    }
}

Test(load, a_file_hides_the_bundled_scenario_of_its_name)
{
    struct text_file files[] = {
        {"t.ini", "[scenario]\ninclude = greylist.ini, null-mx\n", 0, 0},
        {"greylist.ini", "[RCPT mine]\nsession = 1\ndelay = 1s\n", 0, 0},
        {NULL, NULL, 0, 0}};

    load_one(files);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_str_eq(labels(), " mine null-mx");
    cr_assert_str_eq(loaded.scenario->files[2].path, "null-mx.ini");
}

Test(load, circles_and_depth_are_bounded)
{
    struct text_file circle[] = {
        {"t.ini", "[scenario]\ninclude = a.ini\n", 0, 0},
        {"a.ini", "[scenario]\ninclude = ./x/../t.ini\n", 0, 0},
        {NULL, NULL, 0, 0}};
    struct text_file deep[20] = {{"t.ini", "[scenario]\ninclude = a1\n", 0, 0}};
    static char names[20][16];
    static char texts[20][48];

    load_one(circle);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_len(loaded.diags), 1, "%s", loaded.findings);
    loaded_fini(&loaded);
    for (int i = 1; i < 19; i++) {
        snprintf(names[i], sizeof(names[i]), "a%d", i);
        snprintf(texts[i], sizeof(texts[i]), "[scenario]\ninclude = a%d\n",
                 i + 1);
        deep[i] = (struct text_file){names[i], texts[i], 0, 0};
    }
    load_one(deep);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_len(loaded.diags), 1, "%s", loaded.findings);
}

Test(load, files_that_cannot_be_had_are_reported)
{
    static const struct {
        int err;
        const char *findings;
        int result;
    } cases[] = {
        {SF_EREAD,
         "t.ini: error: the file cannot be read\n"
         "hint: a scenario is a text file that you have leave to read\n",
         SF_ESCENARIO},
        {SF_ENOTFOUND,
         "t.ini: error: there is neither a file nor a bundled scenario of "
         "that name\n"
         "hint: `smtpfault list` shows",
         SF_ESCENARIO},
        {SF_ENOMEM, "", SF_ENOMEM},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text_file files[] = {{"t.ini", NULL, 0, cases[i].err},
                                    {NULL, NULL, 0, 0}};

        load_one(files);
        cr_expect_eq(loaded.result, cases[i].result);
        cr_expect_eq(strncmp(loaded.findings, cases[i].findings,
                             strlen(cases[i].findings)),
                     0, "%s", loaded.findings);
        cr_expect_null(loaded.scenario);
        loaded_fini(&loaded);
        loaded = (struct loaded){0};
    }
}

Test(load, an_include_that_cannot_be_had_is_named)
{
    struct text_file files[] = {
        {"t.ini", "[scenario]\ninclude = greylst, d\n", 0, 0},
        {"d", NULL, 0, SF_EREAD},
        {NULL, NULL, 0, 0}};

    load_one(files);
    cr_assert_str_eq(
        loaded.findings,
        "t.ini:2: error: there is neither a file nor a bundled scenario "
        "`greylst`\n"
        "    include = greylst, d\n"
        "hint: did you mean `greylist`?\n"
        "t.ini:2: error: `d` cannot be read\n"
        "    include = greylst, d\n"
        "hint: a scenario is a text file that you have leave to read\n");
}

Test(load, a_file_of_more_than_1m_is_refused)
{
    struct text_file files[] = {{"t.ini", NULL, 1048577, 0},
                                {NULL, NULL, 0, 0}};
    char *text = calloc(1, 1048577);

    cr_assert_not_null(text);
    memset(text, '\n', 1048577);
    files[0].text = text;
    load_one(files);
    cr_assert_str_eq(loaded.findings,
                     "t.ini: error: the file is longer than 1M\n"
                     "hint: divide it into files that `include` each "
                     "other\n");
    free(text);
}

Test(load, files_have_the_hash_of_their_octets)
{
    struct text_file files[] = {{"t.ini", "abc", 3, 0}, {NULL, NULL, 0, 0}};

    files[0].text = "; abc\n";
    files[0].len = 6;
    load_one(files);
    cr_assert_eq(loaded.result, 0);
    cr_assert_eq(strlen(loaded.scenario->files[0].sha256), 64);
}

Test(load, findings_come_sorted_by_file_and_line)
{
    struct text_file files[] = {
        {"t.ini",
         "[RCPT]\nreply = 650 x\n[MAIL\n[DATA]\ncolour = red\n"
         "[scenario]\ninclude = a.ini\nseed = x\n",
         0, 0},
        {"a.ini", "[RCPT]\n\nreply = x\n", 0, 0},
        {NULL, NULL, 0, 0}};
    static const unsigned lines[] = {2, 3, 5, 8, 3};

    load_one(files);
    cr_assert_eq(sf_diags_len(loaded.diags), 5, "%s", loaded.findings);
    for (size_t i = 0; i < 5; i++) {
        const struct sf_diag *diag = sf_diags_get(loaded.diags, i);

        cr_assert_eq(diag->line, lines[i], "%s", loaded.findings);
        cr_assert_str_eq(diag->path, i < 4 ? "t.ini" : "a.ini");
    }
    cr_assert_eq(sf_diags_count(loaded.diags, SF_SEVERITY_WARNING), 1);
}

Test(load, a_file_of_nothing_but_mistakes_is_bounded)
{
    size_t size = 900000;
    char *text = malloc(size);
    struct text_file files[] = {{"t.ini", text, size, 0}, {NULL, NULL, 0, 0}};

    cr_assert_not_null(text);
    for (size_t i = 0; i < size; i++) {
        text[i] = "[X]\nreply\n"[i % 10];
    }
    load_one(files);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_leq(sf_diags_len(loaded.diags), 1000);
    free(text);
}

Test(load, more_rules_than_the_limit_are_an_error)
{
    size_t count = 10001;
    char *text = calloc(count, 40);
    size_t len = 0;
    struct text_file files[] = {{"t.ini", NULL, 0, 0}, {NULL, NULL, 0, 0}};

    cr_assert_not_null(text);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, 40,
                                "[RCPT]\nsession=%zu\ndelay=1s\n", i + 1);
    }
    files[0].text = text;
    load_one(files);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_len(loaded.diags), 1, "%s", loaded.findings);
    free(text);
}
