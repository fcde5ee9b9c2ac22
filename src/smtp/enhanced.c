/* enhanced.c - the table of enhanced status codes. */
#include "smtp/enhanced.h"

#include "base/slice.h"

/* RFC 3463 2: subject and detail have one to three digits. */
#define NUMBER_LEN_MAX 3

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define C2 SF_ENHANCED_CLASS(2)
#define C4 SF_ENHANCED_CLASS(4)
#define C5 SF_ENHANCED_CLASS(5)
#define C7 SF_ENHANCED_CLASS(7)

static const struct sf_enhanced_info rows[] = {
#define X(subject, first, last, classes, meaning, rfc, owner, note, ...)       \
    {(subject), (first), (last), (classes),    (meaning),                      \
     (rfc),     (owner), (note), {__VA_ARGS__}},
#include "smtp/enhanced.def"
#undef X
};

#undef C2
#undef C4
#undef C5
#undef C7

static int parse_number(struct sf_slice text, unsigned *out_number)
{
    uint64_t number = 0;

    if (text.len == 0 || text.len > NUMBER_LEN_MAX ||
        (text.len > 1 && text.ptr[0] == '0') ||
        sf_slice_parse_u64(text, &number) != 0) {
        return SF_ESYNTAX;
    }
    *out_number = (unsigned)number;
    return 0;
}

int sf_enhanced_parse(struct sf_slice text, struct sf_enhanced *out_enhanced)
{
    struct sf_slice rest = text;
    struct sf_slice class = sf_slice_cut(&rest, '.');
    struct sf_slice subject = sf_slice_cut(&rest, '.');
    struct sf_enhanced found = {.class = -1};

    if (class.len != 1) {
        return SF_ESYNTAX;
    }
    if (sf_ascii_is_digit(class.ptr[0])) {
        found.class = class.ptr[0] - '0';
    } else if (sf_ascii_lower(class.ptr[0]) != 'x') {
        return SF_ESYNTAX;
    }
    if (parse_number(subject, &found.subject) != 0 ||
        parse_number(rest, &found.detail) != 0) {
        return SF_ESYNTAX;
    }
    *out_enhanced = found;
    return 0;
}

bool sf_enhanced_matches(const struct sf_enhanced_info *info,
                         const struct sf_enhanced *enhanced)
{
    return info->subject == enhanced->subject &&
           info->first <= enhanced->detail && enhanced->detail <= info->last;
}

bool sf_enhanced_is_known(const struct sf_enhanced *enhanced)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (sf_enhanced_matches(&rows[i], enhanced)) {
            return true;
        }
    }
    return false;
}

bool sf_enhanced_has_code(const struct sf_enhanced_info *info, int code)
{
    for (size_t i = 0; info->codes[i] != 0; i++) {
        if (info->codes[i] == code) {
            return true;
        }
    }
    return false;
}

size_t sf_enhanced_count(void)
{
    return COUNT(rows);
}

const struct sf_enhanced_info *sf_enhanced_at(size_t index)
{
    return &rows[index];
}

const char *sf_enhanced_class_text(int class)
{
    static const char *const texts[] = {
        [2] = "success",
        [4] = "temporary failure: a later try may succeed",
        [5] = "permanent failure: the same again will not succeed",
    };

    return class >= 0 && (size_t) class < COUNT(texts) ? texts[class] : NULL;
}

const char *sf_enhanced_subject_text(unsigned subject)
{
    static const char *const texts[] = {
        "other",   "address",  "mailbox", "mail system",
        "network", "protocol", "content", "security and policy",
    };

    return subject < COUNT(texts) ? texts[subject] : NULL;
}
