/* head.c - the name of a rule's section. */
#include "scenario/head.h"

#include "scenario/keys.h"

void sf_head_suggest(struct sf_suggestion *suggestion)
{
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        sf_suggestion_offer(suggestion, sf_event_get((enum sf_event)i)->name);
    }
    sf_suggestion_offer(suggestion, "ANY");
}

const struct sf_event_info *sf_head_first(sf_event_set events)
{
    unsigned i = 0;

    while (i + 1 < SF_EVENT_COUNT && !(events & SF_EVENT_BIT(i))) {
        i++;
    }
    return sf_event_get((enum sf_event)i);
}

static bool report_unknown(struct sf_loader *loader,
                           const struct sf_place *place,
                           struct sf_slice word)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, word);
    sf_head_suggest(&suggestion);
    sf_keys_suggest_section(&suggestion);
    sf_loader_error(loader, place,
                    sf_suggestion_hint(&suggestion, loader,
                                       "the greeting is `CONNECT`, the end of "
                                       "the message `MESSAGE`, any command "
                                       "`ANY`; a label is lower case"),
                    "there is no event `%.*s`", SF_SLICE_ARG(word));
    return false;
}

static bool add_event(struct sf_loader *loader,
                      const struct sf_place *place,
                      struct sf_slice word,
                      struct sf_head *head)
{
    sf_event_set events = sf_event_find(word);
    bool is_any = sf_slice_eq_str(word, "ANY");

    if (events == 0) {
        return report_unknown(loader, place, word);
    }
    if (head->label.len > 0) {
        sf_loader_error(loader, place, "write `[EVENT EVENT label]`",
                        "the event `%.*s` stands behind the label `%.*s`",
                        SF_SLICE_ARG(word), SF_SLICE_ARG(head->label));
        return false;
    }
    if ((head->events & events) == events) {
        sf_loader_error(loader, place, "name each event once",
                        "the event `%.*s` is there already",
                        SF_SLICE_ARG(word));
        return false;
    }
    head->events |= events;
    head->named |= is_any ? 0 : events;
    return true;
}

static bool add_label(struct sf_loader *loader,
                      const struct sf_place *place,
                      struct sf_slice word,
                      struct sf_head *head)
{
    if (!sf_slice_is_name(word)) {
        sf_loader_error(loader, place, "join its words with `-`",
                        "a label has letters, digits, `-`, `_` and `.`, which "
                        "`%.*s` has not",
                        SF_SLICE_ARG(word));
        return false;
    }
    if (head->label.len > 0) {
        sf_loader_error(loader, place, "join the words with `-`",
                        "a rule has one label, not `%.*s` and `%.*s`",
                        SF_SLICE_ARG(head->label), SF_SLICE_ARG(word));
        return false;
    }
    head->label = word;
    return true;
}

bool sf_head_parse(struct sf_loader *loader,
                   const struct sf_place *place,
                   struct sf_slice name,
                   struct sf_head *out_head)
{
    struct sf_head head = {0};
    bool is_ok = true;

    while ((name = sf_slice_skip_blanks(name)).len > 0) {
        struct sf_slice word = sf_slice_cut_word(&name);
        bool is_event = word.ptr[0] >= 'A' && word.ptr[0] <= 'Z';

        if (head.first.len == 0) {
            head.first = word;
        }
        if (is_event ? !add_event(loader, place, word, &head)
                     : !add_label(loader, place, word, &head)) {
            is_ok = false;
        }
    }
    *out_head = head;
    return is_ok;
}
