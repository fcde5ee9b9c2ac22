/* judge_mail.c - attempts, gaps, messages. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "verdict/judging.h"

/* A gap may be shorter than the one before by so much, as a part of it, before
 * it counts as shrunk: no timer is exact. */
#define SHRINK_PARTS 10

/* The tries first..end - 1 are of one message and recipient. */
struct group {
    size_t first;
    size_t end;
};

/* The next group; false behind the last.  *group begins as {0, 0}. */
static bool next_group(const struct sf_judging *judging, struct group *group)
{
    const struct sf_try *tries = judging->tries;
    const struct sf_try *head = NULL;

    group->first = group->end;
    if (group->first == judging->try_count) {
        return false;
    }
    head = &tries[group->first];
    while (group->end < judging->try_count &&
           tries[group->end].message == head->message &&
           tries[group->end].recipient == head->recipient &&
           (head->message != SF_NAMELESS ||
            tries[group->end].sender == head->sender)) {
        group->end++;
    }
    return true;
}

/* `<sender> to <recipient>`. */
static const char *describe(struct sf_judging *judging,
                            const struct sf_try *attempt)
{
    if (attempt->recipient == SF_NAMELESS) {
        return sf_judging_printf(judging, "<%s>",
                                 sf_judging_name(judging, attempt->sender));
    }
    return sf_judging_printf(judging, "<%s> to <%s>",
                             sf_judging_name(judging, attempt->sender),
                             sf_judging_name(judging, attempt->recipient));
}

const char *sf_judging_advise_end(const struct sf_attempt *last)
{
    if (last->fate != SF_FATE_DEFERRED) {
        return NULL;
    }
    return last->code != 0
               ? "the client gave up after a 4yz reply; RFC 5321 4.5.4.1 asks "
                 "for a retry"
               : "the client gave up after a connection that was lost; RFC "
                 "5321 3.8 has it tried again as after 451";
}

static const char *const advice_permanent =
    "the client tried again after a 5yz reply; RFC 5321 4.2.1 tells it not to "
    "repeat the request as it was";

/* Whether one but the last was refused for good. */
static bool has_gone_on(const struct sf_judging *judging,
                        const struct group *group)
{
    for (size_t i = group->first; i + 1 < group->end; i++) {
        if (judging->tries[i].attempt->fate == SF_FATE_REFUSED) {
            return true;
        }
    }
    return false;
}

/* How many groups more failed than the one that is told. */
static const char *and_others(struct sf_judging *judging, size_t count)
{
    return count == 0
               ? ""
               : sf_judging_printf(judging, ", and so for %zu more", count);
}

/* From the smallest to the greatest that was seen. */
static const char *put_span(struct sf_judging *judging,
                            const struct sf_expectation *expectation,
                            uint64_t least,
                            uint64_t most)
{
    const char *low = sf_judging_value(judging, expectation, least);

    return least == most ? low
                         : sf_judging_printf(
                               judging, "%s..%s", low,
                               sf_judging_value(judging, expectation, most));
}

static void fail_attempts(struct sf_judging *judging,
                          const struct sf_expectation *expectation,
                          const struct group *group,
                          size_t others,
                          struct sf_result *result)
{
    const struct sf_selector *selector = &expectation->u.selector;
    const struct sf_try *last = &judging->tries[group->end - 1];
    size_t count = group->end - group->first;
    bool is_few = selector->kind == SF_SELECTOR_RANGE && count < selector->low;

    result->standing = SF_STANDING_FAILED;
    result->text = sf_judging_printf(
        judging, "expected %s transactions for %s, saw %zu%s",
        sf_judging_wish(judging, expectation, selector),
        describe(judging, last), count, and_others(judging, others));
    if (is_few) {
        result->advice = sf_judging_advise_end(last->attempt);
    } else if (has_gone_on(judging, group)) {
        result->advice = advice_permanent;
    }
    sf_judging_show(judging, result, &last->attempt->where);
}

void sf_judge_attempts(struct sf_judging *judging,
                       const struct sf_expectation *expectation,
                       struct sf_result *result)
{
    struct group group = {0, 0};
    struct group failed = {0, 0};
    size_t failed_count = 0;
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;

    while (next_group(judging, &group)) {
        uint64_t count = group.end - group.first;

        least = count < least ? count : least;
        most = count > most ? count : most;
        if (!sf_selector_matches(&expectation->u.selector, count) &&
            failed_count++ == 0) {
            failed = group;
        }
    }
    if (most == 0) {
        result->actual = "0";
        if (!sf_selector_matches(&expectation->u.selector, 0)) {
            result->standing = SF_STANDING_UNREACHED;
            result->text = "no client began a transaction";
        }
        return;
    }
    result->actual = put_span(judging, expectation, least, most);
    if (failed_count > 0) {
        fail_attempts(judging, expectation, &failed, failed_count - 1, result);
    }
}

/* The time from the end of a deferred attempt to the next one. */
static bool find_gap(const struct sf_judging *judging,
                     const struct group *group,
                     size_t index,
                     uint64_t *out_gap)
{
    const struct sf_attempt *one = judging->tries[index].attempt;
    const struct sf_attempt *next = NULL;

    if (index + 1 >= group->end || one->fate != SF_FATE_DEFERRED) {
        return false;
    }
    next = judging->tries[index + 1].attempt;
    *out_gap = next->begin_us <= one->end_us
                   ? 0
                   : sf_judging_scale(judging, next->begin_us - one->end_us);
    return true;
}

static void fail_gap(struct sf_judging *judging,
                     const struct sf_expectation *expectation,
                     size_t index,
                     uint64_t gap,
                     struct sf_result *result)
{
    const struct sf_try *attempt = &judging->tries[index];
    const struct sf_selector *selector = &expectation->u.selector;

    result->standing = SF_STANDING_FAILED;
    result->text = sf_judging_printf(
        judging, "expected %s until the next attempt for %s, saw %s",
        sf_judging_wish(judging, expectation, selector),
        describe(judging, attempt),
        sf_judging_value(judging, expectation, gap));
    if (gap < selector->low) {
        result->advice =
            "the client came back too soon; RFC 5321 4.5.4.1 has "
            "it wait, 30 minutes as a rule";
    }
    sf_judging_show(judging, result, &attempt[1].attempt->where);
}

void sf_judge_gap(struct sf_judging *judging,
                  const struct sf_expectation *expectation,
                  struct sf_result *result)
{
    struct group group = {0, 0};
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    uint64_t gap = 0;

    while (next_group(judging, &group)) {
        for (size_t i = group.first; i < group.end; i++) {
            if (!find_gap(judging, &group, i, &gap)) {
                continue;
            }
            least = gap < least ? gap : least;
            most = gap > most ? gap : most;
            if (!sf_selector_matches(&expectation->u.selector, gap) &&
                result->standing == SF_STANDING_MET) {
                fail_gap(judging, expectation, i, gap, result);
            }
        }
    }
    result->actual =
        least > most ? "none" : put_span(judging, expectation, least, most);
}

static const char *put_duration(struct sf_judging *judging, uint64_t us)
{
    struct sf_expectation as_gap = {.key = SF_EXPECT_GAP};

    return sf_judging_value(judging, &as_gap, us);
}

static void fail_backoff(struct sf_judging *judging,
                         size_t index,
                         uint64_t before,
                         uint64_t gap,
                         struct sf_result *result)
{
    const struct sf_try *attempt = &judging->tries[index];

    result->standing = SF_STANDING_FAILED;
    result->actual = "shrinking";
    result->text = sf_judging_printf(
        judging, "for %s a gap of %s was followed by one of %s",
        describe(judging, attempt), put_duration(judging, before),
        put_duration(judging, gap));
    result->advice =
        "a server that asks for time is asked more and more often; "
        "RFC 5321 4.5.4.1 has a client wait longer, not less";
    sf_judging_show(judging, result, &attempt[1].attempt->where);
}

void sf_judge_backoff(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result)
{
    struct group group = {0, 0};

    (void)expectation;
    result->actual = "growing";
    while (next_group(judging, &group)) {
        uint64_t before = 0;
        uint64_t gap = 0;

        for (size_t i = group.first; i < group.end; i++) {
            if (!find_gap(judging, &group, i, &gap)) {
                continue;
            }
            if (gap < before - before / SHRINK_PARTS &&
                result->standing == SF_STANDING_MET) {
                fail_backoff(judging, i, before, gap, result);
            }
            before = gap;
        }
    }
}

/* The attempt for a message that had been refused for the same recipient;
 * NULL: none. */
static const struct sf_try *find_repeated(const struct sf_judging *judging)
{
    struct group group = {0, 0};

    while (next_group(judging, &group)) {
        for (size_t i = group.first; i + 1 < group.end; i++) {
            if (judging->tries[i].attempt->fate == SF_FATE_REFUSED) {
                return &judging->tries[i + 1];
            }
        }
    }
    return NULL;
}

/* By sender and recipient, then in time. */
static int compare_pairs(const void *a, const void *b)
{
    const struct sf_try *left = *(const struct sf_try *const *)a;
    const struct sf_try *right = *(const struct sf_try *const *)b;

    if (left->sender != right->sender) {
        return left->sender < right->sender ? -1 : 1;
    }
    if (left->recipient != right->recipient) {
        return left->recipient < right->recipient ? -1 : 1;
    }
    return left->attempt->order < right->attempt->order ? -1 : 1;
}

/* The attempt of which no message is known, right behind one that was refused,
 * of the same sender for the same recipient; NULL: none. */
static const struct sf_try *find_stray(struct sf_judging *judging)
{
    size_t count = judging->try_count;
    const struct sf_try **pairs = calloc(count + 1, sizeof(struct sf_try *));
    const struct sf_try *found = NULL;

    judging->is_out_of_memory |= pairs == NULL;
    if (pairs == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        pairs[i] = &judging->tries[i];
    }
    qsort(pairs, count, sizeof(struct sf_try *), compare_pairs);
    for (size_t i = 1; i < count && found == NULL; i++) {
        const struct sf_try *before = pairs[i - 1];

        if (pairs[i]->message == SF_NAMELESS &&
            before->sender == pairs[i]->sender &&
            before->recipient == pairs[i]->recipient &&
            before->attempt->fate == SF_FATE_REFUSED) {
            found = pairs[i];
        }
    }
    free(pairs);
    return found;
}

void sf_judge_after_permanent(struct sf_judging *judging,
                              const struct sf_expectation *expectation,
                              struct sf_result *result)
{
    const struct sf_try *repeated = find_repeated(judging);

    (void)expectation;
    if (repeated == NULL) {
        repeated = find_stray(judging);
    }
    result->actual = repeated == NULL ? "stop" : "another attempt";
    if (repeated != NULL) {
        result->standing = SF_STANDING_FAILED;
        result->text = sf_judging_printf(
            judging, "%s was refused for good and tried again",
            describe(judging, repeated));
        result->advice = advice_permanent;
        sf_judging_show(judging, result, &repeated->attempt->where);
    }
}

/* Messages. */

void sf_judge_messages(struct sf_judging *judging,
                       const struct sf_expectation *expectation,
                       struct sf_result *result)
{
    sf_judging_count(judging, expectation, result,
                     judging->history->message_count);
}

void sf_judge_duplicates(struct sf_judging *judging,
                         const struct sf_expectation *expectation,
                         struct sf_result *result)
{
    const struct sf_history *history = judging->history;

    sf_judging_count(judging, expectation, result, history->duplicate_count);
    if (result->standing == SF_STANDING_FAILED &&
        history->duplicates.count > 0) {
        result->advice =
            "a message was sent again that had been accepted; RFC "
            "5321 4.5.3.2.6 has a client wait 10 minutes for the "
            "last reply";
        sf_judging_show(judging, result, &history->duplicates.first);
    }
}

static bool has_receipt(const struct sf_judging *judging,
                        struct sf_result *result)
{
    if (judging->history->receipt_count == 0) {
        result->standing = SF_STANDING_UNREACHED;
        result->actual = "none";
        result->text = "no message was accepted";
        return false;
    }
    return true;
}

void sf_judge_octets(struct sf_judging *judging,
                     const struct sf_expectation *expectation,
                     struct sf_result *result)
{
    const struct sf_selector *selector = &expectation->u.selector;
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;

    if (!has_receipt(judging, result)) {
        return;
    }
    for (size_t i = 0; i < judging->history->receipt_count; i++) {
        const struct sf_receipt *receipt = &judging->history->receipts[i];

        least = receipt->octets < least ? receipt->octets : least;
        most = receipt->octets > most ? receipt->octets : most;
        if (!sf_selector_matches(selector, receipt->octets) &&
            result->standing == SF_STANDING_MET) {
            result->standing = SF_STANDING_FAILED;
            result->text = sf_judging_printf(
                judging, "expected messages of %s octets, %s has %llu",
                sf_judging_wish(judging, expectation, selector),
                sf_judging_name(judging, receipt->message),
                (unsigned long long)receipt->octets);
            sf_judging_show(judging, result, &receipt->where);
        }
    }
    result->actual = put_span(judging, expectation, least, most);
}

void sf_judge_content(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result)
{
    if (!has_receipt(judging, result)) {
        return;
    }
    for (size_t i = 0; i < judging->history->receipt_count; i++) {
        const struct sf_receipt *receipt = &judging->history->receipts[i];

        result->actual = receipt->sha256;
        if (strcmp(receipt->sha256, expectation->u.content.sha256) != 0 &&
            strcmp(receipt->sha256, expectation->u.content.sha256_crlf) != 0) {
            result->standing = SF_STANDING_FAILED;
            result->text = sf_judging_printf(
                judging,
                "the message %s, of %llu octets, is not what was to come: its "
                "SHA-256 is %s",
                sf_judging_name(judging, receipt->message),
                (unsigned long long)receipt->octets, receipt->sha256);
            sf_judging_show(judging, result, &receipt->where);
            return;
        }
    }
}
