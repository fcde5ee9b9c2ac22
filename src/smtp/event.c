/* event.c - the table of events and the ways to look one up. */
#include "smtp/event.h"

#include "base/slice.h"

static const struct sf_event_info events[SF_EVENT_COUNT] = {
#define X(name, text, scope, flags, answer, rfc, meaning)                      \
    {(text), SF_SCOPE_##scope, (flags), (answer), (rfc), (meaning)},
#include "smtp/event.def"
#undef X
};

const struct sf_event_info *sf_event_get(enum sf_event event)
{
    return &events[event];
}

sf_event_set sf_event_find(struct sf_slice name)
{
    const bool is_any = sf_slice_eq_str(name, "ANY");
    sf_event_set found = 0;

    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const bool is_command = (events[i].flags & SF_EVENT_COMMAND) != 0;

        if ((is_any && is_command) || sf_slice_eq_str(name, events[i].name)) {
            found |= SF_EVENT_BIT(i);
        }
    }
    return found;
}

enum sf_event sf_event_of_verb(struct sf_slice verb)
{
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if ((events[i].flags & SF_EVENT_COMMAND) != 0 &&
            sf_slice_eq_str_nocase(verb, events[i].name)) {
            return (enum sf_event)i;
        }
    }
    return SF_EVENT_UNKNOWN;
}

bool sf_event_is_line(enum sf_event event)
{
    return (events[event].flags & SF_EVENT_COMMAND) != 0 ||
           event == SF_EVENT_AUTH_RESPONSE;
}

bool sf_event_is_hello(enum sf_event event)
{
    return event == SF_EVENT_EHLO || event == SF_EVENT_HELO ||
           event == SF_EVENT_LHLO;
}
