/* condition.c - conditions against facts.
 *
 * Which fact a condition looks at depends on its kind, how it is compared and
 * shown on the type of its value only. */
#include "rule/condition.h"

#include "base/pattern.h"
#include "base/text.h"

static const struct sf_condition_info infos[SF_CONDITION_COUNT] = {
#define X(name, key, type, scope)                                              \
    [SF_CONDITION_##name] = {(key), SF_CONDITION_IS_##type, SF_SCOPE_##scope},
    SF_CONDITION_MAP(X)
#undef X
};

const struct sf_condition_info *sf_condition_get(enum sf_condition_kind kind)
{
    return &infos[kind];
}

bool sf_condition_is_counted(enum sf_condition_kind kind)
{
    return kind >= SF_CONDITION_FIRST_COUNTED;
}

unsigned sf_condition_first(enum sf_condition_kind kind)
{
    return kind == SF_CONDITION_SESSION || kind == SF_CONDITION_NTH ||
           kind == SF_CONDITION_CONCURRENT || kind == SF_CONDITION_ATTEMPT ||
           kind == SF_CONDITION_RATE;
}

static struct sf_fact text_fact(bool is_known, const struct sf_slice *text)
{
    return (struct sf_fact){is_known, text, 1, 0};
}

static struct sf_fact number_fact(uint64_t number)
{
    return (struct sf_fact){true, NULL, 0, number};
}

/* A field that is not there is not known: no list holds for it. */
static struct sf_fact header_fact(const struct sf_condition *condition,
                                  const struct sf_subject *subject)
{
    struct sf_fact fact = {false, NULL, 0, 0};

    if (subject->header != NULL) {
        fact.texts =
            sf_header_find(subject->header, condition->name, &fact.text_count);
        fact.is_known = fact.text_count > 0;
    }
    return fact;
}

static struct sf_fact nth_fact(const struct sf_condition *condition,
                               const struct sf_subject *subject)
{
    struct sf_fact fact = number_fact(subject->nth);

    if (condition->is_by_key) {
        fact.number = subject->nth_of[condition->key];
        fact.is_known = fact.number > 0;
    }
    return fact;
}

struct sf_fact sf_condition_fact(const struct sf_condition *condition,
                                 const struct sf_subject *subject)
{
    switch (condition->kind) {
    case SF_CONDITION_CLIENT:
        return text_fact(true, &subject->client);
    case SF_CONDITION_LISTENER:
        return text_fact(true, &subject->listener);
    case SF_CONDITION_HELO:
        return text_fact(subject->has_helo, &subject->helo);
    case SF_CONDITION_SENDER:
        return text_fact(subject->has_sender, &subject->sender);
    case SF_CONDITION_RECIPIENT:
        return (struct sf_fact){subject->recipient_count > 0,
                                subject->recipients, subject->recipient_count,
                                0};
    case SF_CONDITION_USER:
        return text_fact(subject->has_user, &subject->user);
    case SF_CONDITION_MECHANISM:
        return text_fact(subject->has_mechanism, &subject->mechanism);
    case SF_CONDITION_HEADER:
        return header_fact(condition, subject);
    case SF_CONDITION_BODY:
        return text_fact(subject->has_body, &subject->body);
    case SF_CONDITION_VIOLATION:
        return (struct sf_fact){subject->violation_count > 0,
                                subject->violations, subject->violation_count,
                                0};
    case SF_CONDITION_SIZE:
        return (struct sf_fact){subject->has_size, NULL, 0, subject->size};
    case SF_CONDITION_LENGTH:
        return (struct sf_fact){subject->length > 0, NULL, 0, subject->length};
    case SF_CONDITION_ARGUMENT:
        return text_fact(subject->has_argument, &subject->argument);
    case SF_CONDITION_ESMTP:
        return number_fact(subject->is_esmtp);
    case SF_CONDITION_AUTHENTICATED:
        return number_fact(subject->is_authenticated);
    case SF_CONDITION_TLS:
        return number_fact(subject->is_tls);
    case SF_CONDITION_SESSION:
        return number_fact(subject->session);
    case SF_CONDITION_TRANSACTION:
        return number_fact(subject->transaction);
    case SF_CONDITION_NTH:
        return nth_fact(condition, subject);
    case SF_CONDITION_CONCURRENT:
        return number_fact(subject->concurrent[condition->key]);
    case SF_CONDITION_AT:
        /* Of the other events of a rule nothing is asked. */
        return number_fact(subject->event == SF_EVENT_BODY
                               ? subject->at_bytes
                               : condition->u.selector.low);
    case SF_CONDITION_AFTER:
        return (struct sf_fact){subject->event == SF_EVENT_IDLE ||
                                    subject->event == SF_EVENT_TIMER,
                                NULL, 0, subject->after_us};
    case SF_CONDITION_STATE:
    case SF_CONDITION_ATTEMPT:
    case SF_CONDITION_AGE:
    case SF_CONDITION_RATE:
    case SF_CONDITION_CHANCE:
    case SF_CONDITION_COUNT:
        break; /* asked of the counters */
    }
    return (struct sf_fact){false, NULL, 0, 0};
}

static bool any_matches(const struct sf_list *list, const struct sf_fact *fact)
{
    for (size_t i = 0; i < fact->text_count; i++) {
        if (sf_list_matches(list, fact->texts[i])) {
            return true;
        }
    }
    return false;
}

bool sf_condition_holds(const struct sf_condition *condition,
                        const struct sf_fact *fact)
{
    if (!fact->is_known) {
        return false;
    }
    switch (infos[condition->kind].type) {
    case SF_CONDITION_IS_LIST:
        return any_matches(&condition->u.list, fact);
    case SF_CONDITION_IS_SWITCH:
        return condition->u.is_on == (fact->number != 0);
    case SF_CONDITION_IS_NUMBER:
    case SF_CONDITION_IS_SIZE:
    case SF_CONDITION_IS_DURATION:
    case SF_CONDITION_IS_RATE:
    case SF_CONDITION_IS_CHANCE:
        break;
    }
    return sf_selector_matches(&condition->u.selector, fact->number);
}

static void put_texts(struct sf_buf *buf, const struct sf_fact *fact)
{
    for (size_t i = 0; i < fact->text_count; i++) {
        sf_buf_puts(buf, i > 0 ? ", " : "");
        sf_text_put_printable(buf, fact->texts[i]);
    }
}

static void put_percent(struct sf_buf *buf, uint64_t drawn)
{
    const uint64_t percent = SF_CHANCE_WHOLE / 100;

    sf_buf_printf(buf, "%u.%04u%%", (unsigned)(drawn / percent),
                  (unsigned)(drawn % percent));
}

void sf_condition_put_fact(struct sf_buf *buf,
                           const struct sf_condition *condition,
                           const struct sf_fact *fact)
{
    switch (infos[condition->kind].type) {
    case SF_CONDITION_IS_LIST:
        put_texts(buf, fact);
        break;
    case SF_CONDITION_IS_SWITCH:
        sf_buf_puts(buf, fact->number != 0 ? "yes" : "no");
        break;
    case SF_CONDITION_IS_DURATION:
        sf_text_put_duration(buf, fact->number);
        break;
    case SF_CONDITION_IS_CHANCE:
        put_percent(buf, fact->number);
        break;
    case SF_CONDITION_IS_NUMBER:
    case SF_CONDITION_IS_SIZE:
    case SF_CONDITION_IS_RATE:
        sf_buf_put_u64(buf, fact->number);
        break;
    }
}
