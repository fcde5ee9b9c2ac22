/* The table of actions. */
#include <criterion/criterion.h>
#include <string.h>

#include "rule/action.h"

Test(action, replies_challenges_send_and_close_answer_an_event)
{
    static const char *const answers[] = {"reply", "challenge", "send",
                                          "close"};

    for (unsigned kind = 0; kind < SF_ACTION_COUNT; kind++) {
        const struct sf_action action = {.kind = (enum sf_action_kind)kind};
        const char *key = sf_action_get(action.kind)->key;
        bool is_answer = false;

        for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
            is_answer |= strcmp(key, answers[i]) == 0;
        }
        cr_assert_eq(sf_action_has(&action, SF_ACTION_TAKES), is_answer, "%s",
                     key);
    }
}

Test(action, nothing_that_says_nothing_is_output)
{
    const struct sf_action none = {.kind = SF_ACTION_REPLY_NONE};
    const struct sf_action reply = {.kind = SF_ACTION_REPLY};
    const struct sf_action close = {.kind = SF_ACTION_CLOSE};

    cr_assert(sf_action_has(&reply, SF_ACTION_SAYS));
    cr_assert_not(sf_action_has(&none, SF_ACTION_SAYS));
    cr_assert_not(sf_action_has(&close, SF_ACTION_SAYS));
}

Test(action, a_rule_has_only_the_actions_that_stand_in_it)
{
    const struct sf_action actions[] = {{.kind = SF_ACTION_DELAY},
                                        {.kind = SF_ACTION_READ}};
    const struct sf_rule rule = {.actions = actions, .action_count = 2};

    cr_assert(sf_rule_has_action(&rule, SF_ACTION_READ));
    cr_assert_not(sf_rule_has_action(&rule, SF_ACTION_CLOSE));
}
