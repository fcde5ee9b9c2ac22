/* arena.h - memory that is released all at once.
 *
 * Blocks never move; everything allocated lives until sf_arena_fini(). */
#ifndef SF_BASE_ARENA_H
#define SF_BASE_ARENA_H

#include "smtpfault.h"

struct sf_arena_block;

struct sf_arena {
    struct sf_arena_block *blocks; /* newest first */
};

void sf_arena_init(struct sf_arena *arena);
void sf_arena_fini(struct sf_arena *arena);

/* Zeroed, aligned for any type; NULL without memory. */
void *sf_arena_alloc(struct sf_arena *arena, size_t size);

/* Copies of text; terminated; NULL without memory. */
char *sf_arena_strdup(struct sf_arena *arena, const char *text);
char *sf_arena_dup(struct sf_arena *arena, struct sf_slice slice);

/* printf() into the arena; NULL without memory. */
char *sf_arena_printf(struct sf_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
