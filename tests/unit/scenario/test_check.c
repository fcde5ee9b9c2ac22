/* test_check.c - what is wrong with a rule as a whole, at events that no file
 * can name yet. */
#include <criterion/criterion.h>

#include "base/slice.h"
#include "scenario/check.h"

static struct sf_arena arena;
static struct sf_loader loader;
static const struct sf_place place = {"t.ini", 1, 1, NULL, false};

static void setup(void)
{
    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
}

static void teardown(void)
{
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

TestSuite(check, .init = setup, .fini = teardown);

Test(check, moments_belong_to_their_events)
{
    static const struct {
        enum sf_event event;
        bool has_at;
        bool has_after;
        size_t errors;
    } cases[] = {
        {SF_EVENT_BODY, false, false, 0},  {SF_EVENT_BODY, true, false, 0},
        {SF_EVENT_BODY, false, true, 1},   {SF_EVENT_IDLE, false, true, 0},
        {SF_EVENT_IDLE, false, false, 1},  {SF_EVENT_TIMER, false, true, 0},
        {SF_EVENT_TIMER, false, false, 1}, {SF_EVENT_TIMER, true, true, 1},
        {SF_EVENT_RCPT, true, true, 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_draft draft = {.place = place};
        struct sf_rule_places places = {.has_action = true};
        size_t errors = loader.error_count;

        draft.rule.events = SF_EVENT_BIT(cases[i].event);
        draft.named = draft.rule.events;
        places.conditions[SF_CONDITION_AT] = cases[i].has_at ? &place : NULL;
        places.conditions[SF_CONDITION_AFTER] =
            cases[i].has_after ? &place : NULL;
        sf_check_rule(&loader, &draft, &places);
        cr_assert_eq(loader.error_count - errors, cases[i].errors, "case %zu",
                     i);
    }
}
