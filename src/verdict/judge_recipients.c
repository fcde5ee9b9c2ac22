/* judge_recipients.c - recipients, by the outcome of their last attempt. */
#include <stdlib.h>

#include "base/slice.h"
#include "verdict/judging.h"

static const struct {
    enum sf_fate fate;
    const char *word;
} fates[SF_EXPECT_COUNT] = {
    [SF_EXPECT_DELIVERED] = {SF_FATE_DELIVERED, "delivered"},
    [SF_EXPECT_REFUSED] = {SF_FATE_REFUSED, "refused"},
    [SF_EXPECT_DEFERRED] = {SF_FATE_DEFERRED, "deferred"},
};

static const char *const fate_words[SF_FATE_COUNT] = {
    [SF_FATE_DELIVERED] = "delivered",
    [SF_FATE_REFUSED] = "refused",
    [SF_FATE_DEFERRED] = "deferred",
};

/* The last attempt of each recipient, by name; to be freed.  NULL without
 * memory. */
static const struct sf_attempt **find_last(struct sf_judging *judging)
{
    const struct sf_attempt **last =
        calloc(judging->history->name_count + 1, sizeof(struct sf_attempt *));

    judging->is_out_of_memory |= last == NULL;
    for (size_t i = 0; i < judging->try_count && last != NULL; i++) {
        const struct sf_try *one = &judging->tries[i];

        if (one->recipient != SF_NAMELESS &&
            (last[one->recipient] == NULL ||
             last[one->recipient]->order < one->attempt->order)) {
            last[one->recipient] = one->attempt;
        }
    }
    return last;
}

/* Names the recipients of that fate: the first ones. */
static void name_recipients(struct sf_judging *judging,
                            const struct sf_attempt *const *last,
                            enum sf_fate fate,
                            uint64_t count,
                            struct sf_result *result)
{
    const char *text = "";
    size_t named = 0;

    for (uint32_t i = 0;
         i < judging->history->name_count && named < SF_JUDGE_NAMED_MAX; i++) {
        if (last[i] != NULL && last[i]->fate == fate) {
            text = sf_judging_printf(judging, "%s%s%s", text,
                                     named > 0 ? ", " : "",
                                     sf_judging_name(judging, i));
            named++;
        }
    }
    result->actual =
        count > named ? sf_judging_printf(judging, "%s and %llu more", text,
                                          (unsigned long long)(count - named))
        : count == 0  ? "none"
                      : text;
}

static void fail_recipient(struct sf_judging *judging,
                           uint32_t name,
                           const struct sf_attempt *attempt,
                           const char *wanted,
                           struct sf_result *result)
{
    result->standing = SF_STANDING_FAILED;
    result->text = sf_judging_printf(
        judging, "<%s> was to be %s and was %s at last",
        sf_judging_name(judging, name), wanted, fate_words[attempt->fate]);
    result->advice = sf_judging_advise_end(attempt);
    sf_judging_show(judging, result, &attempt->where);
}

static bool matches_one(const struct sf_pattern *item, struct sf_slice name)
{
    const struct sf_list list = {item, 1};

    return sf_list_matches(&list, name);
}

/* Each item that is not negated is somebody's. */
static void check_items(struct sf_judging *judging,
                        const struct sf_attempt *const *last,
                        const struct sf_list *list,
                        struct sf_result *result)
{
    for (size_t i = 0; i < list->count; i++) {
        bool is_found = list->items[i].is_negated;

        for (uint32_t name = 0;
             name < judging->history->name_count && !is_found; name++) {
            is_found =
                last[name] != NULL &&
                matches_one(&list->items[i], judging->history->names[name]);
        }
        if (!is_found && result->standing == SF_STANDING_MET) {
            result->standing = SF_STANDING_FAILED;
            result->text = sf_judging_printf(
                judging, "no transaction named a recipient `%.*s`",
                (int)list->items[i].text.len, list->items[i].text.ptr);
        }
    }
}

static void check_list(struct sf_judging *judging,
                       const struct sf_attempt *const *last,
                       const struct sf_expectation *expectation,
                       struct sf_result *result)
{
    const struct sf_list *list = &expectation->u.recipients.list;

    for (uint32_t name = 0; name < judging->history->name_count; name++) {
        if (last[name] != NULL &&
            last[name]->fate != fates[expectation->key].fate &&
            sf_list_matches(list, judging->history->names[name]) &&
            result->standing == SF_STANDING_MET) {
            fail_recipient(judging, name, last[name],
                           fates[expectation->key].word, result);
        }
    }
    check_items(judging, last, list, result);
}

void sf_judge_recipients(struct sf_judging *judging,
                         const struct sf_expectation *expectation,
                         struct sf_result *result)
{
    const struct sf_attempt **last = find_last(judging);
    const struct sf_selector *selector = &expectation->u.recipients.selector;
    uint64_t count = 0;

    if (last == NULL) {
        return;
    }
    for (size_t i = 0; i < judging->history->name_count; i++) {
        count +=
            last[i] != NULL && last[i]->fate == fates[expectation->key].fate;
    }
    if (!expectation->u.recipients.is_number) {
        name_recipients(judging, last, fates[expectation->key].fate, count,
                        result);
        check_list(judging, last, expectation, result);
    } else {
        result->actual = sf_judging_value(judging, expectation, count);
        if (!sf_selector_matches(selector, count)) {
            result->standing = SF_STANDING_FAILED;
            result->text = sf_judging_printf(
                judging, "expected %s recipients to be %s at last, saw %s",
                sf_judging_wish(judging, expectation, selector),
                fates[expectation->key].word, result->actual);
        }
    }
    free(last);
}
