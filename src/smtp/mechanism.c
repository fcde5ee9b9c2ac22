/* mechanism.c - SASL mechanisms by name. */
#include "smtp/mechanism.h"

#include "base/slice.h"
#include "smtp/capability.h"

static const struct {
    const char *name;
    enum sf_mechanism_kind kind;
} mechanisms[SF_MECHANISM_COUNT] = {
#define X(name, text, kind)                                                    \
    [SF_MECHANISM_##name] = {(text), SF_MECHANISM_IS_##kind},
#include "smtp/mechanism.def"
#undef X
};

enum sf_mechanism sf_mechanism_find(struct sf_slice name)
{
    unsigned i = 0;

    while (i < SF_MECHANISM_COUNT &&
           !sf_slice_eq_str_nocase(name, mechanisms[i].name)) {
        i++;
    }
    return (enum sf_mechanism)i;
}

const char *sf_mechanism_name(enum sf_mechanism mechanism)
{
    return mechanisms[mechanism].name;
}

enum sf_mechanism_kind sf_mechanism_kind(enum sf_mechanism mechanism)
{
    return mechanisms[mechanism].kind;
}

sf_mechanism_set sf_mechanism_of_line(struct sf_slice line)
{
    sf_mechanism_set offered = 0;

    if (sf_capability_of_line(line) != SF_CAPABILITY_BIT(SF_CAPABILITY_AUTH)) {
        return 0;
    }
    /* Behind the keyword stands a blank or `=`. */
    line = sf_slice_skip(line, sizeof("AUTH") - 1);
    line = line.len > 0 ? sf_slice_skip_blanks(sf_slice_skip(line, 1)) : line;
    while (line.len > 0) {
        enum sf_mechanism mechanism =
            sf_mechanism_find(sf_slice_cut_word(&line));

        if (mechanism != SF_MECHANISM_COUNT) {
            offered |= SF_MECHANISM_BIT(mechanism);
        }
        line = sf_slice_skip_blanks(line);
    }
    return offered;
}
