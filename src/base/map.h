/* map.h - a table from octets to fixed-size values, with a limit: beyond it
 * the entry that was added first goes. */
#ifndef SF_BASE_MAP_H
#define SF_BASE_MAP_H

#include "smtpfault.h"

struct sf_map;

/* `limit` is in entries, at least 1.  Owned; NULL without memory. */
struct sf_map *sf_map_new(size_t value_size, size_t limit);
void sf_map_free(struct sf_map *map); /* accepts NULL */

/* Longer keys are known by their SHA-256, in octets. */
#define SF_MAP_KEY_MAX 256

/* The value of `key`, valid as below; NULL if there is none. */
void *sf_map_find(struct sf_map *map, struct sf_slice key);

/* The value of `key`, a new zeroed one if there is none (*out_is_new tells).
 * The key is copied.  The pointer is valid until the next call for the same
 * map.  NULL without memory. */
void *sf_map_get(struct sf_map *map, struct sf_slice key, bool *out_is_new);

#endif
