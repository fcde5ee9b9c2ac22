/* odds.c - `rate` and `chance`. */
#include "scenario/odds.h"

#include "base/text.h"
#include "scenario/selector.h"

/* Digits behind the point of a percentage. */
#define DIGITS_MAX 4

static const char *const rate_hint =
    "for example `>10/1m`: more than 10 in any minute";
static const char *const chance_hint =
    "for example `25%` or `0.5%`, up to four digits behind the point";

size_t sf_odds_rate_size(const struct sf_selector *selector)
{
    uint64_t size = selector->end == UINT64_MAX ? selector->low : selector->end;

    return size == 0 ? 1 : (size_t)size;
}

/* Numbers have to have an end, for the times of so many events are kept. */
static bool check_rate(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_selector *selector)
{
    if (selector->kind != SF_SELECTOR_RANGE) {
        sf_loader_error(loader, place, rate_hint,
                        "`rate` has a number or a range of numbers");
        return false;
    }
    if (sf_odds_rate_size(selector) > SF_RATE_EVENTS_MAX + 1) {
        sf_loader_error(loader, place, "take a shorter window",
                        "a number in `rate` is at most %d", SF_RATE_EVENTS_MAX);
        return false;
    }
    return true;
}

bool sf_odds_parse_rate(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_condition *out_condition)
{
    struct sf_slice rest = text;
    struct sf_slice numbers = sf_slice_trim(sf_slice_cut(&rest, '/'));
    struct sf_slice window = sf_slice_trim(rest);
    struct sf_selector selector;
    uint64_t window_us = 0;

    if (rest.ptr == NULL) {
        sf_loader_error(loader, place, rate_hint, "`%.*s` has no window",
                        SF_SLICE_ARG(text));
        return false;
    }
    if (!sf_selector_parse(loader, place, "rate", SF_SELECTOR_NUMBERS, numbers,
                           &selector) ||
        !check_rate(loader, place, &selector) ||
        !sf_selector_parse_duration(loader, place, "rate", window,
                                    &window_us)) {
        return false;
    }
    if (window_us == 0 || window_us == SF_FOREVER_US) {
        sf_loader_error(
            loader, place,
            window_us == 0 ? rate_hint : "`attempt` counts for ever",
            "the window of `rate` cannot be `%.*s`", SF_SLICE_ARG(window));
        return false;
    }
    out_condition->u.selector = selector;
    out_condition->window_us = window_us;
    return true;
}

/* Digits, perhaps a point and a few more: in parts of a million. */
static bool parse_percent(struct sf_slice text, uint64_t *out_parts)
{
    struct sf_slice fraction = text;
    struct sf_slice whole = sf_slice_cut(&fraction, '.');
    uint64_t unit = SF_CHANCE_WHOLE / 100;
    uint64_t percent = 0;
    uint64_t parts = 0;

    if (sf_slice_parse_u64(whole, &percent) != 0 || percent > 1000 ||
        (fraction.ptr != NULL &&
         (fraction.len == 0 || fraction.len > DIGITS_MAX))) {
        return false;
    }
    parts = percent * unit;
    for (size_t i = 0; fraction.ptr != NULL && i < fraction.len; i++) {
        if (!sf_ascii_is_digit(fraction.ptr[i])) {
            return false;
        }
        unit /= 10;
        parts += (uint64_t)(fraction.ptr[i] - '0') * unit;
    }
    *out_parts = parts;
    return true;
}

bool sf_odds_parse_chance(struct sf_loader *loader,
                          const struct sf_place *place,
                          struct sf_slice text,
                          struct sf_selector *out_selector)
{
    bool has_sign = text.len > 0 && text.ptr[text.len - 1] == '%';
    struct sf_slice number =
        sf_slice_trim(sf_slice(text.ptr, text.len - has_sign));
    uint64_t parts = 0;

    if (!parse_percent(number, &parts)) {
        sf_loader_error(loader, place, chance_hint, "`%.*s` is no percentage",
                        SF_SLICE_ARG(text));
        return false;
    }
    if (!has_sign) {
        sf_loader_error(loader, place,
                        sf_arena_printf(&loader->scratch,
                                        "did you mean `%.*s%%`?",
                                        SF_SLICE_ARG(text)),
                        "`%.*s` has no `%%`", SF_SLICE_ARG(text));
        return false;
    }
    if (parts == 0 || parts > SF_CHANCE_WHOLE) {
        sf_loader_error(loader, place, chance_hint,
                        "`chance` is more than 0%% and at most 100%%");
        return false;
    }
    *out_selector = (struct sf_selector){.low = 0, .end = parts};
    return true;
}
