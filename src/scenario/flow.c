/* flow.c - values that say how octets flow. */
#include "scenario/flow.h"

#include "base/text.h"
#include "scenario/selector.h"

/* Between the segments of `split`, where nothing else is said. */
#define SPLIT_INTERVAL_US 20000u

/* A duration that is neither 0 nor without end. */
static bool parse_interval(struct sf_loader *loader,
                           const struct sf_place *place,
                           const char *key,
                           struct sf_slice text,
                           uint64_t *out_us)
{
    uint64_t us = 0;

    if (!sf_selector_parse_duration(loader, place, key, sf_slice_trim(text),
                                    &us)) {
        return false;
    }
    if (us == 0 || us == SF_FOREVER_US) {
        sf_loader_error(loader, place, "for example `20ms`",
                        "`%s` needs a duration from 1ms to 1000d", key);
        return false;
    }
    *out_us = us;
    return true;
}

bool sf_flow_parse_hold(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        uint64_t *out_us)
{
    return parse_interval(loader, place, "hold", text, out_us);
}

/* Octets an interval. */
struct rate {
    uint64_t octets;
    uint64_t interval_us;
};

/* `1K/1s`, cut at its slash. */
static bool parse_rate(struct sf_loader *loader,
                       const struct sf_place *place,
                       const char *key,
                       struct sf_slice amount,
                       struct sf_slice interval,
                       struct rate *out_rate)
{
    if (sf_text_parse_size(amount, &out_rate->octets) != 0 ||
        out_rate->octets == 0) {
        sf_loader_error(
            loader, place, "for example `1K/1s`: octets an interval",
            "before the `/` of `%s` stands a size from 1 to 1024G", key);
        return false;
    }
    return parse_interval(loader, place, key, interval, &out_rate->interval_us);
}

static bool parse_offset(struct sf_slice word, int32_t *out_offset)
{
    bool is_negative = word.len > 0 && word.ptr[0] == '-';
    uint64_t number = 0;

    if (sf_slice_parse_u64(sf_slice_skip(word, is_negative), &number) != 0 ||
        number == 0 || number > SF_PACE_OFFSET_MAX) {
        return false;
    }
    *out_offset = is_negative ? -(int32_t)number : (int32_t)number;
    return true;
}

/* The places behind `split`. */
static bool parse_offsets(struct sf_loader *loader,
                          const struct sf_place *place,
                          struct sf_slice text,
                          struct sf_pace *pace)
{
    int32_t *offsets =
        sf_loader_keep(loader, SF_PACE_OFFSETS_MAX * sizeof(*offsets));
    bool is_ok = offsets != NULL;
    size_t count = 0;

    while (is_ok && (text = sf_slice_skip_blanks(text)).len > 0) {
        struct sf_slice word = sf_slice_cut_word(&text);

        is_ok =
            count < SF_PACE_OFFSETS_MAX && parse_offset(word, &offsets[count]);
        count += is_ok;
    }
    if (!is_ok || count == 0) {
        sf_loader_error(loader, place,
                        "for example `split 3 -2`: behind the third octet, "
                        "and before the last two",
                        "behind `split` stand one to %d places, each from 1 to "
                        "1M octets from the start or, with `-`, from the end",
                        SF_PACE_OFFSETS_MAX);
        return false;
    }
    pace->offsets = offsets;
    pace->offset_count = count;
    return true;
}

static bool parse_split(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice places,
                        struct sf_slice interval,
                        struct sf_pace *pace)
{
    pace->kind = SF_PACE_SPLIT;
    pace->interval_us = SPLIT_INTERVAL_US;
    return parse_offsets(loader, place, places, pace) &&
           (interval.ptr == NULL ||
            parse_interval(loader, place, "pace", interval,
                           &pace->interval_us));
}

bool sf_flow_parse_pace(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_pace *out_pace)
{
    struct sf_pace pace = {.kind = SF_PACE_WHOLE};
    struct sf_slice interval = text;
    struct sf_slice amount = sf_slice_trim(sf_slice_cut(&interval, '/'));
    struct sf_slice rest = amount;
    struct rate rate = {0, 0};
    bool is_ok = false;

    if (sf_slice_eq_str(text, "whole")) {
        is_ok = true;
    } else if (sf_slice_eq_str(sf_slice_cut_word(&rest), "split")) {
        is_ok = parse_split(loader, place, rest, interval, &pace);
    } else if (interval.ptr == NULL) {
        sf_loader_error(loader, place,
                        "for example `1/100ms`, `line/50ms`, `split 3 "
                        "-2/20ms` or `whole`",
                        "`%.*s` is no pace", SF_SLICE_ARG(text));
    } else if (sf_slice_eq_str(amount, "line")) {
        pace.kind = SF_PACE_LINE;
        is_ok =
            parse_interval(loader, place, "pace", interval, &pace.interval_us);
    } else {
        is_ok = parse_rate(loader, place, "pace", amount, interval, &rate);
        pace = (struct sf_pace){.kind = SF_PACE_OCTETS,
                                .octets = rate.octets,
                                .interval_us = rate.interval_us};
    }
    if (is_ok) {
        *out_pace = pace;
    }
    return is_ok;
}

bool sf_flow_parse_read(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_read *out_read)
{
    static const struct {
        const char *word;
        enum sf_read_kind kind;
    } words[] = {{"stop", SF_READ_STOP},
                 {"resume", SF_READ_RESUME},
                 {"discard", SF_READ_DISCARD}};
    struct rate rate = {0, 0};
    struct sf_slice interval = text;
    struct sf_slice amount = sf_slice_trim(sf_slice_cut(&interval, '/'));

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (sf_slice_eq_str(text, words[i].word)) {
            *out_read = (struct sf_read){.kind = words[i].kind};
            return true;
        }
    }
    if (interval.ptr == NULL) {
        sf_loader_error(loader, place,
                        "it is `stop`, `resume`, `discard`, or octets an "
                        "interval such as `1K/1s`",
                        "`read` cannot be `%.*s`", SF_SLICE_ARG(text));
        return false;
    }
    if (!parse_rate(loader, place, "read", amount, interval, &rate)) {
        return false;
    }
    *out_read = (struct sf_read){.kind = SF_READ_RATE,
                                 .octets = rate.octets,
                                 .interval_us = rate.interval_us};
    return true;
}
