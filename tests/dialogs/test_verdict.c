/* test_verdict.c - the verdict of a live run and the one from its journal, over
 * every dialog. */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "../support/dialog.h"
#include "journal/jsonl.h"
#include "journal/read.h"
#include "scenario/scenario.h"
#include "verdict/judge.h"

#define ERROR_SIZE    1024
#define OUTCOME_LIMIT (1u << 20)
#define WAITED_MAX    16

/* Some are met, some are not: what counts is that both say the same. */
static const struct sf_setting expectations[] = {
    {"sessions", "1"},
    {"transactions", "1..2"},
    {"messages", "1"},
    {"duplicates", "0"},
    {"attempts", "2..3"},
    {"gap", ">=1s"},
    {"backoff", "growing"},
    {"delivered", "*@example.com"},
    {"refused", "0"},
    {"deferred", "1.."},
    {"after-permanent", "stop"},
    {"quit", "always"},
    {"rset", "never"},
    {"starttls", "sometimes"},
    {"plaintext-auth", "never"},
    {"plaintext-mail", "never"},
    {"auth-attempts", "0"},
    {"mechanism", "PLAIN"},
    {"octets", "1..100"},
    {"violations", "strict"},
};

/* The same run, seen twice. */
struct twins {
    struct sf_history live;
    struct sf_history saved;
    struct sf_journal_reader reader;
    const struct sf_scenario *scenario;
    uint64_t line;
    char *live_text; /* what it came to */
    char *saved_text;
    size_t results;
    size_t failed;
};

static int add(void *ctx, const struct sf_record *record)
{
    struct twins *twins = ctx;
    struct sf_record read;
    struct sf_buf json;
    struct sf_slice line;

    twins->line++;
    cr_assert_eq(sf_history_add(&twins->live, record, twins->line), 0);
    sf_buf_init(&json, SIZE_MAX);
    sf_jsonl_put(&json, record);
    line = sf_buf_slice(&json);
    line.len--; /* the newline */
    cr_assert_eq(sf_journal_read(&twins->reader, line, &read), 0, "%s: %.*s",
                 twins->reader.error, (int)line.len, line.ptr);
    cr_assert_eq(sf_history_add(&twins->saved, &read, twins->line), 0);
    sf_buf_fini(&json);
    return 0;
}

static void begin(void *ctx,
                  const struct sf_scenario *scenario,
                  uint64_t seed,
                  double speed)
{
    struct twins *twins = ctx;
    const struct sf_record record = {
        .type = SF_RECORD_RUN,
        .u.run = {.version = "x",
                  .seed = seed,
                  .speed = speed,
                  .wall_clock = "2026-11-22T01:50:45Z"}};

    twins->scenario = scenario;
    cr_assert_eq(sf_history_init(&twins->live, NULL, 0), 0);
    cr_assert_eq(sf_history_init(&twins->saved, NULL, 0), 0);
    sf_journal_reader_init(&twins->reader);
    cr_assert_eq(add(twins, &record), 0);
}

static void put_result(struct sf_buf *buf, const struct sf_result *result)
{
    sf_buf_printf(buf, "%d %s = %s, saw %s; %s; %s\n", result->standing,
                  result->key, result->expected, result->actual,
                  result->text != NULL ? result->text : "",
                  result->advice != NULL ? result->advice : "");
    for (size_t i = 0; i < result->evidence_count; i++) {
        const struct sf_evidence *line = &result->evidence[i];

        sf_buf_printf(
            buf, "  %llu %llu %llu %c %s [%s %u]\n",
            (unsigned long long)line->line, (unsigned long long)line->session,
            (unsigned long long)line->t_us, line->side, line->text,
            line->rule.label != NULL ? line->rule.label : "", line->rule.line);
    }
}

/* Everything that is told of the run, as text to be freed. */
static char *describe(struct twins *twins, struct sf_history *history)
{
    struct sf_judgement judgement;
    struct sf_buf buf;
    char *text = NULL;

    sf_buf_init(&buf, OUTCOME_LIMIT);
    cr_assert_eq(sf_history_end(history), 0);
    cr_assert_eq(sf_judge(history, &twins->scenario->expectations, &judgement),
                 0);
    for (size_t i = 0; i < judgement.outcome.result_count; i++) {
        put_result(&buf, &judgement.outcome.results[i]);
    }
    sf_buf_printf(
        &buf,
        "%llu failed, %llu unreached, %llu sessions, %llu messages, %llu "
        "us, status %d",
        (unsigned long long)judgement.outcome.failed,
        (unsigned long long)judgement.outcome.unreached,
        (unsigned long long)judgement.outcome.sessions,
        (unsigned long long)judgement.outcome.messages,
        (unsigned long long)judgement.outcome.duration_us,
        judgement.outcome.exit_status);
    twins->results += judgement.outcome.result_count;
    twins->failed += judgement.outcome.failed;
    cr_assert_eq(buf.failed, 0);
    text = strndup(buf.ptr, buf.len);
    sf_buf_fini(&buf);
    sf_judgement_fini(&judgement);
    return text;
}

static void end(void *ctx)
{
    struct twins *twins = ctx;

    twins->live_text = describe(twins, &twins->live);
    twins->saved_text = describe(twins, &twins->saved);
    sf_history_fini(&twins->live);
    sf_history_fini(&twins->saved);
    sf_journal_reader_fini(&twins->reader);
}

Test(verdict, is_the_same_live_and_from_the_journal_over_every_dialog)
{
    size_t results = 0;
    size_t failed = 0;
    char error[ERROR_SIZE];
    glob_t found;

    cr_assert_eq(glob("tests/dialogs/*.dialog", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct twins twins = {.line = 0};
        const struct dialog_observer observer = {
            &twins, expectations, sizeof(expectations) / sizeof(*expectations),
            begin,  add,          end};

        cr_expect(dialog_run_observed(found.gl_pathv[i], DIALOG_WHOLE,
                                      &observer, error, ERROR_SIZE),
                  "%s", error);
        cr_assert(twins.live_text != NULL && twins.saved_text != NULL, "%s",
                  found.gl_pathv[i]);
        cr_expect_str_eq(twins.live_text, twins.saved_text, "%s:\n%s\n--\n%s",
                         found.gl_pathv[i], twins.live_text, twins.saved_text);
        free(twins.live_text);
        free(twins.saved_text);
        results += twins.results;
        failed += twins.failed;
    }
    cr_expect_gt(failed, 100);
    cr_expect_gt(results - failed, 1000);
    globfree(&found);
}
