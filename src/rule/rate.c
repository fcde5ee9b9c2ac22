/* rate.c - sliding windows: a ring of the last times for each key.
 *
 * A ring holds as many times as the rule can tell apart.  Those that have left
 * the window go when the next event comes, so that an event costs the same
 * however many there are. */
#include "rule/rate.h"

#include <stdlib.h>

struct ring {
    size_t first; /* the oldest time */
    size_t count;
    uint64_t times_us[];
};

void sf_rates_fini(struct sf_rates *rates)
{
    for (size_t i = 0; i < rates->count; i++) {
        sf_map_free(rates->tables[i]);
    }
    free(rates->tables);
    *rates = (struct sf_rates){NULL, 0};
}

/* NULL without memory. */
static struct sf_map *get_table(struct sf_rates *rates,
                                const struct sf_rule *rule)
{
    struct sf_map **table = NULL;

    if (rule->rate_index >= rates->count) {
        size_t count = rule->rate_index + 1;
        struct sf_map **grown =
            realloc(rates->tables, count * sizeof(struct sf_map *));

        if (grown == NULL) {
            return NULL;
        }
        for (size_t i = rates->count; i < count; i++) {
            grown[i] = NULL;
        }
        rates->tables = grown;
        rates->count = count;
    }
    table = &rates->tables[rule->rate_index];
    if (*table == NULL) {
        *table =
            sf_map_new(sizeof(struct ring) + rule->rate_size * sizeof(uint64_t),
                       rule->rate_keys_max);
    }
    return *table;
}

static size_t wrap(size_t index, size_t size)
{
    return index < size ? index : index - size;
}

static void drop_first(struct ring *ring, size_t size)
{
    ring->first = wrap(ring->first + 1, size);
    ring->count--;
}

int sf_rates_add(struct sf_rates *rates,
                 const struct sf_rule *rule,
                 struct sf_slice key,
                 uint64_t now_us,
                 uint64_t window_us,
                 uint64_t *out_recent)
{
    size_t size = rule->rate_size;
    struct sf_map *table = get_table(rates, rule);
    struct ring *ring = NULL;
    bool is_new;

    if (table != NULL) {
        ring = sf_map_get(table, key, &is_new);
    }
    if (ring == NULL) {
        return SF_ENOMEM;
    }
    while (ring->count > 0 &&
           now_us - ring->times_us[ring->first] >= window_us) {
        drop_first(ring, size);
    }
    if (ring->count == size) {
        drop_first(ring, size);
    }
    ring->times_us[wrap(ring->first + ring->count, size)] = now_us;
    ring->count++;
    *out_recent = ring->count;
    return 0;
}
