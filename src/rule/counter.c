/* counter.c - counters by key.
 *
 * A key begins with what it is for, then come the values of `per`. */
#include "rule/counter.h"

#include "base/slice.h"
#include "smtp/path.h"

struct count {
    uint64_t attempt;
    uint64_t first_us;
};

int sf_counters_init(struct sf_counters *counters)
{
    sf_buf_init(&counters->key, SIZE_MAX / 2);
    counters->map = sf_map_new(sizeof(struct count), SF_COUNTER_KEYS_MAX);
    counters->ordinals = sf_map_new(sizeof(uint64_t), SF_COUNTER_KEYS_MAX);
    return counters->map == NULL || counters->ordinals == NULL ? SF_ENOMEM : 0;
}

void sf_counters_fini(struct sf_counters *counters)
{
    sf_map_free(counters->map);
    sf_map_free(counters->ordinals);
    sf_buf_fini(&counters->key);
}

/* Keys. */

enum sf_per sf_counters_missing(unsigned per, const struct sf_subject *subject)
{
    if ((per & SF_PER_BIT(SF_PER_HELO)) && !subject->has_helo) {
        return SF_PER_HELO;
    }
    if ((per & SF_PER_BIT(SF_PER_SENDER)) && !subject->has_sender) {
        return SF_PER_SENDER;
    }
    if ((per & SF_PER_BIT(SF_PER_RECIPIENT)) && subject->recipient_count == 0) {
        return SF_PER_RECIPIENT;
    }
    if ((per & SF_PER_BIT(SF_PER_DOMAIN)) && subject->recipient_count == 0) {
        return SF_PER_DOMAIN;
    }
    return SF_PER_COUNT;
}

/* In this order on every machine: draws depend on it. */
static void put_number(struct sf_buf *key, uint64_t number)
{
    char octets[8];

    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (char)(unsigned char)(number >> (8 * i));
    }
    sf_buf_append(key, octets, sizeof(octets));
}

/* Lengths go along so that no client can make one key look like another. */
static void put_text(struct sf_buf *key, struct sf_slice text)
{
    put_number(key, text.len);
    for (size_t i = 0; i < text.len; i++) {
        sf_buf_putc(key, sf_ascii_lower(text.ptr[i]));
    }
}

static void
put_per(struct sf_buf *key, enum sf_per per, const struct sf_subject *subject)
{
    struct sf_slice recipient = {"", 0};

    if (subject->recipient_count > 0) {
        recipient = subject->recipients[0];
    }
    switch (per) {
    case SF_PER_CLIENT:
        put_text(key, subject->client);
        break;
    case SF_PER_LISTENER:
        put_text(key, subject->listener);
        break;
    case SF_PER_SESSION:
        put_number(key, subject->session);
        break;
    case SF_PER_HELO:
        put_text(key, subject->helo);
        break;
    case SF_PER_SENDER:
        put_text(key, subject->sender);
        break;
    case SF_PER_TRANSACTION:
        put_number(key, subject->session);
        put_number(key, subject->transaction);
        break;
    case SF_PER_RECIPIENT:
        put_text(key, recipient);
        break;
    case SF_PER_DOMAIN:
        put_text(key, sf_path_domain(recipient));
        break;
    case SF_PER_MESSAGE:
        put_text(key, subject->message);
        break;
    case SF_PER_COUNT:
        break;
    }
}

static void
put_key(struct sf_buf *key, unsigned per, const struct sf_subject *subject)
{
    for (int i = 0; i < SF_PER_COUNT; i++) {
        if (per & SF_PER_BIT(i)) {
            put_per(key, (enum sf_per)i, subject);
        }
    }
}

/* Ordinals. */

/* NULL without memory. */
static uint64_t *get_ordinal(struct sf_counters *counters)
{
    bool is_new;

    return counters->key.failed
               ? NULL
               : sf_map_get(counters->ordinals, sf_buf_slice(&counters->key),
                            &is_new);
}

/* The key without a value is how many values there are. */
static void
put_scope(struct sf_buf *key, enum sf_per per, const struct sf_subject *subject)
{
    sf_buf_clear(key);
    put_number(key, subject->session);
    put_number(key, subject->event);
    put_number(key, subject->scope);
    put_number(key, per);
}

int sf_counters_find_nth(struct sf_counters *counters,
                         enum sf_per per,
                         const struct sf_subject *subject,
                         uint64_t *out_nth)
{
    struct sf_buf *key = &counters->key;
    uint64_t *ordinal = NULL;
    uint64_t nth = 0;

    *out_nth = 0;
    if (sf_counters_missing(SF_PER_BIT(per), subject) != SF_PER_COUNT) {
        return 0;
    }
    put_scope(key, per, subject);
    put_per(key, per, subject);
    ordinal = get_ordinal(counters);
    if (ordinal != NULL && *ordinal > 0) {
        *out_nth = *ordinal;
        return 0;
    }
    put_scope(key, per, subject);
    ordinal = get_ordinal(counters);
    if (ordinal == NULL) {
        return SF_ENOMEM;
    }
    nth = ++*ordinal;
    put_per(key, per, subject);
    ordinal = get_ordinal(counters);
    if (ordinal == NULL) {
        return SF_ENOMEM;
    }
    *ordinal = nth;
    *out_nth = nth;
    return 0;
}

/* Counters. */

int sf_counters_add(struct sf_counters *counters,
                    const struct sf_rule *rule,
                    const struct sf_subject *subject,
                    uint64_t *out_attempt,
                    uint64_t *out_age_us)
{
    struct count *count;
    bool is_new;

    sf_buf_clear(&counters->key);
    put_number(&counters->key, rule->index);
    put_key(&counters->key, rule->per, subject);
    if (counters->key.failed) {
        return counters->key.failed;
    }
    count = sf_map_get(counters->map, sf_buf_slice(&counters->key), &is_new);
    if (count == NULL) {
        return SF_ENOMEM;
    }
    if (is_new) {
        count->first_us = subject->now_us;
    }
    *out_attempt = ++count->attempt;
    *out_age_us = subject->now_us - count->first_us;
    return 0;
}
