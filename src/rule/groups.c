/* groups.c - captures the groups of regular expressions. */
#include "rule/groups.h"

#include "base/pattern.h"
#include "base/slice.h"
#include "rule/condition.h"

/* What may be a password gets neither into what is said nor into a record: a
 * `*` stands for it. */
static void copy_groups(struct sf_slice value,
                        const regmatch_t *matches,
                        bool is_secret,
                        struct sf_buf *text,
                        struct sf_groups *groups)
{
    for (size_t i = 0; i < SF_GROUPS_MAX; i++) {
        const regmatch_t *match = &matches[i + 1];

        if (match->rm_so < 0) {
            continue;
        }
        groups->at[i].offset = text->len;
        groups->at[i].len = (size_t)(match->rm_eo - match->rm_so);
        if (is_secret && groups->at[i].len > 0) {
            groups->at[i].len = 1;
            sf_buf_putc(text, '*');
        } else {
            sf_buf_append(text, value.ptr + match->rm_so, groups->at[i].len);
        }
    }
}

/* Of several texts it is one for which the list holds. */
static bool capture(const struct sf_list *list,
                    const struct sf_fact *fact,
                    bool is_secret,
                    struct sf_buf *text,
                    struct sf_groups *groups)
{
    regmatch_t matches[SF_GROUPS_MAX + 1];

    for (size_t i = 0; i < fact->text_count; i++) {
        if (sf_list_capture(list, fact->texts[i], matches) &&
            sf_list_matches(list, fact->texts[i])) {
            copy_groups(fact->texts[i], matches, is_secret, text, groups);
            return true;
        }
    }
    return false;
}

void sf_groups_capture(const struct sf_rule *rule,
                       const struct sf_subject *subject,
                       struct sf_buf *text,
                       struct sf_groups *out_groups)
{
    *out_groups = (struct sf_groups){0};
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct sf_condition *condition = &rule->conditions[i];
        struct sf_fact fact = sf_condition_fact(condition, subject);
        bool is_secret =
            subject->is_secret && condition->kind == SF_CONDITION_ARGUMENT;

        if (sf_condition_get(condition->kind)->type == SF_CONDITION_IS_LIST &&
            capture(&condition->u.list, &fact, is_secret, text, out_groups)) {
            return;
        }
    }
}

struct sf_slice sf_groups_get(const struct sf_groups *groups,
                              const struct sf_buf *text,
                              unsigned number)
{
    size_t len = groups->at[number - 1].len;

    /* An append that failed was none. */
    if (len == 0 || groups->at[number - 1].offset + len > text->len) {
        return sf_slice("", 0);
    }
    return sf_slice(text->ptr + groups->at[number - 1].offset, len);
}

static bool add_group(const struct sf_groups *groups,
                      const struct sf_buf *text,
                      unsigned number,
                      uint64_t *bound)
{
    uint64_t value = 0;

    if (number == 0) {
        return true;
    }
    if (sf_slice_parse_u64(sf_groups_get(groups, text, number), &value) != 0 ||
        value > SF_NUMBER_MAX) {
        return false;
    }
    *bound += value;
    return true;
}

bool sf_groups_resolve(const struct sf_groups *groups,
                       const struct sf_buf *text,
                       struct sf_selector *selector)
{
    return add_group(groups, text, selector->low_group, &selector->low) &&
           add_group(groups, text, selector->end_group, &selector->end);
}
