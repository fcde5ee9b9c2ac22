/* fuzz_journal.c - a journal with anything in it, judged and reported.
 *
 * The input is the journal.  It is judged by a scenario that expects something
 * of every key, and told in every form. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "journal/read.h"
#include "scenario/scenario.h"
#include "smtpfault.h"
#include "verdict/judge.h"
#include "verdict/report.h"

#define LABELS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char scenario_text[] =
    "[RCPT grey]\n"
    "attempt = <3\n"
    "reply = 451 4.7.1 Later\n"
    "[expect mail]\n"
    "sessions = 1..3\n"
    "transactions = 2\n"
    "messages = 1\n"
    "duplicates = 0\n"
    "attempts = >=2\n"
    "gap = >=1s\n"
    "backoff = growing\n"
    "delivered = *\n"
    "refused = 0\n"
    "deferred = 1..3\n"
    "after-permanent = stop\n"
    "octets = <1M\n"
    "[expect habits]\n"
    "quit = always\n"
    "rset = sometimes\n"
    "starttls = never\n"
    "plaintext-auth = never\n"
    "plaintext-mail = never\n"
    "auth-attempts = <3\n"
    "mechanism = PLAIN\n"
    "violations = strict\n"
    "waited.grey = <5s\n"
    "fired.grey = 2\n"
    "[expect command]\n"
    "exit = 0\n"
    "stdout = *sent*\n"
    "stderr = *no*\n"
    "duration = <10s\n"
    "cpu = <1s\n"
    "memory = <100M\n"
    "secrets = never\n";

static void must(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static int
read_text(void *ctx, const char *path, char **out_text, size_t *out_len)
{
    (void)ctx;
    (void)path;
    *out_text = strdup(scenario_text);
    *out_len = sizeof(scenario_text) - 1;
    return *out_text == NULL ? SF_ENOMEM : 0;
}

/* Once, for all inputs. */
static struct sf_scenario *get_scenario(void)
{
    static struct sf_scenario *scenario;
    static const char *const path = "fuzz.ini";
    const struct sf_load load = {
        .paths = &path, .path_count = 1, .read = read_text};
    struct sf_diags *diags = NULL;

    if (scenario == NULL) {
        diags = sf_diags_new();
        must(diags != NULL && sf_scenario_load(&load, diags, &scenario) == 0);
        sf_diags_free(diags);
    }
    return scenario;
}

/* Whatever a client has said, the lines of a report are ours: no control
 * character but the line end is in it. */
static void check_report(struct sf_slice text, bool has_color)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        must(c >= ' ' || c == '\n' || (has_color && c == '\033'));
        must(c != 0x7f);
    }
}

static void check_commands(struct sf_slice rest)
{
    while (rest.len > 0) {
        struct sf_slice line = sf_slice_cut(&rest, '\n');

        must(line.len > 2 && memcmp(line.ptr, "::", 2) == 0);
    }
}

static void report(const struct sf_outcome *outcome)
{
    struct sf_buf text;

    sf_buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < sf_report_format_count; i++) {
        sf_buf_clear(&text);
        sf_report_formats[i].put(&text, outcome);
        must(!text.failed);
        check_report(sf_buf_slice(&text), false);
        if (sf_report_formats[i].put == sf_report_put_github) {
            check_commands(sf_buf_slice(&text));
        }
    }
    sf_buf_clear(&text);
    sf_report_put_colored(&text, outcome);
    check_report(sf_buf_slice(&text), true);
    sf_buf_fini(&text);
}

static void judge(struct sf_history *history)
{
    struct sf_scenario *scenario = get_scenario();
    struct sf_judgement judgement;
    uint64_t count = 0;

    must(sf_history_end(history) == 0);
    must(sf_judge(history, &scenario->expectations, &judgement) == 0);
    for (size_t i = 0; i < judgement.outcome.result_count; i++) {
        count += judgement.outcome.results[i].standing != SF_STANDING_MET;
    }
    must(count == judgement.outcome.failed + judgement.outcome.unreached);
    must((count == 0) == (judgement.outcome.exit_status == 0));
    must(judgement.outcome.duration_us <= history->end_us);
    judgement.outcome.scenario = "fuzz.ini";
    report(&judgement.outcome);
    sf_judgement_fini(&judgement);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sf_slice rest = sf_slice((const char *)data, size);
    const char *waited[LABELS_MAX];
    struct sf_journal_reader reader;
    struct sf_history history;
    struct sf_record record;
    size_t count = sf_judge_find_waited(&get_scenario()->expectations, waited);

    must(get_scenario()->expectations.count <= LABELS_MAX);
    must(sf_history_init(&history, waited, count) == 0);
    sf_journal_reader_init(&reader);
    for (uint64_t line = 1; rest.len > 0; line++) {
        int err = sf_journal_read(&reader, sf_slice_cut(&rest, '\n'), &record);

        must(err == 0 || err == SF_ESYNTAX || err == SF_ENOTFOUND);
        must(err != SF_ESYNTAX || reader.error[0] != '\0');
        must(err != 0 || sf_history_add(&history, &record, line) == 0);
    }
    judge(&history);
    sf_history_fini(&history);
    sf_journal_reader_fini(&reader);
    return 0;
}
