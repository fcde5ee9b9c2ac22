/* counter.c - counters by key, the order of values, draws, states. */
#include "rule/counter.h"

#include "base/hash.h"
#include "rule/key.h"

struct count {
    uint64_t attempt;
    uint64_t first_us;
};

int sf_counters_init(struct sf_counters *counters)
{
    *counters = (struct sf_counters){0};
    sf_buf_init(&counters->key, SIZE_MAX / 2);
    counters->map = sf_map_new(sizeof(struct count), SF_COUNTER_KEYS_MAX);
    counters->ordinals = sf_map_new(sizeof(uint64_t), SF_COUNTER_KEYS_MAX);
    counters->states = sf_map_new(sizeof(const char *), SF_COUNTER_KEYS_MAX);
    return counters->map == NULL || counters->ordinals == NULL ||
                   counters->states == NULL
               ? SF_ENOMEM
               : 0;
}

void sf_counters_fini(struct sf_counters *counters)
{
    sf_map_free(counters->map);
    sf_map_free(counters->ordinals);
    sf_map_free(counters->states);
    sf_rates_fini(&counters->rates);
    sf_buf_fini(&counters->key);
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
    sf_key_put_number(key, subject->session);
    sf_key_put_number(key, subject->event);
    sf_key_put_number(key, subject->scope);
    sf_key_put_number(key, per);
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
    if (sf_key_missing(SF_PER_BIT(per), subject) != SF_PER_COUNT) {
        return 0;
    }
    put_scope(key, per, subject);
    sf_key_put(key, SF_PER_BIT(per), subject);
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
    sf_key_put(key, SF_PER_BIT(per), subject);
    ordinal = get_ordinal(counters);
    if (ordinal == NULL) {
        return SF_ENOMEM;
    }
    *ordinal = nth;
    *out_nth = nth;
    return 0;
}

/* Counters. */

/* What a key of the counters is for. */
enum purpose { PURPOSE_COUNT, PURPOSE_CHANCE };

/* Purpose and rule come first; what follows is returned, and says whom the
 * rule counts. */
static struct sf_slice make_key(struct sf_buf *key,
                                enum purpose purpose,
                                const struct sf_rule *rule,
                                unsigned per,
                                const struct sf_subject *subject)
{
    size_t start = 0;

    sf_buf_clear(key);
    sf_key_put_number(key, purpose);
    sf_key_put_number(key, rule->index);
    start = key->len;
    sf_key_put(key, per, subject);
    return (struct sf_slice){key->ptr + start, key->len - start};
}

/* Counts for the key that was made last. */
static int
count_key(struct sf_counters *counters, uint64_t now_us, struct sf_tally *tally)
{
    struct count *count = NULL;
    bool is_new;

    if (counters->key.failed == 0) {
        count =
            sf_map_get(counters->map, sf_buf_slice(&counters->key), &is_new);
    }
    if (count == NULL) {
        return SF_ENOMEM;
    }
    if (is_new) {
        count->first_us = now_us;
    }
    tally->attempt = ++count->attempt;
    tally->age_us = now_us - count->first_us;
    return 0;
}

/* Without `per` a chance is drawn for each sender and recipient; where no
 * sender can be known, for each client. */
static unsigned find_chance_per(const struct sf_rule *rule,
                                const struct sf_subject *subject)
{
    if (rule->per != 0) {
        return rule->per;
    }
    if (!subject->has_sender ||
        sf_event_get(subject->event)->scope < SF_SCOPE_SENDER) {
        return SF_PER_BIT(SF_PER_CLIENT);
    }
    return SF_PER_BIT(SF_PER_SENDER) |
           (subject->recipient_count > 0 ? SF_PER_BIT(SF_PER_RECIPIENT) : 0);
}

static int draw(struct sf_counters *counters,
                const struct sf_rule *rule,
                const struct sf_subject *subject,
                uint64_t seed,
                struct sf_tally *tally)
{
    struct sf_slice whom = make_key(&counters->key, PURPOSE_CHANCE, rule,
                                    find_chance_per(rule, subject), subject);
    struct sf_tally own = {0};
    uint64_t hash = 0;
    int err = counters->key.failed;

    if (err == 0 && rule->per == 0) {
        err = count_key(counters, subject->now_us, &own);
        tally->draw_attempt = own.attempt;
    }
    if (err != 0) {
        return err;
    }
    hash = sf_hash_u64(seed, rule->identity);
    hash = sf_hash_octets(hash, whom);
    hash = sf_hash_u64(hash, tally->draw_attempt);
    tally->drawn = sf_hash_draw(hash, 0, SF_CHANCE_WHOLE - 1);
    return 0;
}

int sf_counters_add(struct sf_counters *counters,
                    const struct sf_rule *rule,
                    const struct sf_subject *subject,
                    uint64_t seed,
                    uint64_t window_us,
                    struct sf_tally *out_tally)
{
    int err = 0;

    (void)make_key(&counters->key, PURPOSE_COUNT, rule, rule->per, subject);
    err = count_key(counters, subject->now_us, out_tally);
    out_tally->draw_attempt = rule->per != 0 ? out_tally->attempt : 0;
    if (err == 0 && rule->rate_size > 0) {
        err = sf_rates_add(&counters->rates, rule, sf_buf_slice(&counters->key),
                           subject->now_us, window_us, &out_tally->recent);
    }
    if (err == 0 && rule->has_chance) {
        err = draw(counters, rule, subject, seed, out_tally);
    }
    return err;
}

/* States. */

struct sf_slice sf_counters_state_key(struct sf_counters *counters,
                                      unsigned per,
                                      const struct sf_subject *subject)
{
    sf_buf_clear(&counters->key);
    sf_key_put(&counters->key, per, subject);
    return sf_buf_slice(&counters->key);
}

const char *sf_counters_get_state(const struct sf_counters *counters,
                                  struct sf_slice key)
{
    const char *const *state = sf_map_find(counters->states, key);

    return state == NULL ? SF_STATE_START : *state;
}

int sf_counters_set_state(struct sf_counters *counters,
                          struct sf_slice key,
                          const char *state)
{
    bool is_new;
    const char **slot = sf_map_get(counters->states, key, &is_new);

    if (slot == NULL) {
        return SF_ENOMEM;
    }
    *slot = state;
    return 0;
}
