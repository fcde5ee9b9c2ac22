/* hash.h - a 64-bit hash for deterministic draws; not for hash tables of
 * hostile keys, not for cryptography. */
#ifndef SF_BASE_HASH_H
#define SF_BASE_HASH_H

#include "smtpfault.h"

/* Folds octets, or a number, into a running hash that begins with a seed. */
uint64_t sf_hash_octets(uint64_t hash, struct sf_slice slice);
uint64_t sf_hash_u64(uint64_t hash, uint64_t number);

/* A number in low..high (both included, low <= high), decided by the hash. */
uint64_t sf_hash_draw(uint64_t hash, uint64_t low, uint64_t high);

#endif
