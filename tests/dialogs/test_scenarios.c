/* test_scenarios.c - what the bundled scenarios have to be, all of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/dialog.h"
#include "scenario/bundle.h"
#include "smtp/code.h"

#define ERROR_SIZE 1024
#define TEXT_SIZE  1024

/* The row in the head of code.ini for a code that is met there only. */
#define ROW_FORM "\n;   %d  --set "

static bool is_refusal(const struct sf_code_info *info)
{
    return info->code >= 400 && info->code <= 599;
}

static bool is_standard(const struct sf_code_info *info)
{
    return info->standing == SF_CODE_STANDARD ||
           info->standing == SF_CODE_EXTENSION;
}

/* Whether a scenario that does nothing else answers with the code. */
static bool has_own_scenario(int code)
{
    for (size_t i = 0; i < sf_bundle_len; i++) {
        if (&sf_bundle[i] != sf_bundle_find("default") &&
            &sf_bundle[i] != sf_bundle_find("code") &&
            sf_bundled_answers(&sf_bundle[i], code)) {
            return true;
        }
    }
    return false;
}

/* The settings that code.ini names for the code, a copy; NULL: none. */
static char *find_settings(int code)
{
    char head[32];
    const char *row;

    snprintf(head, sizeof(head), ROW_FORM, code);
    row = strstr(sf_bundle_find("code")->text, head);
    if (row == NULL) {
        return NULL;
    }
    row += strlen(head);
    return strndup(row, strcspn(row, "\n"));
}

/* Runs code.ini for the code with these settings, "NAME=VALUE --set NAME=VALUE"
 * as on the command line, against a client that says `stage` after EHLO. */
static void expect_code(const struct sf_code_info *info,
                        const char *stage,
                        const char *settings)
{
    static const char separator[] = " --set ";
    char error[ERROR_SIZE];
    char text[TEXT_SIZE];
    int len = snprintf(text, sizeof(text), "scenario code\nset code=%d\n",
                       info->code);

    while (*settings != '\0') {
        const char *next = strstr(settings, separator);
        size_t own = next ? (size_t)(next - settings) : strlen(settings);

        len += snprintf(text + len, sizeof(text) - (size_t)len, "set %.*s\n",
                        (int)own, settings);
        settings += own + (next ? strlen(separator) : 0);
    }
    snprintf(text + len, sizeof(text) - (size_t)len,
             "open\nS* 220\nC: EHLO client.test\nS* 250\nC: %s example.test\n"
             "S: %d %s Refused on request\n%s",
             stage, info->code, info->enhanced,
             info->code == 421 || info->code == 521 ? "S! close\n" : "");
    cr_expect(dialog_run_text("code", text, DIALOG_WHOLE, error, ERROR_SIZE),
              "%d: %s", info->code, error);
}

Test(scenarios, answer_every_standard_refusal_or_code_tells_how)
{
    size_t count = 0;

    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);
        char *settings = find_settings(info->code);

        if (is_refusal(info) && is_standard(info)) {
            cr_expect_neq(has_own_scenario(info->code), settings != NULL,
                          "%d has %s", info->code,
                          settings ? "two" : "no scenario");
            count++;
        } else {
            cr_expect_null(settings, "%d stands in code.ini", info->code);
        }
        if (settings != NULL) {
            char stage[16] = "";

            cr_assert_eq(sscanf(settings, "stage=%15s", stage), 1);
            expect_code(info, stage, settings);
        }
        free(settings);
    }
    cr_expect_geq(count, 25);
}

Test(scenarios, answer_with_any_code_at_another_stage)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);
        char settings[64];

        if (is_refusal(info) && info->enhanced[0] != '\0') {
            snprintf(settings, sizeof(settings), "stage=VRFY --set enhanced=%s",
                     info->enhanced);
            expect_code(info, "VRFY", settings);
        }
    }
}

Test(scenarios, say_what_they_are_and_what_a_correct_client_does)
{
    static const char *const wanted[] = {
        "\n[scenario]\ntitle     = ",
        "\nabout     = ",
        "\nreference = ",
        "\ntags      = ",
    };

    for (size_t i = 0; i < sf_bundle_len; i++) {
        const struct sf_bundled *bundled = &sf_bundle[i];
        char head[64];

        snprintf(head, sizeof(head), "; %s - ", bundled->name);
        cr_expect_eq(strncmp(bundled->text, head, strlen(head)), 0,
                     "%s does not begin with its name", bundled->name);
        cr_expect_not_null(strstr(bundled->text, " correct client"), "%s",
                           bundled->name);
        for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++) {
            cr_expect_not_null(strstr(bundled->text, wanted[k]), "%s: no %s",
                               bundled->name, wanted[k]);
        }
    }
}
