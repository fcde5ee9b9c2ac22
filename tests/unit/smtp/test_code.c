/* test_code.c - the table of reply codes. */
#include "smtp/code.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/table.h"
#include "base/slice.h"
#include "smtp/enhanced.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(code, the_table_is_in_order_without_repeats)
{
    cr_assert_gt(sf_code_count(), 50);
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);

        cr_assert(i == 0 || sf_code_at(i - 1)->code < info->code,
                  "%d is out of order", info->code);
        cr_assert(info->code >= 200 && info->code <= 599, "%d", info->code);
        cr_assert_eq(sf_code_find(info->code), info);
    }
}

Test(code, every_meaning_is_one_phrase)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const char *text = sf_code_at(i)->text;
        const size_t len = strlen(text);

        cr_assert(len >= 4 && len <= 60, "%d", sf_code_at(i)->code);
        cr_assert(text[0] >= 'A' && text[0] <= 'Z', "%s", text);
        cr_assert_neq(text[len - 1], '.', "%s", text);
    }
}

Test(code, any_refusal_may_answer_a_violation)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const int code = sf_code_at(i)->code;

        cr_assert_eq(sf_code_is_known_at(code, SF_EVENT_VIOLATION),
                     code >= 400 && code <= 599, "%d", code);
    }
}

Test(code, service_shutdown_is_known_at_every_command)
{
    for (unsigned event = 0; event < SF_EVENT_COUNT; event++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)event);

        if ((info->flags & SF_EVENT_COMMAND) != 0) {
            cr_assert(sf_code_is_known_at(421, (enum sf_event)event), "%s",
                      info->name);
        }
    }
}

/* Whoever meets an event has to be able to say yes to it. */
Test(code, every_command_has_an_answer_of_success_or_refusal)
{
    static const int answers[] = {220, 221, 235, 250, 211, 354, 500};

    for (unsigned event = 0; event < SF_EVENT_COUNT; event++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)event);
        bool is_known = (info->flags & SF_EVENT_ASIDE) != 0 ||
                        event == SF_EVENT_TLS; /* no reply belongs there */

        for (size_t i = 0; i < COUNT(answers); i++) {
            is_known = is_known ||
                       sf_code_is_known_at(answers[i], (enum sf_event)event);
        }
        cr_assert(is_known, "%s", info->name);
    }
}

Test(code, pairs_are_known_where_an_rfc_or_practice_has_them)
{
    static const struct {
        int code;
        enum sf_event event;
        bool is_known;
    } cases[] = {
        {220, SF_EVENT_CONNECT, true},
        {554, SF_EVENT_CONNECT, true},
        {521, SF_EVENT_CONNECT, true},
        {421, SF_EVENT_CONNECT, true},
        {250, SF_EVENT_CONNECT, false},
        {250, SF_EVENT_EHLO, true},
        {504, SF_EVENT_EHLO, true},
        {354, SF_EVENT_EHLO, false},
        {220, SF_EVENT_STARTTLS, true},
        {454, SF_EVENT_STARTTLS, true},
        {334, SF_EVENT_AUTH, true},
        {235, SF_EVENT_AUTH_RESPONSE, true},
        {535, SF_EVENT_AUTH_RESPONSE, true},
        {235, SF_EVENT_MAIL, false},
        {250, SF_EVENT_MAIL, true},
        {552, SF_EVENT_MAIL, true},
        {555, SF_EVENT_MAIL, true},
        {251, SF_EVENT_MAIL, false},
        {450, SF_EVENT_RCPT, true},
        {452, SF_EVENT_RCPT, true},
        {551, SF_EVENT_RCPT, true},
        {556, SF_EVENT_RCPT, true},
        {354, SF_EVENT_RCPT, false},
        {354, SF_EVENT_DATA, true},
        {250, SF_EVENT_DATA, false},
        {503, SF_EVENT_DATA, true},
        {421, SF_EVENT_BODY, true},
        {552, SF_EVENT_BODY, true},
        {250, SF_EVENT_BODY, false},
        {421, SF_EVENT_IDLE, true},
        {421, SF_EVENT_TIMER, true},
        {451, SF_EVENT_IDLE, true},
        {452, SF_EVENT_IDLE, false},
        {250, SF_EVENT_BDAT, true},
        {354, SF_EVENT_BDAT, false},
        {250, SF_EVENT_MESSAGE, true},
        {552, SF_EVENT_MESSAGE, true},
        {353, SF_EVENT_MESSAGE, true},
        {354, SF_EVENT_MESSAGE, false},
        {221, SF_EVENT_QUIT, true},
        {250, SF_EVENT_QUIT, false},
        {252, SF_EVENT_VRFY, true},
        {214, SF_EVENT_HELP, true},
        {458, SF_EVENT_ETRN, true},
        {550, SF_EVENT_ETRN, false},
        {551, SF_EVENT_ETRN, false},
        {453, SF_EVENT_ATRN, true},
        {500, SF_EVENT_UNKNOWN, true},
        {502, SF_EVENT_UNKNOWN, true},
        {557, SF_EVENT_RCPT, false},
        {299, SF_EVENT_RCPT, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert_eq(sf_code_is_known_at(cases[i].code, cases[i].event),
                     cases[i].is_known, "%d at %s", cases[i].code,
                     sf_event_get(cases[i].event)->name);
    }
}

Test(code, other_numbers_have_no_row)
{
    static const int others[] = {-1, 0, 99, 100, 299, 336, 600, 1000};

    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_null(sf_code_find(others[i]), "%d", others[i]);
    }
}

Test(code, the_codes_are_those_of_the_list)
{
    const char *words[100];
    size_t count = read_words("tests/data/reply-codes.txt", words, 100);

    cr_assert_eq(count, 57);
    cr_assert_eq(sf_code_count(), count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(sf_code_at(i)->code, atoi(words[i]), "%s", words[i]);
    }
}

Test(code, every_row_says_what_a_client_does)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);

        cr_assert(is_phrase(info->text), "%d: %s", info->code, info->text);
        cr_assert(is_phrase(info->client), "%d: %s", info->code, info->client);
        cr_assert_gt(strlen(info->client), 15, "%d", info->code);
        cr_assert_gt(strlen(sf_code_standing_text(info->standing)), 5, "%d",
                     info->code);
        cr_assert_gt(strlen(sf_code_close_text(info->close)), 5, "%d",
                     info->code);
    }
}

Test(code, whoever_calls_a_code_standard_names_the_rfc)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);
        const bool has_none = info->standing == SF_CODE_DRAFT ||
                              info->standing == SF_CODE_FIELD ||
                              info->standing == SF_CODE_UNDEFINED;

        cr_assert(has_none ? info->rfc[0] == '\0' : is_reference(info->rfc),
                  "%d: %s", info->code, info->rfc);
    }
}

Test(code, a_standard_code_has_events)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);

        if (info->standing == SF_CODE_STANDARD ||
            info->standing == SF_CODE_EXTENSION) {
            cr_assert_neq(info->events, 0, "%d", info->code);
        }
    }
}

static bool is_registered(const struct sf_enhanced *enhanced)
{
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        if (sf_enhanced_at(i)->owner[0] == '\0' &&
            sf_enhanced_matches(sf_enhanced_at(i), enhanced)) {
            return true;
        }
    }
    return false;
}

Test(code, the_enhanced_code_is_registered_and_of_the_same_class)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);
        struct sf_enhanced enhanced = {0};

        if (info->enhanced[0] == '\0') {
            continue;
        }
        cr_assert_eq(sf_enhanced_parse(sf_slice_str(info->enhanced), &enhanced),
                     0, "%d", info->code);
        cr_assert_eq(enhanced.class, info->code / 100, "%d", info->code);
        cr_assert_neq(info->code / 100, 3, "%d", info->code);
        cr_assert(is_registered(&enhanced), "%d: %s", info->code,
                  info->enhanced);
    }
}

Test(code, the_connection_closes_where_the_service_ends)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        const struct sf_code_info *info = sf_code_at(i);
        enum sf_code_close expected = SF_CODE_STAYS;

        if (info->code == 221 || info->code == 421) {
            expected = SF_CODE_CLOSES;
        } else if (info->code == 521) {
            expected = SF_CODE_MAY_CLOSE; /* RFC 7504 3 */
        }
        cr_assert_eq(info->close, expected, "%d", info->code);
    }
}

Test(code, digits_have_a_meaning_within_the_grammar)
{
    for (int digit = -1; digit <= 10; digit++) {
        cr_assert_eq(sf_code_class_text(digit) != NULL,
                     digit >= 2 && digit <= 5, "%d", digit);
        cr_assert_eq(sf_code_category_text(digit) != NULL,
                     digit >= 0 && digit <= 5, "%d", digit);
    }
}
