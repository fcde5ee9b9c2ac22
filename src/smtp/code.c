/* code.c - the table of reply codes. */
#include "smtp/code.h"

#define E(event) SF_EVENT_BIT(SF_EVENT_##event)

static const struct sf_code_info codes[] = {
#define X(code, text, events) {(code), (text), (events)},
#include "smtp/code.def"
#undef X
};

#undef E

const struct sf_code_info *sf_code_find(int code)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        if (codes[i].code == code) {
            return &codes[i];
        }
    }
    return NULL;
}

bool sf_code_is_known_at(int code, enum sf_event event)
{
    const struct sf_code_info *info = sf_code_find(code);

    return info != NULL && (info->events & SF_EVENT_BIT(event)) != 0;
}

size_t sf_code_count(void)
{
    return sizeof(codes) / sizeof(codes[0]);
}

const struct sf_code_info *sf_code_at(size_t index)
{
    return &codes[index];
}
