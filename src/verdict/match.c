/* match.c - brings attempts and messages together.
 *
 * A transaction that ended before its content belongs to the message that its
 * sender next sends to one of its recipients; one that ended before it named a
 * recipient, to the next message of its sender, and so to each recipient of
 * that.  If none follows, sender and recipient stand for the message.  What
 * comes next is known when one looks from the end. */
#include <stdlib.h>

#include "base/slice.h"
#include "verdict/judging.h"
#include "verdict/visit.h"

/* The next message of a sender for a recipient, or, where that is SF_NAMELESS,
 * for anybody. */
struct next {
    uint32_t message;
    uint32_t order; /* of its transaction */
};

struct matching {
    struct sf_judging *judging;
    const struct sf_attempt **by_order; /* ascending */
    struct sf_map *next;
};

static int compare_order(const void *a, const void *b)
{
    const struct sf_attempt *left = *(const struct sf_attempt *const *)a;
    const struct sf_attempt *right = *(const struct sf_attempt *const *)b;

    if (left->order != right->order) {
        return left->order < right->order ? -1 : 1;
    }
    return left < right ? -1 : left > right;
}

static struct next *
find_next(const struct matching *matching, uint32_t sender, uint32_t recipient)
{
    const uint32_t key[2] = {sender, recipient};

    return sf_map_find(matching->next,
                       sf_slice((const char *)key, sizeof(key)));
}

static int set_next(const struct matching *matching,
                    const struct sf_attempt *attempt,
                    uint32_t recipient)
{
    const uint32_t key[2] = {attempt->sender, recipient};
    bool is_new = false;
    struct next *next = sf_map_get(
        matching->next, sf_slice((const char *)key, sizeof(key)), &is_new);

    if (next == NULL) {
        return SF_ENOMEM;
    }
    *next = (struct next){attempt->message, attempt->order};
    return 0;
}

static int add_try(struct sf_judging *judging,
                   const struct sf_attempt *attempt,
                   uint32_t message,
                   uint32_t recipient)
{
    struct sf_try *room =
        sf_visit_make_room(judging->history, judging->tries, sizeof(*room),
                           judging->try_count, &judging->try_size);

    if (room == NULL) {
        return judging->history->has_overflowed ? 0 : SF_ENOMEM;
    }
    judging->tries = room;
    room[judging->try_count++] = (struct sf_try){.message = message,
                                                 .sender = attempt->sender,
                                                 .recipient = recipient,
                                                 .attempt = attempt};
    return 0;
}

/* The first attempt of that transaction. */
static size_t find_order(const struct matching *matching, uint32_t order)
{
    size_t low = 0;
    size_t high = matching->judging->history->attempt_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (matching->by_order[middle]->order < order) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Nobody was named: it was for all that the next message was for. */
static int match_nameless(const struct matching *matching,
                          const struct sf_attempt *attempt)
{
    struct sf_judging *judging = matching->judging;
    const struct next *next = find_next(matching, attempt->sender, SF_NAMELESS);
    int err = 0;

    if (next == NULL) {
        return add_try(judging, attempt, SF_NAMELESS, SF_NAMELESS);
    }
    for (size_t i = find_order(matching, next->order);
         i < judging->history->attempt_count &&
         matching->by_order[i]->order == next->order && err == 0;
         i++) {
        err = add_try(judging, attempt, next->message,
                      matching->by_order[i]->recipient);
    }
    return err;
}

/* The attempts first..end - 1 are of one transaction. */
static int
match_transaction(const struct matching *matching, size_t first, size_t end)
{
    const struct sf_attempt *const *attempts = matching->by_order;
    uint32_t message = attempts[first]->message;
    uint32_t soonest = UINT32_MAX;
    int err = 0;

    if (attempts[first]->recipient == SF_NAMELESS) {
        return match_nameless(matching, attempts[first]);
    }
    for (size_t i = first; i < end && message == SF_NAMELESS; i++) {
        const struct next *next =
            find_next(matching, attempts[i]->sender, attempts[i]->recipient);

        if (next != NULL && next->order < soonest) {
            soonest = next->order;
        }
    }
    if (soonest != UINT32_MAX) {
        message = attempts[find_order(matching, soonest)]->message;
    }
    for (size_t i = first; i < end && err == 0; i++) {
        err = add_try(matching->judging, attempts[i], message,
                      attempts[i]->recipient);
        if (err == 0 && attempts[i]->message != SF_NAMELESS) {
            err = set_next(matching, attempts[i], attempts[i]->recipient);
        }
    }
    if (err == 0 && attempts[first]->message != SF_NAMELESS) {
        err = set_next(matching, attempts[first], SF_NAMELESS);
    }
    return err;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* By message, of those without by sender; by recipient; in time. */
static int compare_tries(const void *a, const void *b)
{
    const struct sf_try *left = a;
    const struct sf_try *right = b;
    int order = compare_numbers(left->message, right->message);

    if (order == 0 && left->message == SF_NAMELESS) {
        order = compare_numbers(left->sender, right->sender);
    }
    if (order == 0) {
        order = compare_numbers(left->recipient, right->recipient);
    }
    if (order == 0) {
        order = compare_numbers(left->attempt->order, right->attempt->order);
    }
    return order;
}

static int match_all(const struct matching *matching)
{
    size_t end = matching->judging->history->attempt_count;
    int err = 0;

    while (end > 0 && err == 0) {
        size_t first = end - 1;

        while (first > 0 && matching->by_order[first - 1]->order ==
                                matching->by_order[end - 1]->order) {
            first--;
        }
        err = match_transaction(matching, first, end);
        end = first;
    }
    return err;
}

int sf_judging_match(struct sf_judging *judging)
{
    size_t count = judging->history->attempt_count;
    struct matching matching = {
        .judging = judging,
        .by_order = calloc(count + 1, sizeof(struct sf_attempt *)),
        .next =
            sf_map_new(sizeof(struct next), (size_t)2 * SF_HISTORY_ITEMS_MAX)};
    int err =
        matching.by_order == NULL || matching.next == NULL ? SF_ENOMEM : 0;

    for (size_t i = 0; i < count && err == 0; i++) {
        matching.by_order[i] = &judging->history->attempts[i];
    }
    if (err == 0 && count > 0) {
        qsort(matching.by_order, count, sizeof(struct sf_attempt *),
              compare_order);
        err = match_all(&matching);
    }
    if (err == 0 && judging->try_count > 0) {
        qsort(judging->tries, judging->try_count, sizeof(*judging->tries),
              compare_tries);
    }
    free(matching.by_order);
    sf_map_free(matching.next);
    return err;
}
