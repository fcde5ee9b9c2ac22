/* census.c - the open sessions of a run, by what they share. */
#include "session/census.h"

#include "base/slice.h"

int sf_census_init(struct sf_census *census, bool is_needed)
{
    *census = (struct sf_census){0};
    sf_buf_init(&census->key, SIZE_MAX / 2);
    if (is_needed) {
        census->groups = sf_map_new(sizeof(uint64_t), SF_CENSUS_GROUPS_MAX);
    }
    return is_needed && census->groups == NULL ? SF_ENOMEM : 0;
}

void sf_census_fini(struct sf_census *census)
{
    sf_map_free(census->groups);
    sf_buf_fini(&census->key);
}

/* The key of the sessions that share what the set says.  A NUL octet, which
 * neither has, parts them. */
static struct sf_slice make_key(struct sf_census *census,
                                unsigned set,
                                const char *client,
                                const char *listener)
{
    sf_buf_clear(&census->key);
    sf_buf_putc(&census->key, (char)set);
    sf_buf_puts(&census->key, set & SF_SHARED_CLIENT ? client : "");
    sf_buf_putc(&census->key, '\0');
    sf_buf_puts(&census->key, set & SF_SHARED_LISTENER ? listener : "");
    return sf_buf_slice(&census->key);
}

int sf_census_enter(struct sf_census *census,
                    const char *client,
                    const char *listener)
{
    for (unsigned set = 0; census->groups != NULL && set < SF_SHARED_SETS;
         set++) {
        struct sf_slice key = make_key(census, set, client, listener);
        uint64_t *count = NULL;
        bool is_new;

        if (census->key.failed == 0) {
            count = sf_map_get(census->groups, key, &is_new);
        }
        if (count == NULL) {
            return SF_ENOMEM;
        }
        (*count)++;
    }
    return 0;
}

void sf_census_leave(struct sf_census *census,
                     const char *client,
                     const char *listener)
{
    for (unsigned set = 0; census->groups != NULL && set < SF_SHARED_SETS;
         set++) {
        struct sf_slice key = make_key(census, set, client, listener);
        uint64_t *count = sf_map_find(census->groups, key);

        if (count != NULL && *count > 0) {
            (*count)--;
        }
    }
}

void sf_census_count(struct sf_census *census,
                     const char *client,
                     const char *listener,
                     uint64_t out_counts[SF_SHARED_SETS])
{
    for (unsigned set = 0; set < SF_SHARED_SETS; set++) {
        const uint64_t *count = NULL;

        if (census->groups != NULL) {
            count = sf_map_find(census->groups,
                                make_key(census, set, client, listener));
        }
        out_counts[set] = count == NULL ? 0 : *count;
    }
}
