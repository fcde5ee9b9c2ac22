/* test_event.c - the events of a conversation. */
#include "smtp/event.h"

#include <criterion/criterion.h>
#include <string.h>

#include "../../support/table.h"
#include "base/slice.h"

Test(event, every_name_finds_its_own_event_alone)
{
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)i);

        cr_assert_eq(sf_event_find(sf_slice_str(info->name)), SF_EVENT_BIT(i),
                     "%s", info->name);
    }
    cr_assert_leq((unsigned)SF_EVENT_COUNT, 64, "the set has 64 bits");
}

Test(event, other_words_are_no_events)
{
    static const char *const words[] = {
        "", "ehlo", "Mail", "AUTH_RESPONSE", "EHLO ", "MAI", "MAILX", "any"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_assert_eq(sf_event_find(sf_slice_str(words[i])), 0, "%s", words[i]);
    }
}

Test(event, any_is_whatever_is_a_command)
{
    const sf_event_set any = sf_event_find(sf_slice_str("ANY"));
    static const enum sf_event others[] = {
        SF_EVENT_CONNECT, SF_EVENT_TLS,      SF_EVENT_AUTH_RESPONSE,
        SF_EVENT_BODY,    SF_EVENT_MESSAGE,  SF_EVENT_IDLE,
        SF_EVENT_TIMER,   SF_EVENT_VIOLATION};
    sf_event_set expected = ((sf_event_set)1 << SF_EVENT_COUNT) - 1;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        expected &= ~SF_EVENT_BIT(others[i]);
    }
    cr_assert_eq(any, expected);
}

Test(event, scopes_are_those_of_the_table)
{
    cr_assert_eq(sf_event_get(SF_EVENT_CONNECT)->scope, SF_SCOPE_CONNECTION);
    cr_assert_eq(sf_event_get(SF_EVENT_EHLO)->scope, SF_SCOPE_SESSION);
    cr_assert_eq(sf_event_get(SF_EVENT_MAIL)->scope, SF_SCOPE_SENDER);
    cr_assert_eq(sf_event_get(SF_EVENT_RCPT)->scope, SF_SCOPE_RECIPIENT);
    cr_assert_eq(sf_event_get(SF_EVENT_MESSAGE)->scope, SF_SCOPE_MESSAGE);
    cr_assert(sf_event_get(SF_EVENT_RCPT)->flags & SF_EVENT_IN_TRANSACTION);
    cr_assert_not(sf_event_get(SF_EVENT_NOOP)->flags & SF_EVENT_IN_TRANSACTION);
}

Test(event, verbs_are_found_in_any_case)
{
    static const struct {
        const char *verb;
        enum sf_event event;
    } cases[] = {
        {"EHLO", SF_EVENT_EHLO},
        {"ehlo", SF_EVENT_EHLO},
        {"mAiL", SF_EVENT_MAIL},
        {"bdat", SF_EVENT_BDAT},
        {"StartTLS", SF_EVENT_STARTTLS},
        {"XFORWARD", SF_EVENT_XFORWARD},
        {"ATRN", SF_EVENT_ATRN},
        {"UNKNOWN", SF_EVENT_UNKNOWN},
        {"CONNECT", SF_EVENT_UNKNOWN},
        {"MESSAGE", SF_EVENT_UNKNOWN},
        {"AUTH-RESPONSE", SF_EVENT_UNKNOWN},
        {"IDLE", SF_EVENT_UNKNOWN},
        {"ANY", SF_EVENT_UNKNOWN},
        {"EHL", SF_EVENT_UNKNOWN},
        {"EHLOO", SF_EVENT_UNKNOWN},
        {"", SF_EVENT_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_event_of_verb(sf_slice_str(cases[i].verb)),
                     cases[i].event, "%s", cases[i].verb);
    }
    cr_assert_eq(sf_event_of_verb(sf_slice("MAIL\0", 5)), SF_EVENT_UNKNOWN);
}

Test(event, every_row_says_what_it_is_and_what_is_answered)
{
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)i);

        cr_assert(is_phrase(info->meaning), "%s: %s", info->name,
                  info->meaning);
        cr_assert_gt(strlen(info->answer), 5, "%s", info->name);
        cr_assert(info->rfc[0] == '\0' || is_reference(info->rfc), "%s: %s",
                  info->name, info->rfc);
    }
}

Test(event, only_what_no_rfc_has_names_none)
{
    static const enum sf_event without[] = {SF_EVENT_XCLIENT, SF_EVENT_XFORWARD,
                                            SF_EVENT_TIMER, SF_EVENT_VIOLATION};
    sf_event_set expected = 0;

    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
        expected |= SF_EVENT_BIT(without[i]);
    }
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)i);

        cr_assert_eq(info->rfc[0] == '\0', (expected & SF_EVENT_BIT(i)) != 0,
                     "%s", info->name);
    }
}
