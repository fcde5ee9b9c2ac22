/* judge.c - the verdict: each expectation against what the clients did.
 *
 * Every key has a row with the function that judges it.  Where nobody
 * connected nothing is proved about a client: what is not met is then not
 * reached. */
#include "verdict/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "verdict/judging.h"

#define TEXT_SIZE_MAX 4096
#define US_PER_MS     UINT64_C(1000)

/* Texts. */

const char *
sf_judging_printf(struct sf_judging *judging, const char *format, ...)
{
    char text[TEXT_SIZE_MAX];
    const char *kept = NULL;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    kept = sf_arena_strdup(judging->arena, text);
    judging->is_out_of_memory |= kept == NULL;
    return kept == NULL ? "" : kept;
}

static const char *keep(struct sf_judging *judging, struct sf_buf *buf)
{
    const char *kept = sf_arena_dup(judging->arena, sf_buf_slice(buf));

    judging->is_out_of_memory |= kept == NULL || buf->failed == SF_ENOMEM;
    sf_buf_fini(buf);
    return kept == NULL ? "" : kept;
}

const char *sf_judging_name(struct sf_judging *judging, uint32_t name)
{
    struct sf_buf buf;

    if (name == SF_NAMELESS) {
        return "";
    }
    sf_buf_init(&buf, TEXT_SIZE_MAX);
    sf_text_put_printable(&buf, judging->history->names[name]);
    return keep(judging, &buf);
}

const char *sf_judging_value(struct sf_judging *judging,
                             const struct sf_expectation *expectation,
                             uint64_t value)
{
    struct sf_buf buf;

    sf_buf_init(&buf, TEXT_SIZE_MAX);
    if (sf_expect_get(expectation->key)->type == SF_EXPECT_IS_DURATION) {
        /* Rounded down: what was not enough does not look it. */
        sf_text_put_duration(&buf, value > US_PER_MS ? value - value % US_PER_MS
                                                     : value);
    } else {
        sf_buf_put_u64(&buf, value);
    }
    return keep(judging, &buf);
}

const char *sf_judging_wish(struct sf_judging *judging,
                            const struct sf_expectation *expectation,
                            const struct sf_selector *selector)
{
    const char *low = NULL;
    const char *high = NULL;

    if (selector->kind == SF_SELECTOR_EVERY) {
        return expectation->text;
    }
    low = sf_judging_value(judging, expectation, selector->low);
    if (selector->end == UINT64_MAX) {
        return sf_judging_printf(judging, "at least %s", low);
    }
    if (selector->end == selector->low + 1) {
        return low;
    }
    if (sf_expect_get(expectation->key)->type == SF_EXPECT_IS_DURATION) {
        /* A bound that is excluded reads better than one less 1 us. */
        return expectation->text;
    }
    high = sf_judging_value(judging, expectation, selector->end - 1);
    return selector->low == 0
               ? sf_judging_printf(judging, "at most %s", high)
               : sf_judging_printf(judging, "%s to %s", low, high);
}

void sf_judging_show(struct sf_judging *judging,
                     struct sf_result *result,
                     const struct sf_mark *mark)
{
    result->evidence =
        sf_dialogue_cut(&judging->history->dialogue, judging->arena, mark,
                        &result->evidence_count);
}

void sf_judging_count(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result,
                      uint64_t number)
{
    const struct sf_selector *selector = &expectation->u.selector;

    result->actual = sf_judging_value(judging, expectation, number);
    if (!sf_selector_matches(selector, number)) {
        result->standing = SF_STANDING_FAILED;
        result->text = sf_judging_printf(
            judging, "expected %s, saw %s",
            sf_judging_wish(judging, expectation, selector), result->actual);
    }
}

uint64_t sf_judging_scale(const struct sf_judging *judging, uint64_t us)
{
    double scaled = (double)us * judging->history->speed;

    return scaled >= 9.2e18 ? UINT64_C(9200000000000000000) : (uint64_t)scaled;
}

/* Counts. */

static void judge_sessions(struct sf_judging *judging,
                           const struct sf_expectation *expectation,
                           struct sf_result *result)
{
    sf_judging_count(judging, expectation, result,
                     judging->history->session_count);
}

static void judge_transactions(struct sf_judging *judging,
                               const struct sf_expectation *expectation,
                               struct sf_result *result)
{
    sf_judging_count(judging, expectation, result,
                     judging->history->transaction_count);
}

static sf_judge_fn *const judges[SF_EXPECT_COUNT] = {
    [SF_EXPECT_SESSIONS] = judge_sessions,
    [SF_EXPECT_TRANSACTIONS] = judge_transactions,
    [SF_EXPECT_MESSAGES] = sf_judge_messages,
    [SF_EXPECT_DUPLICATES] = sf_judge_duplicates,
    [SF_EXPECT_ATTEMPTS] = sf_judge_attempts,
    [SF_EXPECT_GAP] = sf_judge_gap,
    [SF_EXPECT_BACKOFF] = sf_judge_backoff,
    [SF_EXPECT_DELIVERED] = sf_judge_recipients,
    [SF_EXPECT_REFUSED] = sf_judge_recipients,
    [SF_EXPECT_DEFERRED] = sf_judge_recipients,
    [SF_EXPECT_AFTER_PERMANENT] = sf_judge_after_permanent,
    [SF_EXPECT_QUIT] = sf_judge_habit,
    [SF_EXPECT_RSET] = sf_judge_habit,
    [SF_EXPECT_STARTTLS] = sf_judge_habit,
    [SF_EXPECT_PLAINTEXT_AUTH] = sf_judge_plaintext,
    [SF_EXPECT_PLAINTEXT_MAIL] = sf_judge_plaintext,
    [SF_EXPECT_AUTH_ATTEMPTS] = sf_judge_auth_attempts,
    [SF_EXPECT_MECHANISM] = sf_judge_mechanism,
    [SF_EXPECT_OCTETS] = sf_judge_octets,
    [SF_EXPECT_CONTENT] = sf_judge_content,
    [SF_EXPECT_VIOLATIONS] = sf_judge_violations,
    [SF_EXPECT_WAITED] = sf_judge_waited,
    [SF_EXPECT_FIRED] = sf_judge_fired,
    [SF_EXPECT_EXIT] = sf_judge_exit,
    [SF_EXPECT_STDOUT] = sf_judge_output,
    [SF_EXPECT_STDERR] = sf_judge_output,
    [SF_EXPECT_DURATION] = sf_judge_duration,
    [SF_EXPECT_CPU] = sf_judge_cpu,
    [SF_EXPECT_MEMORY] = sf_judge_memory,
    [SF_EXPECT_SECRETS] = sf_judge_secrets,
};

/* Results. */

static const struct sf_expectation default_exit = {
    .key = SF_EXPECT_EXIT,
    .name = "exit",
    .text = "0",
    .is_default = true,
    .u.selector = {.low = 0, .end = 1}};

static const struct sf_expectation default_sessions = {
    .key = SF_EXPECT_SESSIONS,
    .name = "sessions",
    .text = "1..",
    .is_default = true,
    .u.selector = {.low = 1, .end = UINT64_MAX}};

/* What was seen may not be all. */
static const struct sf_result too_long = {
    .key = "limits",
    .expected = "the whole run",
    .actual = "its beginning",
    .standing = SF_STANDING_UNREACHED,
    .text = "the run was too long to be judged as a whole",
    .advice = "make it shorter: see Limits in smtpfault(1)"};

/* Those above. */
#define EXTRA_RESULTS 3

static bool has_key(const struct sf_expectations *expectations,
                    enum sf_expect_key key)
{
    for (size_t i = 0; i < expectations->count; i++) {
        if (expectations->items[i].key == key) {
            return true;
        }
    }
    return false;
}

static bool was_command(const struct sf_history *history)
{
    return history->command != NULL || history->exit.is_known;
}

/* What is not there cannot fail. */
static void excuse(const struct sf_judging *judging,
                   const struct sf_expectation *expectation,
                   struct sf_result *result)
{
    bool needs_client =
        sf_expect_get(expectation->key)->needs == SF_EXPECT_NEEDS_CLIENT;

    if (result->standing == SF_STANDING_FAILED && needs_client &&
        judging->history->session_count == 0) {
        result->standing = SF_STANDING_UNREACHED;
        result->text = "nobody connected";
        result->advice = NULL;
    }
}

/* `exit = 0..` asks for no command. */
static bool is_any_exit(const struct sf_expectation *expectation)
{
    const struct sf_selector *selector = &expectation->u.selector;

    return expectation->key == SF_EXPECT_EXIT &&
           selector->kind == SF_SELECTOR_RANGE && selector->low == 0 &&
           selector->end == UINT64_MAX;
}

static void judge_one(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result)
{
    *result = (struct sf_result){.label = expectation->label,
                                 .key = expectation->name,
                                 .expected = expectation->text,
                                 .actual = "",
                                 .path = expectation->path,
                                 .line = expectation->line};
    if (sf_expect_get(expectation->key)->needs == SF_EXPECT_NEEDS_COMMAND &&
        !judging->history->exit.is_known) {
        result->actual = "none";
        if (is_any_exit(expectation) && !was_command(judging->history)) {
            return;
        }
        result->standing = SF_STANDING_UNREACHED;
        result->text = was_command(judging->history)
                           ? "the journal does not tell how the command ended"
                           : "there was no command under test";
        return;
    }
    judges[expectation->key](judging, expectation, result);
    excuse(judging, expectation, result);
}

static void judge_all(struct sf_judging *judging,
                      struct sf_result *results,
                      struct sf_outcome *outcome)
{
    const struct sf_expectations *expectations = judging->expectations;
    size_t count = 0;

    for (size_t i = 0; i < expectations->count; i++) {
        judge_one(judging, &expectations->items[i], &results[count++]);
    }
    if (was_command(judging->history) &&
        !has_key(expectations, SF_EXPECT_EXIT)) {
        judge_one(judging, &default_exit, &results[count++]);
    }
    if (judging->history->session_count == 0 &&
        !has_key(expectations, SF_EXPECT_SESSIONS)) {
        judge_one(judging, &default_sessions, &results[count++]);
    }
    if (judging->history->has_overflowed) {
        results[count++] = too_long;
    }
    for (size_t i = 0; i < count; i++) {
        outcome->failed += results[i].standing == SF_STANDING_FAILED;
        outcome->unreached += results[i].standing == SF_STANDING_UNREACHED;
    }
    outcome->results = results;
    outcome->result_count = count;
}

static void fill_outcome(const struct sf_history *history,
                         struct sf_outcome *outcome)
{
    outcome->command = history->command;
    outcome->breaches = history->breaches;
    outcome->breach_count = history->breach_count;
    outcome->sessions = history->session_count;
    outcome->messages = history->message_count;
    outcome->duration_us = history->end_us - history->begin_us;
    outcome->wall_clock = history->wall_clock;
    outcome->seed = history->seed;
    outcome->speed = history->speed;
    outcome->exit_status = outcome->failed > 0      ? SF_VERDICT_FAILED
                           : outcome->unreached > 0 ? SF_VERDICT_UNREACHED
                                                    : SF_VERDICT_MET;
}

bool sf_judge_is_wanted(const struct sf_expectations *expectations,
                        const struct sf_history *history)
{
    return expectations->is_asked || was_command(history);
}

int sf_judge(struct sf_history *history,
             const struct sf_expectations *expectations,
             struct sf_judgement *out_judgement)
{
    struct sf_judgement judgement = {.outcome = {.title = NULL}};
    struct sf_judging judging = {
        .arena = &judgement.arena,
        .history = history,
        .expectations = expectations,
    };
    struct sf_result *results = NULL;
    int err = sf_judging_match(&judging);

    sf_arena_init(&judgement.arena);
    results =
        sf_arena_alloc(&judgement.arena, (expectations->count + EXTRA_RESULTS) *
                                             sizeof(*results));
    if (err == 0 && results != NULL) {
        judge_all(&judging, results, &judgement.outcome);
        fill_outcome(history, &judgement.outcome);
    }
    free(judging.tries);
    if (err != 0 || results == NULL || judging.is_out_of_memory) {
        sf_judgement_fini(&judgement);
        return SF_ENOMEM;
    }
    *out_judgement = judgement;
    return 0;
}

void sf_judgement_fini(struct sf_judgement *judgement)
{
    sf_arena_fini(&judgement->arena);
    *judgement = (struct sf_judgement){0};
}

/* Records. */

static int put_result(const struct sf_result *result,
                      const struct sf_sink *sink,
                      uint64_t now_us)
{
    struct sf_record record = {.type = SF_RECORD_EXPECTATION, .t_us = now_us};
    uint64_t lines[SF_DIALOGUE_SHOWN_MAX];
    size_t count = 0;

    /* Lines of a reply stand in one line of the journal. */
    for (size_t i = 0; i < result->evidence_count; i++) {
        if (count == 0 || lines[count - 1] != result->evidence[i].line) {
            lines[count++] = result->evidence[i].line;
        }
    }
    record.u.expectation.label = result->label;
    record.u.expectation.key = result->key;
    record.u.expectation.expected = result->expected;
    record.u.expectation.actual = result->actual;
    record.u.expectation.ok = result->standing == SF_STANDING_MET;
    record.u.expectation.is_unreached =
        result->standing == SF_STANDING_UNREACHED;
    record.u.expectation.lines = lines;
    record.u.expectation.line_count = count;
    return sf_sink_put(sink, &record);
}

int sf_judgement_put(const struct sf_judgement *judgement,
                     const struct sf_sink *sink,
                     uint64_t now_us)
{
    int err = 0;

    for (size_t i = 0; i < judgement->outcome.result_count && err == 0; i++) {
        err = put_result(&judgement->outcome.results[i], sink, now_us);
    }
    return err;
}

size_t sf_judge_find_waited(const struct sf_expectations *expectations,
                            const char **room)
{
    size_t count = 0;

    for (size_t i = 0; i < expectations->count; i++) {
        if (expectations->items[i].key == SF_EXPECT_WAITED) {
            room[count++] = expectations->items[i].rule;
        }
    }
    return count;
}
