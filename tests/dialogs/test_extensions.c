/* test_extensions.c - the longest lists that EHLO can be made to answer. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../support/dialog.h"
#include "scenario/list.h"

#define ERROR_SIZE 1024
#define TEXT_SIZE  (128 * 1024)

/* The tail of each line, so that most of a line of a file is used. */
#define TAIL_LEN 160

/* A dialog that is being written. */
struct script {
    char text[TEXT_SIZE];
    size_t len;
};

static struct script script;
static char tail[TAIL_LEN + 1];

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    size_t room = sizeof(script.text) - script.len;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(script.text + script.len, room, format, args);
    va_end(args);
    cr_assert(len >= 0 && (size_t)len < room);
    script.len += (size_t)len;
}

static void put_additions(const char *section, char letter)
{
    put("    [%s]\n", section);
    for (int i = 0; i < SF_EXTENSION_LINES_MAX; i++) {
        put("    extensions = +X-%c%d %s\n", letter, i, tail);
    }
}

static void put_answer(char letter, bool is_last)
{
    for (int i = 0; i < SF_EXTENSION_LINES_MAX; i++) {
        bool is_end = is_last && i + 1 == SF_EXTENSION_LINES_MAX;

        put("S: 250%cX-%c%d %s\n", is_end ? ' ' : '-', letter, i, tail);
    }
}

Test(extensions, of_the_server_and_of_a_rule_are_all_sent)
{
    static const char *const own[] = {
        "PIPELINING", "SIZE 52428800",       "8BITMIME",
        "SMTPUTF8",   "ENHANCEDSTATUSCODES", "DSN",
        "CHUNKING",   "LIMITS RCPTMAX=7",    "AUTH PLAIN LOGIN",
    };
    char error[ERROR_SIZE];

    memset(tail, 'x', TAIL_LEN);
    put("scenario\n");
    put_additions("server", 'S');
    put("    max-recipients = 7\n    auth-in-clear = yes\n");
    put_additions("EHLO", 'R');
    put("\nopen\nS* 220\nC: EHLO client.test\nS: 250-smtpfault.test\n");
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        put("S: 250-%s\n", own[i]);
    }
    put_answer('S', false);
    put_answer('R', true);
    put("C: MAIL FROM:<a@client.test>\nS: 250 2.1.0 Ok\n");
    cr_expect(
        dialog_run_text("long", script.text, DIALOG_WHOLE, error, ERROR_SIZE),
        "%s", error);
}
