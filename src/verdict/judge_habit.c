/* judge_habit.c - what clients do in sessions: QUIT and the like, AUTH, waits,
 * rules that fire, client rules that are broken. */
#include <string.h>

#include "base/slice.h"
#include "verdict/judging.h"

static const char *const advice_quit =
    "RFC 5321 4.1.1.10: a client says QUIT before it closes the connection";

/* What is asked of each key. */
static const struct {
    size_t offset; /* of the custom in struct sf_history */
    const char *command;
    const char *advice; /* for those that do not */
} habits[SF_EXPECT_COUNT] = {
    [SF_EXPECT_QUIT] = {offsetof(struct sf_history, quit), "QUIT", advice_quit},
    [SF_EXPECT_RSET] = {offsetof(struct sf_history, rset), "RSET", NULL},
    [SF_EXPECT_STARTTLS] = {offsetof(struct sf_history, starttls), "STARTTLS",
                            NULL},
};

static enum sf_habit find_habit(const struct sf_custom *custom)
{
    if (custom->with == 0) {
        return SF_HABIT_NEVER;
    }
    return custom->without == 0 ? SF_HABIT_ALWAYS : SF_HABIT_SOMETIMES;
}

/* `sometimes` is one session at least; a run of one session may be that. */
static bool is_habit(const struct sf_custom *custom, enum sf_habit habit)
{
    switch (habit) {
    case SF_HABIT_ALWAYS:
        return custom->without == 0;
    case SF_HABIT_NEVER:
        return custom->with == 0;
    default:
        return custom->with > 0;
    }
}

void sf_judge_habit(struct sf_judging *judging,
                    const struct sf_expectation *expectation,
                    struct sf_result *result)
{
    enum sf_habit habit = expectation->u.habit;
    const char *base = (const char *)judging->history;
    const struct sf_custom *custom =
        (const struct sf_custom *)(const void *)(base + habits[expectation->key]
                                                            .offset);

    uint64_t all = custom->with + custom->without;

    result->actual = sf_habit_word(find_habit(custom));
    if (all == 0) {
        result->actual = "no session";
    }
    if (is_habit(custom, habit)) {
        return;
    }
    result->standing = SF_STANDING_FAILED;
    result->text = sf_judging_printf(judging, "%llu of %llu sessions sent %s",
                                     (unsigned long long)custom->with,
                                     (unsigned long long)all,
                                     habits[expectation->key].command);
    result->advice =
        habit == SF_HABIT_ALWAYS ? habits[expectation->key].advice : NULL;
    sf_judging_show(judging, result,
                    habit == SF_HABIT_NEVER ? &custom->first_with
                                            : &custom->first_without);
}

void sf_judge_plaintext(struct sf_judging *judging,
                        const struct sf_expectation *expectation,
                        struct sf_result *result)
{
    bool is_auth = expectation->key == SF_EXPECT_PLAINTEXT_AUTH;
    const struct sf_slip *slip = is_auth ? &judging->history->plaintext_auth
                                         : &judging->history->plaintext_mail;

    if (slip->count == 0) {
        result->actual = "never";
        return;
    }
    result->actual =
        sf_judging_printf(judging, "%llu", (unsigned long long)slip->count);
    result->standing = SF_STANDING_FAILED;
    result->text = is_auth ? "credentials were sent outside TLS"
                           : "mail was sent outside TLS";
    result->advice = is_auth ? "everybody on the way can read them; RFC 4954 9 "
                               "and RFC 8314 4.1 have TLS come first"
                             : "everybody on the way can read it; a client "
                               "that has to have TLS says QUIT without it";
    sf_judging_show(judging, result, &slip->first);
}

void sf_judge_auth_attempts(struct sf_judging *judging,
                            const struct sf_expectation *expectation,
                            struct sf_result *result)
{
    const struct sf_history *history = judging->history;

    sf_judging_count(judging, expectation, result, history->auth_count);
    if (result->standing == SF_STANDING_FAILED && history->auth_count > 0) {
        sf_judging_show(judging, result, &history->auths.first);
    }
}

void sf_judge_mechanism(struct sf_judging *judging,
                        const struct sf_expectation *expectation,
                        struct sf_result *result)
{
    const struct sf_history *history = judging->history;
    const char *text = "";

    for (size_t i = 0; i < history->mechanism_count; i++) {
        const struct sf_mechanism_use *use = &history->mechanisms[i];
        const char *name = use->name[0] != '\0' ? use->name : "unknown";

        text =
            sf_judging_printf(judging, "%s%s%s", text, i > 0 ? ", " : "", name);
        if (result->standing == SF_STANDING_MET &&
            !sf_list_matches(&expectation->u.list, sf_slice_str(use->name))) {
            result->standing = SF_STANDING_FAILED;
            result->text =
                sf_judging_printf(judging, "AUTH was tried with %s", name);
            sf_judging_show(judging, result, &use->first);
        }
    }
    result->actual = text;
    if (history->mechanism_count == 0) {
        result->actual = "none";
        result->standing = SF_STANDING_UNREACHED;
        result->text = "no client tried AUTH";
    }
}

/* Client rules. */

static bool is_listed(const struct sf_expectation *expectation, const char *id)
{
    for (size_t i = 0; i < expectation->u.violations.id_count; i++) {
        if (strcmp(expectation->u.violations.ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_tolerated(const struct sf_expectation *expectation,
                         const struct sf_breach *breach)
{
    bool is_must = strcmp(breach->level, "MUST") == 0;
    bool is_should = strcmp(breach->level, "SHOULD") == 0;

    if (expectation->u.violations.tolerance == SF_TOLERATES_NOTHING) {
        return !is_must && !is_should;
    }
    return !is_must || is_listed(expectation, breach->id);
}

void sf_judge_violations(struct sf_judging *judging,
                         const struct sf_expectation *expectation,
                         struct sf_result *result)
{
    const struct sf_history *history = judging->history;
    const char *text = "";
    size_t count = 0;

    for (size_t i = 0; i < history->breach_count; i++) {
        const struct sf_breach *breach = &history->breaches[i];
        uint64_t line = breach->first.line;
        const struct sf_mark mark = {breach->first.session,
                                     line > 2 ? line - 2 : 1, line + 1};

        if (is_tolerated(expectation, breach)) {
            continue;
        }
        text = sf_judging_printf(judging, "%s%s%s", text, count > 0 ? ", " : "",
                                 breach->id);
        if (count++ == 0) {
            result->standing = SF_STANDING_FAILED;
            result->text = sf_judging_printf(
                judging, "%s (%s), %llu times: %s", breach->id, breach->level,
                (unsigned long long)breach->count, breach->text);
            result->advice = sf_judging_printf(judging, "%s", breach->rfc);
            sf_judging_show(judging, result, &mark);
        }
    }
    result->actual = count > 0 ? text : "none";
}

/* Rules. */

static void fail_waited(struct sf_judging *judging,
                        const struct sf_expectation *expectation,
                        const struct sf_wait *wait,
                        uint64_t us,
                        struct sf_result *result)
{
    const struct sf_selector *selector = &expectation->u.selector;
    bool is_short = selector->kind == SF_SELECTOR_RANGE && us < selector->low;

    if (is_short && !wait->is_over) {
        /* It might have waited long enough. */
        if (result->standing == SF_STANDING_MET) {
            result->standing = SF_STANDING_UNREACHED;
            result->text = sf_judging_printf(
                judging,
                "the run ended while the client still waited, after %s",
                sf_judging_value(judging, expectation, us));
        }
        return;
    }
    result->standing = SF_STANDING_FAILED;
    result->text = sf_judging_printf(
        judging, "expected the client to bear it for %s, it did for %s",
        sf_judging_wish(judging, expectation, selector),
        sf_judging_value(judging, expectation, us));
    result->advice = is_short ? "RFC 5321 4.5.3.2 has a client wait 5 minutes "
                                "for most replies, 10 for that to the message"
                              : NULL;
    sf_judging_show(judging, result, &wait->where);
}

void sf_judge_waited(struct sf_judging *judging,
                     const struct sf_expectation *expectation,
                     struct sf_result *result)
{
    const struct sf_history *history = judging->history;
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < history->wait_count; i++) {
        const struct sf_wait *wait = &history->waits[i];
        uint64_t us = sf_judging_scale(judging, wait->us);

        if (strcmp(wait->rule, expectation->rule) != 0) {
            continue;
        }
        least = us < least ? us : least;
        if (!sf_selector_matches(&expectation->u.selector, us) &&
            result->standing != SF_STANDING_FAILED) {
            fail_waited(judging, expectation, wait, us, result);
        }
    }
    if (least == UINT64_MAX) {
        result->actual = "none";
        result->standing = SF_STANDING_UNREACHED;
        result->text = "the rule did not fire";
        return;
    }
    result->actual = sf_judging_value(judging, expectation, least);
}

static bool is_too_few(const struct sf_selector *selector, uint64_t count)
{
    return selector->kind == SF_SELECTOR_RANGE ? count < selector->low
                                               : count < selector->from;
}

void sf_judge_fired(struct sf_judging *judging,
                    const struct sf_expectation *expectation,
                    struct sf_result *result)
{
    const struct sf_firings *firings =
        sf_history_find_firings(judging->history, expectation->rule);
    uint64_t count = firings == NULL ? 0 : firings->count;

    sf_judging_count(judging, expectation, result, count);
    if (result->standing == SF_STANDING_MET) {
        return;
    }
    if (is_too_few(&expectation->u.selector, count)) {
        result->standing = SF_STANDING_UNREACHED;
        result->text = sf_judging_printf(
            judging, "the rule was not reached: it fired %llu times of %s",
            (unsigned long long)count,
            sf_judging_wish(judging, expectation, &expectation->u.selector));
    }
    if (firings != NULL) {
        sf_judging_show(judging, result,
                        expectation->u.selector.end == 1 ? &firings->first
                                                         : &firings->last);
    }
}
