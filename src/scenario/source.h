/* source.h - the text of a scenario file as sections and entries, each with
 * its place. */
#ifndef SF_SCENARIO_SOURCE_H
#define SF_SCENARIO_SOURCE_H

#include "scenario/loader.h"

#define SF_SOURCE_LINE_MAX    198 /* octets that inih can hold */
#define SF_SOURCE_SECTION_MAX 49
#define SF_SOURCE_SIZE_MAX    1048576 /* octets of a file */

/* A `key = value` line, or a continuation of one. */
struct sf_entry {
    struct sf_place place;
    const char *key;   /* as written; of a continuation the key before it */
    const char *value; /* without comment and outer blanks */
    bool is_continuation;
    bool is_faulty;   /* reported already; only its being there counts */
    bool has_comment; /* blank and `;` ended the line */
    struct sf_entry *next;
};

struct sf_section {
    struct sf_place place;
    const char *name; /* between the brackets, without outer blanks */
    bool is_faulty;   /* reported already */
    struct sf_entry *entries;
    size_t entry_count;
    struct sf_section *next;
};

struct sf_source {
    struct sf_place place; /* of the file as a whole */
    struct sf_section *sections;
};

/* Reads `text`, the file that `place` tells, into *out_source, which lives in
 * the loader's scratch memory.  What is wrong with lines is reported. */
void sf_source_parse(struct sf_loader *loader,
                     const struct sf_place *place,
                     struct sf_slice text,
                     struct sf_source *out_source);

#endif
