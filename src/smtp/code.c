/* code.c - the table of reply codes. */
#include "smtp/code.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define E(event) SF_EVENT_BIT(SF_EVENT_##event)

static const struct sf_code_info codes[] = {
#define X(code, text, events, standing, close, enhanced, rfc, client)          \
    {(code),          (text),     (events), SF_CODE_##standing,                \
     SF_CODE_##close, (enhanced), (rfc),    (client)},
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

    if (info != NULL && event == SF_EVENT_VIOLATION) {
        return code >= 400; /* in the place of whatever was to come */
    }
    return info != NULL && (info->events & SF_EVENT_BIT(event)) != 0;
}

size_t sf_code_count(void)
{
    return COUNT(codes);
}

const struct sf_code_info *sf_code_at(size_t index)
{
    return &codes[index];
}

const char *sf_code_standing_text(enum sf_code_standing standing)
{
    static const char *const texts[] = {
#define X(name, text) [SF_CODE_##name] = (text),
        SF_CODE_STANDING_MAP(X)
#undef X
    };

    return texts[standing];
}

const char *sf_code_close_text(enum sf_code_close close)
{
    static const char *const texts[] = {
#define X(name, text) [SF_CODE_##name] = (text),
        SF_CODE_CLOSE_MAP(X)
#undef X
    };

    return texts[close];
}

const char *sf_code_class_text(int first)
{
    static const char *const texts[] = {
        [2] = "done",
        [3] = "so far so good, more is wanted",
        [4] = "not now, but a later try may succeed",
        [5] = "no, and the same again will not succeed",
    };

    return first >= 0 && (size_t)first < COUNT(texts) ? texts[first] : NULL;
}

const char *sf_code_category_text(int second)
{
    static const char *const texts[] = {
        "syntax",      "information", "the connection",
        "unspecified", "unspecified", "the mail system",
    };

    return second >= 0 && (size_t)second < COUNT(texts) ? texts[second] : NULL;
}
