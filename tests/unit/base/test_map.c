/* test_map.c - the bounded table. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/slice.h"

static int *get(struct sf_map *map, struct sf_slice key, bool *is_new)
{
    int *value = sf_map_get(map, key, is_new);

    cr_assert_not_null(value);
    return value;
}

Test(map, finding_makes_nothing)
{
    struct sf_map *map = sf_map_new(sizeof(int), 2);
    bool is_new;
    int *value = NULL;

    cr_assert_null(sf_map_find(map, sf_slice_str("a")));
    value = sf_map_get(map, sf_slice_str("a"), &is_new);
    cr_assert(is_new);
    *value = 7;
    value = sf_map_find(map, sf_slice_str("a"));
    cr_assert_eq(*value, 7);
    cr_assert_null(sf_map_find(map, sf_slice_str("b")));
    sf_map_free(map);
}

Test(map, a_new_key_has_a_zeroed_value_that_stays)
{
    struct sf_map *map = sf_map_new(sizeof(int), 10);
    bool is_new;

    cr_assert_eq(*get(map, sf_slice_str("a"), &is_new), 0);
    cr_assert(is_new);
    *get(map, sf_slice_str("a"), &is_new) = 7;
    cr_assert_not(is_new);
    cr_assert_eq(*get(map, sf_slice_str("a"), &is_new), 7);
    cr_assert_eq(*get(map, sf_slice_str("b"), &is_new), 0);
    sf_map_free(map);
}

Test(map, the_empty_key_is_a_key)
{
    struct sf_map *map = sf_map_new(sizeof(int), 10);
    bool is_new;

    *get(map, sf_slice(NULL, 0), &is_new) = 3;
    cr_assert_eq(*get(map, sf_slice_str(""), &is_new), 3);
    sf_map_free(map);
}

Test(map, beyond_the_limit_the_oldest_key_goes)
{
    struct sf_map *map = sf_map_new(sizeof(int), 2);
    bool is_new;

    *get(map, sf_slice_str("a"), &is_new) = 1;
    *get(map, sf_slice_str("b"), &is_new) = 2;
    *get(map, sf_slice_str("c"), &is_new) = 3;
    cr_assert_eq(*get(map, sf_slice_str("b"), &is_new), 2);
    cr_assert_eq(*get(map, sf_slice_str("c"), &is_new), 3);
    (void)get(map, sf_slice_str("a"), &is_new);
    cr_assert(is_new, "it had gone");
    sf_map_free(map);
}

Test(map, long_keys_are_told_apart_without_being_kept)
{
    struct sf_map *map = sf_map_new(sizeof(int), 10);
    char *a = malloc(100000);
    bool is_new;

    memset(a, 'a', 100000);
    *get(map, sf_slice(a, 100000), &is_new) = 1;
    a[99999] = 'b';
    *get(map, sf_slice(a, 100000), &is_new) = 2;
    cr_assert(is_new);
    a[99999] = 'a';
    cr_assert_eq(*get(map, sf_slice(a, 100000), &is_new), 1);
    free(a);
    sf_map_free(map);
}
