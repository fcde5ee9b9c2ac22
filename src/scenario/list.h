/* list.h - values that are lists: patterns, words, lines. */
#ifndef SF_SCENARIO_LIST_H
#define SF_SCENARIO_LIST_H

#include "rule/rule.h"
#include "scenario/value.h"

/* One item: its octets, their marks, without outer blanks. */
struct sf_list_item {
    struct sf_slice text;
    const char *marks;
    bool is_empty; /* `""` was in it: it may have no octets */
};

/* Takes the next item off *rest.  False at the end, or when the item is empty,
 * which is reported and leaves *rest without items. */
bool sf_list_next(struct sf_loader *loader,
                  const struct sf_place *place,
                  struct sf_value *rest,
                  struct sf_list_item *out_item);

/* The patterns of a condition so far: a list may stand in several lines. */
struct sf_list_build {
    struct sf_pattern *items; /* kept as long as the scenario */
    size_t count;
    size_t room;
};

/* Adds the patterns of one line, of the form SF_VALUE_PATTERNS. */
bool sf_list_parse(struct sf_loader *loader,
                   const struct sf_place *place,
                   enum sf_condition_kind kind,
                   const struct sf_value *value,
                   struct sf_list_build *build);

/* The key of `per` that the word names; `key` is where it stands. */
bool sf_list_find_per(struct sf_loader *loader,
                      const struct sf_place *place,
                      const char *key,
                      struct sf_slice word,
                      unsigned *out_per);

/* Adds the keys of one line to a set of `per` keys. */
bool sf_list_parse_per(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_value *value,
                       unsigned *per_set);

/* Twice, for the server and a rule, and the lines of the default answer fit
 * SF_CAPABILITY_LINES_MAX. */
#define SF_EXTENSION_LINES_MAX 100

/* Several entries of the key `extensions` are one edit; this is what they say
 * so far. */
struct sf_extension_build {
    struct sf_extensions edit;
    struct sf_slice *remove;
    struct sf_slice *add;
    bool is_begun;
};

/* Adds what one more entry says. */
bool sf_list_parse_extensions(struct sf_loader *loader,
                              const struct sf_place *place,
                              const struct sf_value *value,
                              struct sf_extension_build *build);

#endif
