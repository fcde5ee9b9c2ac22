/* arena.c - memory that is released all at once.
 *
 * A chain of blocks.  Small pieces are cut from the newest block; a piece
 * that is large gets a block of its own, which is put behind the newest one,
 * so that the rest of that is not lost. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 4096
#define LARGE_BYTES (BLOCK_BYTES / 4)

struct sf_arena_block {
    struct sf_arena_block *next;
    size_t used;
    size_t size;
    max_align_t data[];
};

void sf_arena_init(struct sf_arena *arena)
{
    arena->blocks = NULL;
}

void sf_arena_fini(struct sf_arena *arena)
{
    struct sf_arena_block *block = arena->blocks;

    while (block != NULL) {
        struct sf_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->blocks = NULL;
}

static struct sf_arena_block *make_block(size_t size)
{
    struct sf_arena_block *block = calloc(1, sizeof(*block) + size);

    if (block != NULL) {
        block->size = size;
    }
    return block;
}

static void *alloc_large(struct sf_arena *arena, size_t size)
{
    struct sf_arena_block *block = make_block(size);
    struct sf_arena_block **link = &arena->blocks;

    if (block == NULL) {
        return NULL;
    }
    if (*link != NULL) {
        link = &(*link)->next;
    }
    block->used = size;
    block->next = *link;
    *link = block;
    return block->data;
}

static void *alloc_small(struct sf_arena *arena, size_t size)
{
    struct sf_arena_block *block = arena->blocks;
    char *piece = NULL;

    if (block == NULL || block->size - block->used < size) {
        block = make_block(BLOCK_BYTES);
        if (block == NULL) {
            return NULL;
        }
        block->next = arena->blocks;
        arena->blocks = block;
    }
    piece = (char *)block->data + block->used;
    block->used += size;
    return piece;
}

void *sf_arena_alloc(struct sf_arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);

    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    /* Pieces of no size have addresses of their own, too. */
    size = size == 0 ? align : (size + align - 1) / align * align;
    return size > LARGE_BYTES ? alloc_large(arena, size)
                              : alloc_small(arena, size);
}

char *sf_arena_strdup(struct sf_arena *arena, const char *text)
{
    return sf_arena_dup(arena, (struct sf_slice){text, strlen(text)});
}

char *sf_arena_dup(struct sf_arena *arena, struct sf_slice slice)
{
    char *copy = NULL;

    if (slice.len == SIZE_MAX) {
        return NULL;
    }
    copy = sf_arena_alloc(arena, slice.len + 1);
    if (copy != NULL && slice.len > 0) {
        memcpy(copy, slice.ptr, slice.len);
    }
    return copy;
}

char *sf_arena_printf(struct sf_arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    char *text = NULL;
    int len = 0;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len >= 0) {
        text = sf_arena_alloc(arena, (size_t)len + 1);
    }
    if (text != NULL) {
        vsnprintf(text, (size_t)len + 1, format, again);
    }
    va_end(again);
    return text;
}
