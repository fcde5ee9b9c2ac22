/* test_conduct.c - the table of client rules. */
#include "conduct/conduct.h"

#include <criterion/criterion.h>
#include <string.h>

#include "../../support/table.h"
#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sf_conduct_rule *get(unsigned index)
{
    return sf_conduct_get((enum sf_conduct_id)index);
}

Test(conduct, the_rules_are_those_of_the_list)
{
    const char *words[200];
    size_t count = read_words("tests/data/client-rules.txt", words, 200);

    cr_assert_eq(count, 176);
    cr_assert_eq((size_t)SF_CONDUCT_COUNT, count);
    for (size_t i = 0; i < count; i++) {
        const struct sf_conduct_rule *rule =
            sf_conduct_find(sf_slice_str(words[i]));

        cr_assert_not_null(rule, "%s", words[i]);
        cr_assert_str_eq(rule->id, words[i]);
    }
}

Test(conduct, groups_and_numbers_are_in_order_without_gaps)
{
    unsigned number = 0;

    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const char *id = get(i)->id;

        if (i == 0 || get(i)->group != get(i - 1)->group) {
            cr_assert(i == 0 || get(i)->group == get(i - 1)->group + 1, "%s",
                      id);
            number = 0;
        }
        number++;
        cr_assert_eq(strlen(id), strlen("PIP-01"), "%s", id);
        cr_assert_eq(strncmp(id, sf_conduct_group_name(get(i)->group), 3), 0,
                     "%s", id);
        cr_assert_eq(id[3], '-', "%s", id);
        cr_assert_eq((unsigned)(id[4] - '0') * 10 + (unsigned)(id[5] - '0'),
                     number, "%s", id);
    }
    cr_assert_eq(get(SF_CONDUCT_COUNT - 1)->group, SF_CONDUCT_GROUP_COUNT - 1);
}

Test(conduct, every_text_is_a_phrase_and_names_its_source)
{
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const struct sf_conduct_rule *rule = get(i);

        cr_assert(is_phrase(rule->text), "%s: %s", rule->id, rule->text);
        cr_assert(is_phrase(rule->how), "%s: %s", rule->id, rule->how);
        cr_assert_gt(strlen(rule->text), 20, "%s", rule->id);
        cr_assert(is_reference(rule->rfc), "%s: %s", rule->id, rule->rfc);
        cr_assert_gt(strlen(sf_conduct_level_text(rule->level)), 2);
        cr_assert_gt(strlen(sf_conduct_seen_text(rule->seen)), 5);
    }
}

Test(conduct, no_two_rules_say_the_same)
{
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        for (unsigned k = 0; k < i; k++) {
            cr_assert_str_neq(get(i)->text, get(k)->text, "%s and %s",
                              get(i)->id, get(k)->id);
        }
    }
}

Test(conduct, levels_are_as_promised)
{
    static const struct {
        enum sf_conduct_id id;
        enum sf_conduct_level level;
    } cases[] = {
        {SF_CONDUCT_SEQ_07, SF_CONDUCT_SHOULD},
        {SF_CONDUCT_RET_02, SF_CONDUCT_SHOULD},
        {SF_CONDUCT_PIP_01, SF_CONDUCT_MUST},
        {SF_CONDUCT_DAT_01, SF_CONDUCT_MUST},
        {SF_CONDUCT_DAT_03, SF_CONDUCT_MUST},
        {SF_CONDUCT_SEQ_11, SF_CONDUCT_MUST},
        {SF_CONDUCT_SEQ_17, SF_CONDUCT_MUST},
        {SF_CONDUCT_TLS_03, SF_CONDUCT_SHOULD},
        {SF_CONDUCT_SEQ_23, SF_CONDUCT_MAY},
        {SF_CONDUCT_RET_14, SF_CONDUCT_PRACTICE},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert_eq(sf_conduct_get(cases[i].id)->level, cases[i].level, "%s",
                     sf_conduct_get(cases[i].id)->id);
    }
}

Test(conduct, every_rule_about_time_is_a_should)
{
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        if (get(i)->group == SF_CONDUCT_GROUP_TIM) {
            cr_assert_eq(get(i)->level, SF_CONDUCT_SHOULD, "%s", get(i)->id);
        }
    }
}

Test(conduct, a_rule_is_found_in_any_case_and_not_otherwise)
{
    static const char *const others[] = {"",       "PIP",     "PIP-1",
                                         "PIP-99", "PIP-011", "PIP_01"};

    cr_assert_eq(sf_conduct_find(sf_slice_str("pip-01")),
                 sf_conduct_get(SF_CONDUCT_PIP_01));
    cr_assert_eq(sf_conduct_find(sf_slice_str("Dat-09")),
                 sf_conduct_get(SF_CONDUCT_DAT_09));
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_null(sf_conduct_find(sf_slice_str(others[i])), "%s",
                       others[i]);
    }
}

Test(conduct, a_group_is_found_in_any_case_and_not_otherwise)
{
    static const char *const others[] = {"", "PI", "PIPE", "PIP-01", "XXX"};

    cr_assert_eq(sf_conduct_find_group(sf_slice_str("PIP")),
                 SF_CONDUCT_GROUP_PIP);
    cr_assert_eq(sf_conduct_find_group(sf_slice_str("bis")),
                 SF_CONDUCT_GROUP_BIS);
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_eq(sf_conduct_find_group(sf_slice_str(others[i])),
                     SF_CONDUCT_GROUP_COUNT, "%s", others[i]);
    }
    for (unsigned i = 0; i < SF_CONDUCT_GROUP_COUNT; i++) {
        cr_assert(is_phrase(sf_conduct_group_title((enum sf_conduct_group)i)));
    }
}
