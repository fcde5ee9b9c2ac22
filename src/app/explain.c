/* explain.c - finds what a topic is, and what is wrong with one that is
 * nothing. */
#include "app/explain.h"

#include <string.h>

#include "app/explain_page.h"
#include "base/slice.h"
#include "base/suggestion.h"
#include "base/text.h"

/* Octets of a topic that a message shows. */
#define SHOWN_MAX 40

#define CODE_LEN       3
#define CODE_FIRST_MIN 2
#define CODE_FIRST_MAX 5

/* Messages. */

static void put_topic(struct sf_buf *message, struct sf_slice topic)
{
    const size_t len = topic.len < SHOWN_MAX ? topic.len : SHOWN_MAX;

    sf_buf_putc(message, '`');
    sf_text_put_printable(message, sf_slice(topic.ptr, len));
    sf_buf_puts(message, len < topic.len ? "...`" : "`");
}

/* The neighbours in the table of a code that is not there. */
static void put_near_codes(struct sf_buf *message, int code)
{
    size_t next = 0;

    while (next < sf_code_count() && sf_code_at(next)->code < code) {
        next++;
    }
    if (next == 0 || next == sf_code_count()) {
        sf_buf_printf(message, "%d",
                      sf_code_at(next == 0 ? 0 : next - 1)->code);
    } else {
        sf_buf_printf(message, "%d or %d", sf_code_at(next - 1)->code,
                      sf_code_at(next)->code);
    }
}

static void tell_of_code(struct sf_buf *message, int code)
{
    const int first = code / 100;
    const int second = code / 10 % 10;
    const char *category = sf_code_category_text(second);

    if (sf_code_class_text(first) == NULL) {
        sf_buf_printf(message,
                      " is no reply code: the first digit is %d to %d, and a "
                      "client that meets another ends the transaction (RFC "
                      "5321 4.2); try ",
                      CODE_FIRST_MIN, CODE_FIRST_MAX);
    } else {
        sf_buf_printf(message,
                      " is no known reply code: %dyz means `%s`, x%dz %s (RFC "
                      "5321 4.2.1); try ",
                      first, sf_code_class_text(first), second,
                      category ? category : "nothing");
    }
    put_near_codes(message, code);
}

/* The last detail of the subject that the registry has. */
static unsigned find_last_detail(unsigned subject)
{
    unsigned last = 0;

    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        if (info->subject == subject && info->owner[0] == '\0') {
            last = info->last;
        }
    }
    return last;
}

static void tell_of_enhanced(struct sf_buf *message,
                             const struct sf_enhanced *enhanced)
{
    const char *subject = sf_enhanced_subject_text(enhanced->subject);

    sf_buf_puts(message, " is no known enhanced code: ");
    if (subject == NULL) {
        sf_buf_puts(message, "its subject is 0 to 7 (RFC 3463 3)");
    } else if (enhanced->class >= 0 &&
               sf_enhanced_class_text(enhanced->class) == NULL) {
        sf_buf_puts(message,
                    "its class is 2, 4 or 5, or X for any (RFC 3463 "
                    "2)");
    } else {
        sf_buf_printf(message,
                      "subject %u is `%s`, where the registry has X.%u.0 to "
                      "X.%u.%u",
                      enhanced->subject, subject, enhanced->subject,
                      enhanced->subject, find_last_detail(enhanced->subject));
    }
}

static const char *find_nearest(struct sf_slice topic)
{
    struct sf_suggestion nearest;

    sf_suggestion_init(&nearest, topic);
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        sf_suggestion_offer(&nearest, sf_event_get((enum sf_event)i)->name);
    }
    for (unsigned i = 0; i < SF_CONDUCT_GROUP_COUNT; i++) {
        sf_suggestion_offer(&nearest,
                            sf_conduct_group_name((enum sf_conduct_group)i));
    }
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        sf_suggestion_offer(&nearest,
                            sf_conduct_get((enum sf_conduct_id)i)->id);
    }
    return nearest.name;
}

/* `PIP-99`: the group is right, the number is not. */
static bool tell_of_rule(struct sf_buf *message, struct sf_slice topic)
{
    struct sf_slice rest = topic;
    const enum sf_conduct_group group =
        sf_conduct_find_group(sf_slice_cut(&rest, '-'));
    const char *last = NULL;

    if (group == SF_CONDUCT_GROUP_COUNT) {
        return false;
    }
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        if (sf_conduct_get((enum sf_conduct_id)i)->group == group) {
            last = sf_conduct_get((enum sf_conduct_id)i)->id;
        }
    }
    sf_buf_printf(message, " is no client rule: those of `%s` go up to %s",
                  sf_conduct_group_name(group), last);
    return true;
}

static void tell_of_word(struct sf_buf *message, struct sf_slice topic)
{
    const char *nearest = NULL;

    if (tell_of_rule(message, topic)) {
        return;
    }
    sf_buf_puts(message, " is nothing to explain: ");
    nearest = find_nearest(topic);
    if (nearest != NULL) {
        sf_buf_printf(message, "did you mean `%s`?", nearest);
    } else {
        sf_buf_puts(message,
                    "give a reply code (452), an enhanced code "
                    "(4.2.2), an event (RCPT) or a client rule "
                    "(PIP-01)");
    }
}

/* Topics. */

static bool parse_code(struct sf_slice topic, int *out_code)
{
    uint64_t number = 0;

    if (topic.len != CODE_LEN || sf_slice_parse_u64(topic, &number) != 0) {
        return false;
    }
    *out_code = (int)number;
    return true;
}

/* A word: an event, a rule or a group. */
static bool explain_word(struct sf_slice topic, struct sf_buf *page)
{
    const struct sf_conduct_rule *rule = sf_conduct_find(topic);
    const enum sf_conduct_group group = sf_conduct_find_group(topic);

    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if (sf_slice_eq_str_nocase(topic,
                                   sf_event_get((enum sf_event)i)->name)) {
            sf_explain_event((enum sf_event)i, page);
            if (group != SF_CONDUCT_GROUP_COUNT) { /* TLS is both */
                sf_buf_putc(page, '\n');
                sf_explain_group(group, page);
            }
            return true;
        }
    }
    if (sf_slice_eq_str_nocase(topic, "ANY")) {
        sf_explain_any(page);
    } else if (rule != NULL) {
        sf_explain_rule(rule, page);
    } else if (group != SF_CONDUCT_GROUP_COUNT) {
        sf_explain_group(group, page);
    } else {
        return false;
    }
    return true;
}

/* Writes the page, or what is wrong. */
static bool explain_topic(struct sf_slice topic,
                          struct sf_buf *page,
                          struct sf_buf *message)
{
    struct sf_enhanced enhanced;
    bool is_known = false;
    int code = 0;

    put_topic(message, topic);
    if (parse_code(topic, &code)) {
        const struct sf_code_info *info = sf_code_find(code);

        is_known = info != NULL;
        if (is_known) {
            sf_explain_code(info, page);
        } else {
            tell_of_code(message, code);
        }
    } else if (sf_enhanced_parse(topic, &enhanced) == 0) {
        is_known = sf_explain_enhanced(&enhanced, page);
        if (!is_known) {
            tell_of_enhanced(message, &enhanced);
        }
    } else {
        is_known = explain_word(topic, page);
        if (!is_known) {
            tell_of_word(message, topic);
        }
    }
    return is_known;
}

int sf_explain(struct sf_slice topic,
               struct sf_buf *out,
               char *error,
               size_t error_size)
{
    struct sf_buf message;
    bool is_known = false;

    sf_buf_init(&message, error_size - 1);
    is_known = explain_topic(topic, out, &message);
    if (!is_known) {
        if (message.len > 0) {
            memcpy(error, message.ptr, message.len);
        }
        error[message.len] = '\0';
    }
    sf_buf_fini(&message);
    return is_known ? out->failed : SF_ENOTFOUND;
}
