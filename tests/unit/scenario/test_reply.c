/* test_reply.c - the lines of `reply`. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"

/* Loads a rule at RCPT with this after `reply = `. */
static struct loaded load_reply(const char *value)
{
    char text[1000];

    snprintf(text, sizeof(text), "[RCPT]\ndeliberate = yes\nreply = %s\n",
             value);
    return load_text(text);
}

/* The replies of the first rule: code, `-` or blank, literal text, `|`. */
static const char *list_replies(const struct loaded *loaded)
{
    static char list[2000];
    const struct sf_rule *rule = &loaded->scenario->rules.rules[0];
    size_t len = 0;

    list[0] = '\0';
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_action *action = &rule->actions[i];
        const struct sf_template *text = &action->u.reply.text;

        if (action->kind != SF_ACTION_REPLY) {
            const char *word =
                action->kind == SF_ACTION_REPLY_NONE ? "none|" : "default|";

            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s", word);
            continue;
        }
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%03d%s",
                                action->u.reply.code,
                                !action->u.reply.has_text ? ""
                                : action->u.reply.is_last ? " "
                                                          : "-");
        for (size_t j = 0; j < text->count; j++) {
            struct sf_slice piece = text->pieces[j].is_name
                                        ? sf_slice("$", 1)
                                        : text->pieces[j].literal;

            len += (size_t)snprintf(list + len, sizeof(list) - len, "%.*s",
                                    (int)piece.len, piece.ptr);
        }
        len += (size_t)snprintf(list + len, sizeof(list) - len, "|");
    }
    return list;
}

Test(reply, values_and_continuations_become_lines)
{
    static const struct {
        const char *value;
        const char *lines;
    } cases[] = {
        {"250 Ok", "250 Ok|"},
        {"250", "250|"},
        {"250-", "250-|"},
        {"\"250 \"", "250 |"},
        {"\"250  two blanks \"", "250  two blanks |"},
        {"000 zero", "000 zero|"},
        {"999-nine", "999-nine|"},
        {"none", "none|"},
        {"default", "default|"},
        {"\"none\"", "none|"},
        {"250-one\n  250 two", "250-one|250 two|"},
        {"250-one\n  goes on\n  250 two\n  too",
         "250-one goes on|250 two too|"},
        {"250-one\n  12 apples", "250-one 12 apples|"},
        {"250-one\n  2500 apples", "250-one 2500 apples|"},
        {"250-one\n  \"250 \" \"x\" * 3", "250-one|250 xxx|"},
        {"250 one\n  default", "250 one|default|"},
        {"250 one\nreply = 250 two", "250 one|250 two|"},
        {"250 ${recipient}\n  of ${client}", "250 $ of $|"},
        {"\"250 a\\tb\\0c\"", "250 a\tb|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct loaded loaded = load_reply(cases[i].value);

        cr_assert_eq(loaded.result, 0, "%s: %s", cases[i].value,
                     loaded.findings);
        if (strchr(cases[i].lines, '\t') == NULL) {
            cr_expect_str_eq(list_replies(&loaded), cases[i].lines, "%s: %s",
                             cases[i].value, list_replies(&loaded));
        }
        loaded_fini(&loaded);
    }
}

Test(reply, a_nul_octet_through_an_escape_is_kept)
{
    struct loaded loaded = load_reply("\"250 a\\0b\"");
    const struct sf_action *action = NULL;

    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    action = &loaded.scenario->rules.rules[0].actions[0];
    cr_assert_eq(action->u.reply.text.pieces[0].literal.len, 3);
    cr_assert_arr_eq(action->u.reply.text.pieces[0].literal.ptr, "a\0b", 3);
    loaded_fini(&loaded);
}

Test(reply, what_is_no_reply_is_an_error)
{
    static const char *const values[] = {
        "",
        "Ok",
        "25 Ok",
        "2500 Ok",
        "250_Ok",
        "250\tOk",
        "\"\"",
        "\"Ok\"",
        "${client}",
        "250${client}",
        "25${session} x",
        "\"250 a\\r\"",
        "\"250 a\\nb\"",
        "none\n  more",
        "default\n  more",
        "none\n  250 Ok",
        "None",
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct loaded loaded = load_reply(values[i]);

        cr_expect_eq(loaded.result, SF_ESCENARIO, "%s", values[i]);
        cr_expect_eq(sf_diags_len(loaded.diags), 1, "%s: %s", values[i],
                     loaded.findings);
        loaded_fini(&loaded);
    }
}

Test(reply, a_line_keeps_the_place_where_it_stands)
{
    struct loaded loaded =
        load_text("[RCPT]\nreply = 250-one\n  and more\n  250 two\n");
    const struct sf_rule *rule = NULL;

    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    rule = &loaded.scenario->rules.rules[0];
    cr_assert_eq(rule->actions[0].line, 2);
    cr_assert_eq(rule->actions[1].line, 4);
    cr_assert_str_eq(rule->actions[1].path, "t.ini");
    loaded_fini(&loaded);
}

/* Where the scratch memory ends depends on what was loaded before; the
 * sanitizers see a look behind it. */
Test(reply, of_any_length_is_looked_at_within_its_memory)
{
    char value[200];

    for (size_t len = 1; len < 150; len++) {
        char text[40000] = "[RCPT]\n";
        struct loaded loaded;

        memset(value, 'x', len);
        value[len] = '\0';
        for (size_t at = strlen(text); at + 200 < sizeof(text);
             at += strlen(text + at)) {
            (void)snprintf(text + at, sizeof(text) - at, "reply = 250 %s\n",
                           value);
        }
        loaded = load_text(text);
        cr_assert_eq(loaded.result, 0, "texts of %zu octets", len);
        loaded_fini(&loaded);
    }
}
