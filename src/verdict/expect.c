/* expect.c - the keys of [expect]. */
#include "verdict/expect.h"

static const struct sf_expect_row rows[SF_EXPECT_COUNT] = {
#define X(name, key, type, needs)                                              \
    [SF_EXPECT_##name] = {key, SF_EXPECT_IS_##type, SF_EXPECT_NEEDS_##needs},
    SF_EXPECT_MAP(X)
#undef X
};

static const char *const habit_words[SF_HABIT_COUNT] = {
#define X(name, word) [SF_HABIT_##name] = (word),
    SF_HABIT_MAP(X)
#undef X
};

const struct sf_expect_row *sf_expect_get(enum sf_expect_key key)
{
    return &rows[key];
}

const char *sf_habit_word(enum sf_habit habit)
{
    return habit_words[habit];
}

bool sf_expect_has_rule(enum sf_expect_key key)
{
    return key == SF_EXPECT_FIRED || key == SF_EXPECT_WAITED;
}
