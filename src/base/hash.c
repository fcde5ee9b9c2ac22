/* hash.c - a 64-bit hash for deterministic draws.
 *
 * FNV-1a over the octets, then the finaliser of SplitMix64, because the low
 * and the high bits of FNV alone are too regular for draws on short keys.
 * What comes out is a promise: the same seed draws the same faults with every
 * version and on every machine. */
#include "base/hash.h"

#define FNV_BASIS 0xcbf29ce484222325U
#define FNV_PRIME 0x100000001b3U
#define GOLDEN    0x9e3779b97f4a7c15U

static uint64_t mix_bits(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
    return hash ^ (hash >> 31);
}

/* The length goes in too, so that "ab" + "c" differs from "a" + "bc". */
uint64_t sf_hash_octets(uint64_t hash, struct sf_slice slice)
{
    hash ^= FNV_BASIS;
    for (size_t i = 0; i < slice.len; i++) {
        hash = (hash ^ (unsigned char)slice.ptr[i]) * FNV_PRIME;
    }
    return sf_hash_u64(hash, slice.len);
}

uint64_t sf_hash_u64(uint64_t hash, uint64_t number)
{
    return mix_bits(mix_bits(hash + GOLDEN) ^ number);
}

uint64_t sf_hash_draw(uint64_t hash, uint64_t low, uint64_t high)
{
    const uint64_t count = high - low + 1;

    /* The remainder's bias is below count / 2^64.  A count of 0 is 2^64. */
    hash = mix_bits(hash + GOLDEN);
    return count == 0 ? hash : low + hash % count;
}
