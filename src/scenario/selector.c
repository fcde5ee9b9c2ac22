/* selector.c - numbers, sizes, durations and ranges of them. */
#include "scenario/selector.h"

#include "base/text.h"

/* What is being parsed, for the messages. */
struct subject {
    struct sf_loader *loader;
    const struct sf_place *place;
    const char *key;
    enum sf_selector_form form;
};

/* One end of a range. */
struct bound {
    uint64_t number;
    unsigned char group; /* whose number is added; 0: none */
};

static struct sf_slice skip_front(struct sf_slice text, size_t count)
{
    return sf_slice_trim(sf_slice_skip(text, count));
}

bool sf_selector_parse_duration(struct sf_loader *loader,
                                const struct sf_place *place,
                                const char *key,
                                struct sf_slice text,
                                uint64_t *out_us)
{
    uint64_t number = 0;
    int err = sf_text_parse_duration(text, out_us);

    if (err == 0) {
        return true;
    }
    if (err == SF_ETOOBIG) {
        sf_loader_error(loader, place, "what never ends is `forever`",
                        "`%s` is at most 1000 days (`1000d`)", key);
    } else if (sf_slice_parse_u64(text, &number) == 0) {
        sf_loader_error(loader, place,
                        sf_arena_printf(&loader->scratch,
                                        "did you mean `%.*ss` or `%.*sms`?",
                                        SF_SLICE_ARG(text), SF_SLICE_ARG(text)),
                        "`%.*s` has no unit", SF_SLICE_ARG(text));
    } else {
        sf_loader_error(loader, place,
                        sf_slice_find(text, '-') < text.len
                            ? "for example `2s`; where a range may stand, it "
                              "has two dots: `1s..3s`"
                            : "for example `250ms`, `2s`, `5m`, `1h` or `4d`",
                        "`%.*s` is no duration", SF_SLICE_ARG(text));
    }
    return false;
}

bool sf_selector_parse_size(struct sf_loader *loader,
                            const struct sf_place *place,
                            const char *key,
                            struct sf_slice text,
                            uint64_t *out_bytes)
{
    int err = sf_text_parse_size(text, out_bytes);

    if (err == SF_ETOOBIG) {
        sf_loader_error(loader, place, "a range may lack its upper end: `1M..`",
                        "`%s` is at most 1024G", key);
    } else if (err != 0) {
        sf_loader_error(loader, place, "for example `512`, `64K` or `10M`",
                        "`%.*s` is no size", SF_SLICE_ARG(text));
    }
    return err == 0;
}

static bool parse_duration(const struct subject *subject,
                           struct sf_slice text,
                           uint64_t *out_us)
{
    if (!sf_selector_parse_duration(subject->loader, subject->place,
                                    subject->key, text, out_us)) {
        return false;
    }
    if (*out_us == SF_FOREVER_US) {
        sf_loader_error(subject->loader, subject->place,
                        "without an upper end: `5m..` or `>=5m`",
                        "`forever` cannot be matched");
        return false;
    }
    return true;
}

static bool parse_number(const struct subject *subject,
                         struct sf_slice text,
                         uint64_t *out_number)
{
    int err = sf_slice_parse_u64(text, out_number);

    if (err == SF_ETOOBIG || (err == 0 && *out_number > SF_NUMBER_MAX)) {
        sf_loader_error(subject->loader, subject->place,
                        "a range may lack its upper end: `4-`",
                        "`%s` is at most 10^12", subject->key);
        return false;
    }
    if (err != 0) {
        sf_loader_error(subject->loader, subject->place,
                        "for example `2`, `1-3`, `4-`, `<=3`, `odd`, "
                        "`every 3` or `every 3 from 2`",
                        "`%.*s` is no number", SF_SLICE_ARG(text));
        return false;
    }
    return true;
}

/* `${1}` to `${9}`: the number of the group; 0 if the text is none. */
static unsigned char find_group(const struct subject *subject,
                                struct sf_slice text)
{
    if (subject->form != SF_SELECTOR_NUMBERS_OR_GROUPS || text.len != 4 ||
        text.ptr[0] != '$' || text.ptr[1] != '{' || text.ptr[3] != '}') {
        return 0;
    }
    return (unsigned char)(text.ptr[2] - '0');
}

/* One number, size or duration of a selector. */
static bool parse_one(const struct subject *subject,
                      struct sf_slice text,
                      struct bound *out_bound)
{
    struct bound bound = {0, find_group(subject, text)};
    bool is_ok = true;

    if (bound.group == 0) {
        switch (subject->form) {
        case SF_SELECTOR_DURATIONS:
            is_ok = parse_duration(subject, text, &bound.number);
            break;
        case SF_SELECTOR_SIZES:
            is_ok = sf_selector_parse_size(subject->loader, subject->place,
                                           subject->key, text, &bound.number);
            break;
        case SF_SELECTOR_NUMBERS:
        case SF_SELECTOR_NUMBERS_OR_GROUPS:
            is_ok = parse_number(subject, text, &bound.number);
            break;
        }
    }
    if (is_ok) {
        *out_bound = bound;
    }
    return is_ok;
}

/* From low on, before end. */
static bool make_range(const struct subject *subject,
                       struct bound low,
                       struct bound end,
                       struct sf_selector *out_selector)
{
    if (low.group == 0 && end.group == 0 && low.number >= end.number) {
        sf_loader_error(subject->loader, subject->place,
                        "the lower end comes first, as in `1..3`",
                        "`%s` holds for nothing: the range is empty",
                        subject->key);
        return false;
    }
    *out_selector = (struct sf_selector){.kind = SF_SELECTOR_RANGE,
                                         .low = low.number,
                                         .end = end.number,
                                         .low_group = low.group,
                                         .end_group = end.group};
    return true;
}

static struct bound next_of(struct bound bound)
{
    return (struct bound){bound.number + 1, bound.group};
}

static const struct bound least = {0, 0};
static const struct bound no_end = {UINT64_MAX, 0};

/* `<X` `<=X` `>X` `>=X`. */
static bool parse_comparison(const struct subject *subject,
                             struct sf_slice text,
                             struct sf_selector *out_selector)
{
    bool is_less = text.ptr[0] == '<';
    bool has_equals = text.len > 1 && text.ptr[1] == '=';
    struct bound bound = least;

    if (!parse_one(subject, skip_front(text, has_equals ? 2 : 1), &bound)) {
        return false;
    }
    /* Both `<=` and `>` part the numbers behind the bound. */
    if (is_less == has_equals) {
        bound = next_of(bound);
    }
    return is_less ? make_range(subject, least, bound, out_selector)
                   : make_range(subject, bound, no_end, out_selector);
}

/* `X..Y` `X..` `..Y` `X-Y` `X-`: `at` is where the sign stands. */
static bool parse_range(const struct subject *subject,
                        struct sf_slice text,
                        size_t at,
                        size_t sign_len,
                        struct sf_selector *out_selector)
{
    struct sf_slice left = sf_slice_trim(sf_slice(text.ptr, at));
    struct sf_slice right = skip_front(text, at + sign_len);
    struct bound low = least;
    struct bound high = {UINT64_MAX - 1, 0};

    return (left.len == 0 || parse_one(subject, left, &low)) &&
           (right.len == 0 || parse_one(subject, right, &high)) &&
           make_range(subject, low, next_of(high), out_selector);
}

/* `odd` `even` `every N` `every N from M`: false, unreported, if it is none
 * of them. */
static bool parse_every(struct sf_slice text, struct sf_selector *out_selector)
{
    uint64_t step = 2;
    uint64_t from = sf_slice_eq_str(text, "odd") ? 1 : 2;

    if (!sf_slice_eq_str(text, "odd") && !sf_slice_eq_str(text, "even")) {
        struct sf_slice rest = text;
        struct sf_slice word = sf_slice_cut_word(&rest);

        rest = sf_slice_skip_blanks(rest);
        if (!sf_slice_eq_str(word, "every") ||
            sf_slice_parse_u64(sf_slice_cut_word(&rest), &step) != 0) {
            return false;
        }
        from = step;
        rest = sf_slice_skip_blanks(rest);
        if (rest.len > 0 &&
            (!sf_slice_eq_str(sf_slice_cut_word(&rest), "from") ||
             sf_slice_parse_u64(sf_slice_skip_blanks(rest), &from) != 0)) {
            return false;
        }
    }
    *out_selector =
        (struct sf_selector){SF_SELECTOR_EVERY, .from = from, .step = step};
    return step > 0 && step <= SF_NUMBER_MAX && from > 0 &&
           from <= SF_NUMBER_MAX;
}

static bool starts_word(struct sf_slice text)
{
    return sf_slice_starts_nocase(text, "every") ||
           sf_slice_eq_str(text, "odd") || sf_slice_eq_str(text, "even");
}

static size_t find_dots(struct sf_slice text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == '.' && text.ptr[i + 1] == '.') {
            return i;
        }
    }
    return text.len;
}

static bool counts(enum sf_selector_form form)
{
    return form == SF_SELECTOR_NUMBERS || form == SF_SELECTOR_NUMBERS_OR_GROUPS;
}

bool sf_selector_parse(struct sf_loader *loader,
                       const struct sf_place *place,
                       const char *key,
                       enum sf_selector_form form,
                       struct sf_slice text,
                       struct sf_selector *out_selector)
{
    struct subject subject = {loader, place, key, form};
    size_t dots = find_dots(text);
    size_t dash = sf_slice_find(text, '-');
    struct bound bound = least;

    if (text.len > 0 && (text.ptr[0] == '<' || text.ptr[0] == '>')) {
        return parse_comparison(&subject, text, out_selector);
    }
    if (dots < text.len && text.len > 2) {
        return parse_range(&subject, text, dots, 2, out_selector);
    }
    if (counts(form) && starts_word(text)) {
        if (!parse_every(text, out_selector)) {
            sf_loader_error(loader, place,
                            "`every 3` is 3, 6, 9; `every 3 from 2` is 2, 5, "
                            "8",
                            "`%.*s` is no selector", SF_SLICE_ARG(text));
            return false;
        }
        return true;
    }
    if (counts(form) && dash < text.len && dash > 0) {
        return parse_range(&subject, text, dash, 1, out_selector);
    }
    return parse_one(&subject, text, &bound) &&
           make_range(&subject, bound, next_of(bound), out_selector);
}

bool sf_selector_parse_delay(struct sf_loader *loader,
                             const struct sf_place *place,
                             struct sf_slice text,
                             struct sf_action *out_action)
{
    size_t dots = find_dots(text);
    uint64_t low = 0;
    uint64_t high = 0;

    if (sf_slice_eq_str(text, "until-input")) {
        out_action->u.delay.kind = SF_DELAY_UNTIL_INPUT;
        return true;
    }
    if (!sf_selector_parse_duration(loader, place, "delay",
                                    sf_slice_trim(sf_slice(text.ptr, dots)),
                                    &low)) {
        return false;
    }
    high = low;
    if (dots < text.len &&
        !sf_selector_parse_duration(loader, place, "delay",
                                    skip_front(text, dots + 2), &high)) {
        return false;
    }
    if (low > high || (dots < text.len && high == SF_FOREVER_US)) {
        sf_loader_error(loader, place, "for example `1s..3s`",
                        "a range of `delay` goes from a shorter duration to a "
                        "longer one");
        return false;
    }
    out_action->u.delay.kind =
        low == SF_FOREVER_US ? SF_DELAY_FOREVER : SF_DELAY_RANGE;
    out_action->u.delay.low_us = low;
    out_action->u.delay.high_us = high;
    return true;
}
