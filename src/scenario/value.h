/* value.h - the value of an entry once quotes, escapes and the names of [let]
 * are resolved. */
#ifndef SF_SCENARIO_VALUE_H
#define SF_SCENARIO_VALUE_H

#include "rule/rule.h"
#include "scenario/source.h"

#define SF_VALUE_SIZE_MAX  65536
#define SF_VALUE_NAMES_MAX 64
#define SF_VALUE_LOOPS_MAX 16
#define SF_VALUE_TOTAL_MAX 16777216 /* of a whole scenario */
#define SF_LET_COUNT_MAX   1000
#define SF_LET_DEPTH_MAX   32

/* How a value may be quoted. */
enum sf_value_form {
    SF_VALUE_PLAIN,    /* as a whole, or not at all */
    SF_VALUE_LIST,     /* each item between commas for itself */
    SF_VALUE_PATTERNS, /* a list; its items may be regular expressions */
    SF_VALUE_PIECES,   /* several quoted pieces, each may be repeated */
};

/* What an octet may stand for. */
enum sf_value_mark {
    SF_MARK_BARE,    /* separators and wildcards count as such */
    SF_MARK_QUOTED,  /* separators do not */
    SF_MARK_ESCAPED, /* it stands for itself */
    SF_MARK_EMPTY,   /* no octet, but `""` */
};

/* A dynamic name, which stands before the octet at `offset`. */
struct sf_value_name {
    size_t offset;
    enum sf_name name;
};

/* A piece that is repeated too often to be written out: its octets, and the
 * names among them. */
struct sf_value_loop {
    size_t start;
    size_t end;
    size_t name_start;
    size_t name_end;
    uint64_t count; /* SF_LOOP_FOREVER: without end */
};

/* In the loader's scratch memory. */
struct sf_value {
    struct sf_slice text;
    const char *marks; /* one sf_value_mark for each octet of the text */
    const struct sf_value_name *names;
    size_t name_count;
    const struct sf_value_loop *loops; /* SF_VALUE_PIECES only, in order */
    size_t loop_count;
};

struct sf_lets;

/* Resolves `raw`, which stands at `place`.  False: reported. */
bool sf_value_expand(struct sf_loader *loader,
                     struct sf_lets *lets,
                     const struct sf_place *place,
                     const char *raw,
                     enum sf_value_form form,
                     struct sf_value *out_value);

/* As above for the value of an entry that cannot have dynamic names: they are
 * reported.  An entry without key is the name of a section.  A list that goes
 * on in the next line may end in a comma, which is left out. */
bool sf_value_expand_static(struct sf_loader *loader,
                            struct sf_lets *lets,
                            const struct sf_entry *entry,
                            enum sf_value_form form,
                            struct sf_value *out_value);

/* Which of a few words, the last of which is NULL, the value of the entry is.
 * False: reported. */
bool sf_value_find_word(struct sf_loader *loader,
                        const struct sf_entry *entry,
                        struct sf_slice text,
                        const char *const *words,
                        const char *hint,
                        unsigned *out_index);

/* `yes` or `no`.  False: reported. */
bool sf_value_find_switch(struct sf_loader *loader,
                          const struct sf_entry *entry,
                          struct sf_slice text,
                          bool *out_is_on);

/* The text of the file at `path`, seen from the file that names it; kept as
 * long as the scenario, NUL behind it.  False: reported. */
bool sf_value_read_file(struct sf_loader *loader,
                        const struct sf_entry *entry,
                        struct sf_slice path,
                        struct sf_slice *out_text);

/* Appends a blank and `more` to the value: a continuation line. */
bool sf_value_append(struct sf_loader *loader,
                     const struct sf_place *place,
                     struct sf_value *value,
                     const struct sf_value *more);

#endif
