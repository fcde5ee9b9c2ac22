/* violation.c - the values of the condition `violation`: ids of the rules that
 * a client has to meet, as far as one session shows them. */
#include "scenario/violation.h"

#include "base/pattern.h"
#include "base/slice.h"
#include "base/suggestion.h"
#include "conduct/conduct.h"

static bool check_id(struct sf_loader *loader,
                     const struct sf_place *place,
                     struct sf_slice id)
{
    const struct sf_conduct_rule *rule = sf_conduct_find(id);
    struct sf_suggestion suggestion;

    if (rule != NULL && sf_conduct_is_watched(rule)) {
        return true;
    }
    if (rule != NULL) {
        sf_loader_error(loader, place,
                        "`smtpfault explain` tells of each rule where it is "
                        "seen",
                        "`%s` is never seen broken within one session",
                        rule->id);
        return false;
    }
    sf_suggestion_init(&suggestion, id);
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        sf_suggestion_offer(&suggestion,
                            sf_conduct_get((enum sf_conduct_id)i)->id);
    }
    sf_loader_error(
        loader, place,
        sf_suggestion_hint(&suggestion, loader,
                           "for example `SEQ-07`, `DAT-*` or `any`"),
        "`%.*s` is no rule for clients", SF_SLICE_ARG(id));
    return false;
}

static bool check_glob(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_pattern *pattern)
{
    struct sf_pattern item = *pattern;
    const struct sf_list list = {&item, 1};

    item.is_negated = false;
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const struct sf_conduct_rule *rule =
            sf_conduct_get((enum sf_conduct_id)i);

        if (sf_conduct_is_watched(rule) &&
            sf_list_matches(&list, sf_slice_str(rule->id))) {
            return true;
        }
    }
    sf_loader_error(loader, place, "for example `SEQ-07`, `DAT-*` or `any`",
                    "`%.*s` matches no rule that is seen broken within one "
                    "session",
                    SF_SLICE_ARG(pattern->text));
    return false;
}

bool sf_violation_check(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_pattern *pattern)
{
    if (pattern->kind == SF_PATTERN_LITERAL &&
        sf_slice_eq_str_nocase(pattern->text, "any")) {
        pattern->kind = SF_PATTERN_GLOB;
        pattern->text = sf_slice_str("*");
    }
    if (pattern->kind == SF_PATTERN_GLOB) {
        return check_glob(loader, place, pattern);
    }
    return check_id(loader, place, pattern->text);
}
