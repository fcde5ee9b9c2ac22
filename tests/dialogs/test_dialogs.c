/* test_dialogs.c - every dialog, in three chunkings, and the runner itself. */
#include "../support/dialog.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conduct/conduct.h"

#define ERROR_SIZE  1024
#define DIALOGS_MIN 35

static void run_all(enum dialog_chunking chunking)
{
    glob_t found;
    char error[ERROR_SIZE];

    cr_assert(glob("tests/dialogs/*.dialog", 0, NULL, &found) == 0,
              "no dialogs: run from the top of the tree");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        cr_expect(dialog_run(found.gl_pathv[i], chunking, error, ERROR_SIZE),
                  "%s", error);
    }
    cr_expect(found.gl_pathc >= DIALOGS_MIN);
    globfree(&found);
}

Test(dialogs, go_as_written_when_input_comes_whole)
{
    run_all(DIALOG_WHOLE);
}

Test(dialogs, go_as_written_when_input_comes_octet_by_octet)
{
    run_all(DIALOG_OCTETS);
}

Test(dialogs, go_as_written_when_input_is_cut_at_random)
{
    run_all(DIALOG_RANDOM);
}

static bool has_dialog(const char *scenario, const glob_t *dialogs)
{
    char wanted[512];
    bool is_found = false;

    snprintf(wanted, sizeof(wanted), "\nscenario %s\n", scenario);
    for (size_t i = 0; i < dialogs->gl_pathc && !is_found; i++) {
        size_t len;
        char *text = dialog_read_file(dialogs->gl_pathv[i], &len);

        is_found = text != NULL && strstr(text, wanted) != NULL;
        free(text);
    }
    return is_found;
}

Test(dialogs, reach_every_bundled_scenario)
{
    glob_t dialogs;
    glob_t scenarios;

    cr_assert(glob("tests/dialogs/*.dialog", 0, NULL, &dialogs) == 0);
    cr_assert(glob("scenarios/*.ini", 0, NULL, &scenarios) == 0);
    for (size_t i = 0; i < scenarios.gl_pathc; i++) {
        char name[256];

        snprintf(name, sizeof(name), "%s",
                 strrchr(scenarios.gl_pathv[i], '/') + 1);
        *strrchr(name, '.') = '\0';
        cr_expect(has_dialog(name, &dialogs), "no dialog runs %s", name);
    }
    globfree(&dialogs);
    globfree(&scenarios);
}

/* Whether some dialog has a V line for the rule. */
static bool is_broken(const char *id, const glob_t *dialogs)
{
    char wanted[32];
    bool is_found = false;

    snprintf(wanted, sizeof(wanted), "\nV: %s\n", id);
    for (size_t i = 0; i < dialogs->gl_pathc && !is_found; i++) {
        size_t len;
        char *text = dialog_read_file(dialogs->gl_pathv[i], &len);

        is_found = text != NULL && strstr(text, wanted) != NULL;
        free(text);
    }
    return is_found;
}

/* PIP-06 needs a client that reads nothing: tests/unit/session/test_conduct.c.
 */
Test(dialogs, break_every_rule_for_clients_that_a_session_shows)
{
    glob_t dialogs;
    size_t count = 0;

    cr_assert(glob("tests/dialogs/*.dialog", 0, NULL, &dialogs) == 0);
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const struct sf_conduct_rule *rule =
            sf_conduct_get((enum sf_conduct_id)i);
        const bool is_elsewhere = i == SF_CONDUCT_PIP_06;

        if (sf_conduct_is_watched(rule)) {
            count++;
            cr_expect(is_elsewhere || is_broken(rule->id, &dialogs),
                      "no dialog breaks %s", rule->id);
        }
    }
    cr_expect_geq(count, 90);
    globfree(&dialogs);
}

/* The runner. */

/* What a wrong dialog is told: the line, what was expected, what came. */
static const struct complaint {
    const char *name;
    const char *text;
    const char *error;
} complaints[] = {
    {"another line came", "open\nS: 221 x\n", ":2: +0 ms: expected `221 x`"},
    {"another code came", "open\nS* 554\n", ":2: +0 ms: expected a reply 554"},
    {"no match", "open\nS~ 5*\n", ":2: +0 ms: expected `5*`"},
    {"nothing came", "open\nS* 220\nS: 250 x\n",
     ":3: +0 ms: expected `250 x`, got nothing"},
    {"more came before C", "open\nC: QUIT\n", ":2: +0 ms: session 1: unexp"},
    {"more came before time", "open\n+1\n", ":2: +0 ms: session 1: unexpected"},
    {"more came before the end", "open\n", ":1: +0 ms: session 1: unexpected"},
    {"no close came", "open\nS* 220\nS! close\n",
     ":3: +0 ms: expected a close"},
    {"a close came that nobody named", "open\nS* 220\nC: QUIT\nS* 221\n",
     "unexpected: the connection's end"},
    {"a close is no reset", "open\nS* 220\nC: QUIT\nS* 221\nS! reset\n",
     ":5: +0 ms: expected a reset"},
    {"a violation that is not named",
     "open\nS* 220\nC: EHLO x\nS* 250\nC: NOOP\nV: SEQ-01\n",
     ":6: +0 ms: expected a violation of SEQ-01, saw one of SEQ-07"},
    {"no violation", "open\nS* 220\nV: SEQ-01\n",
     ":3: +0 ms: expected a violation of SEQ-01, saw none"},
    {"a violation where there is to be none",
     "watch\nopen\nS* 220\nC: EHLO x\nS* 250\n",
     ":5: +0 ms: a violation of SEQ-07 that no V line names"},
    {"no such line", "open\nS* 220\nD: x\n", "`D: x` is no line of a dialog"},
    {"no session", "S* 220\n", "no session is open"},
    {"nothing at all", "; nothing\n", "no session was opened"},
    {"an unopened session", "open\nS* 220\n[2] C: x\n", "was not opened"},
    {"a late scenario", "open\nS* 220\nscenario x\n", "comes too late"},
    {"an unknown scenario", "scenario nosuch\nopen\n", "does not load"},
    {"a broken scenario", "scenario\n    [RCPT]\n    replay = 550 x\nopen\n",
     "inline.ini:2: error:"},
};

Test(runner, tells_what_is_wrong_with_a_dialog_and_where)
{
    char error[ERROR_SIZE];

    for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
        const struct complaint *c = &complaints[i];

        cr_expect_not(
            dialog_run_text("d", c->text, DIALOG_WHOLE, error, ERROR_SIZE),
            "%s: passed", c->name);
        cr_expect(strstr(error, c->error) != NULL, "%s: %s", c->name, error);
    }
}
