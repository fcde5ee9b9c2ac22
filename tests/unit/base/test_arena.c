/* test_arena.c - memory that is released all at once. */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct sf_arena arena;

static void init_arena(void)
{
    sf_arena_init(&arena);
}

static void fini_arena(void)
{
    sf_arena_fini(&arena);
}

TestSuite(arena, .init = init_arena, .fini = fini_arena);

Test(arena, pieces_are_zeroed_aligned_and_apart)
{
    unsigned char *pieces[400];

    for (size_t i = 0; i < 400; i++) {
        const size_t size = i * 7;

        pieces[i] = sf_arena_alloc(&arena, size);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++) {
            cr_assert_eq(pieces[i][j], 0, "size %zu octet %zu", size, j);
        }
        memset(pieces[i], (int)(i % 251) + 1, size);
    }
    for (size_t i = 0; i < 400; i++) {
        for (size_t j = 0; j < i * 7; j++) {
            cr_assert_eq(pieces[i][j], i % 251 + 1, "piece %zu changed", i);
        }
    }
}

Test(arena, pieces_of_no_size_differ)
{
    cr_assert_neq(sf_arena_alloc(&arena, 0), sf_arena_alloc(&arena, 0));
}

Test(arena, a_large_piece_leaves_the_block_in_use)
{
    char *first = sf_arena_alloc(&arena, 16);
    char *large = sf_arena_alloc(&arena, 100000);
    char *second = sf_arena_alloc(&arena, 16);

    cr_assert_not_null(large);
    memset(large, 1, 100000);
    cr_assert_eq(second, first + 16);
}

Test(arena, a_large_piece_may_come_first)
{
    char *large = sf_arena_alloc(&arena, 5000);
    char *small = sf_arena_alloc(&arena, 10);

    cr_assert_not_null(large);
    cr_assert_not_null(small);
    memset(large, 1, 5000);
    memset(small, 2, 10);
    cr_assert_eq(large[4999], 1);
}

Test(arena, impossible_sizes_give_null)
{
    cr_assert_null(sf_arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(sf_arena_alloc(&arena, SIZE_MAX / 2 + 1));
    cr_assert_null(sf_arena_dup(&arena, (struct sf_slice){"x", SIZE_MAX}));
}

Test(arena, copies_are_terminated)
{
    char source[] = "greylist";
    char *whole = sf_arena_strdup(&arena, source);
    char *part = sf_arena_dup(&arena, (struct sf_slice){source, 4});
    char *none = sf_arena_dup(&arena, (struct sf_slice){NULL, 0});

    memset(source, 'x', sizeof(source) - 1);
    cr_assert_str_eq(whole, "greylist");
    cr_assert_str_eq(part, "grey");
    cr_assert_str_eq(none, "");
}

Test(arena, printf_makes_text_of_any_length)
{
    char *text = sf_arena_printf(&arena, "%s:%d", "file", 7);
    char *wide = sf_arena_printf(&arena, "%9000d", 1);

    cr_assert_str_eq(text, "file:7");
    cr_assert_eq(strlen(wide), 9000);
}

Test(arena, fini_twice_and_use_again)
{
    cr_assert_not_null(sf_arena_alloc(&arena, 10));
    sf_arena_fini(&arena);
    sf_arena_fini(&arena);
    cr_assert_not_null(sf_arena_alloc(&arena, 10));
}
