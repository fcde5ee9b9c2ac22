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

/* How many items there are at most. */
size_t sf_list_bound(const struct sf_value *value);

/* The patterns of a condition. */
bool sf_list_parse(struct sf_loader *loader,
                   const struct sf_place *place,
                   enum sf_condition_kind kind,
                   const struct sf_value *value,
                   struct sf_list *out_list);

/* A set of `per` keys. */
bool sf_list_parse_per(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_value *value,
                       unsigned *out_per);

/* So that the default list and these fit SF_CAPABILITY_LINES_MAX. */
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
