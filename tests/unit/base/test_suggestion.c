/* The name that a misspelt word stands for. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "base/suggestion.h"

Test(suggestion, the_nearest_name_is_meant_if_it_is_near)
{
    static const struct {
        const char *word;
        const char *name; /* NULL: none is near */
    } cases[] = {{"rely", "reply"},   {"REPYL", "reply"}, {"delya", "delay"},
                 {"sned", "send"},    {"snd", "send"},    {"sxx", NULL},
                 {"greylist", NULL},  {"", NULL},         {"x", NULL},
                 {"delaydelay", NULL}};
    static const char *const names[] = {"reply", "send", "delay"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_suggestion suggestion;

        sf_suggestion_init(&suggestion, sf_slice_str(cases[i].word));
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            sf_suggestion_offer(&suggestion, names[j]);
        }
        if (cases[i].name == NULL) {
            cr_assert_null(suggestion.name, "%s: %s", cases[i].word,
                           suggestion.name);
        } else {
            cr_assert_str_eq(suggestion.name, cases[i].name, "%s",
                             cases[i].word);
        }
    }
}

Test(suggestion, a_word_longer_than_any_name_is_near_to_none)
{
    char word[100];
    struct sf_suggestion suggestion;

    memset(word, 'a', sizeof(word));
    sf_suggestion_init(&suggestion, sf_slice(word, sizeof(word)));
    sf_suggestion_offer(&suggestion, "a");
    cr_assert_null(suggestion.name);
}
