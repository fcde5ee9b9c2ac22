/* map.c - a bounded table from octets to values, over uthash.
 *
 * uthash keeps its entries in the order of insertion, so the oldest one is the
 * head of that list.  It is a macro library: its expansions stay in here. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash.h"

static unsigned hash_key(const void *ptr, size_t len)
{
    return (unsigned)sf_hash_octets(0, (struct sf_slice){ptr, len});
}

#define HASH_NONFATAL_OOM              1
#define HASH_FUNCTION(key, len, value) (value) = hash_key((key), (len))
#include <uthash.h>

struct entry {
    UT_hash_handle hh;
    size_t key_len;
    max_align_t octets[]; /* the value, then the key */
};

struct sf_map {
    struct entry *head;
    size_t value_size; /* rounded up: the key follows */
    size_t limit;
};

struct sf_map *sf_map_new(size_t value_size, size_t limit)
{
    struct sf_map *map = calloc(1, sizeof(*map));

    if (map == NULL) {
        return NULL;
    }
    map->value_size = value_size;
    map->limit = limit;
    return map;
}

static char *get_key(const struct sf_map *map, struct entry *entry)
{
    return (char *)entry->octets + map->value_size;
}

/* NOLINTBEGIN(readability-function-*): the size is that of uthash's macros. */
static void drop_entry(struct sf_map *map, struct entry *entry)
{
    HASH_DEL(map->head, entry);
    free(entry);
}

void sf_map_free(struct sf_map *map)
{
    if (map == NULL) {
        return;
    }
    while (map->head != NULL) {
        drop_entry(map, map->head);
    }
    free(map);
}

static struct entry *add_entry(struct sf_map *map, struct sf_slice key)
{
    struct entry *entry = calloc(1, sizeof(*entry) + map->value_size + key.len);

    if (entry == NULL) {
        return NULL;
    }
    entry->key_len = key.len;
    memcpy(get_key(map, entry), key.ptr, key.len);
    HASH_ADD_KEYPTR(hh, map->head, get_key(map, entry), (unsigned)key.len,
                    entry);
    if (entry->hh.tbl == NULL) { /* uthash found no memory */
        free(entry);
        return NULL;
    }
    return entry;
}

/* What the key is kept as: itself, or its digest in `digest`. */
static int shorten_key(struct sf_slice *key, char digest[SF_DIGEST_HEX_SIZE])
{
    if (key->ptr == NULL) {
        key->ptr = "";
    }
    if (key->len > SF_MAP_KEY_MAX) {
        int err = sf_digest_hex(*key, digest);

        *key = (struct sf_slice){digest, SF_DIGEST_HEX_SIZE - 1};
        return err;
    }
    return 0;
}

static struct entry *find_entry(struct sf_map *map, struct sf_slice key)
{
    struct entry *entry = NULL;

    HASH_FIND(hh, map->head, key.ptr, (unsigned)key.len, entry);
    return entry;
}

void *sf_map_find(struct sf_map *map, struct sf_slice key)
{
    char digest[SF_DIGEST_HEX_SIZE];
    struct entry *entry = NULL;

    if (shorten_key(&key, digest) == 0) {
        entry = find_entry(map, key);
    }
    return entry == NULL ? NULL : entry->octets;
}

void *sf_map_get(struct sf_map *map, struct sf_slice key, bool *out_is_new)
{
    struct entry *entry = NULL;
    char digest[SF_DIGEST_HEX_SIZE];

    if (shorten_key(&key, digest) != 0) {
        return NULL;
    }
    entry = find_entry(map, key);
    *out_is_new = entry == NULL;
    if (entry == NULL) {
        if (HASH_COUNT(map->head) >= map->limit) {
            drop_entry(map, map->head);
        }
        entry = add_entry(map, key);
    }
    return entry == NULL ? NULL : entry->octets;
}

/* NOLINTEND(readability-function-*) */
