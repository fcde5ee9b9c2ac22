/* verdict.c - the verdict of a live run.
 *
 * Records are counted whether or not the run is judged: the next one may be,
 * and evidence is told by the lines of the journal. */
#include "app/verdict.h"

#include <stdlib.h>

#include "app/frame.h"
#include "app/reports.h"
#include "app/say.h"
#include "journal/record.h"

#define EVERY_TYPE (SF_RECORD_BIT(SF_RECORD_COUNT) - 1)

void sf_verdict_init(struct sf_verdict *verdict, struct sf_sink next)
{
    *verdict = (struct sf_verdict){.next = next, .worst = SF_STATUS_OK};
}

int sf_verdict_add(struct sf_verdict *verdict, const struct sf_record *record)
{
    verdict->line++;
    return verdict->is_kept
               ? sf_history_add(&verdict->history, record, verdict->line)
               : 0;
}

bool sf_verdict_is_judged(const struct sf_verdict *verdict)
{
    return verdict->is_kept;
}

static int write_record(void *ctx, const struct sf_record *record)
{
    struct sf_verdict *verdict = ctx;
    int err = sf_verdict_add(verdict, record);

    return err != 0 ? err : sf_sink_put(&verdict->next, record);
}

static int begin_history(struct sf_verdict *verdict)
{
    const struct sf_expectations *expectations =
        &verdict->scenario->expectations;
    int err = SF_ENOMEM;

    verdict->waited = calloc(expectations->count + 1, sizeof(char *));
    if (verdict->waited != NULL) {
        err = sf_history_init(
            &verdict->history, verdict->waited,
            sf_judge_find_waited(expectations, verdict->waited));
    }
    verdict->is_kept = err == 0;
    return err;
}

int sf_verdict_begin(struct sf_verdict *verdict,
                     const struct sf_scenario *scenario,
                     bool has_command,
                     struct sf_sink *out_sink)
{
    int err = 0;

    sf_verdict_fini(verdict);
    verdict->scenario = scenario;
    if (scenario->expectations.is_asked || has_command) {
        err = begin_history(verdict);
    }
    *out_sink = (struct sf_sink){.write = write_record,
                                 .ctx = verdict,
                                 .mask = verdict->is_kept ? EVERY_TYPE
                                                          : verdict->next.mask,
                                 .wants_content = verdict->next.wants_content};
    return err;
}

/* What the process ends with: the first run that failed, else the first of
 * which not all was reached. */
static void note_status(struct sf_verdict *verdict, enum sf_status status)
{
    if (verdict->worst == SF_STATUS_OK ||
        (verdict->worst == SF_STATUS_UNPROVED && status != SF_STATUS_OK)) {
        verdict->worst = status;
    }
}

/* Tells the verdict, and what the run so ends with. */
static enum sf_status tell(const struct sf_options *options,
                           const struct sf_outcome *outcome)
{
    char error[512];
    int err = sf_reports_write(options, outcome, error, sizeof(error));

    if (err != 0) {
        sf_say("%s", error);
        return sf_status_of(err);
    }
    return (enum sf_status)outcome->exit_status;
}

static int judge(struct sf_verdict *verdict,
                 const struct sf_options *options,
                 uint64_t now_us)
{
    const struct sf_sink sink = {
        .write = write_record, .ctx = verdict, .mask = verdict->next.mask};
    struct sf_judgement judgement;
    enum sf_status status = SF_STATUS_OK;
    int err = sf_history_end(&verdict->history);

    if (err == 0) {
        err = sf_judge(&verdict->history, &verdict->scenario->expectations,
                       &judgement);
    }
    if (err != 0) {
        return err;
    }
    verdict->is_kept = false; /* what comes now is no deed of a client */
    judgement.outcome.title = verdict->scenario->title;
    judgement.outcome.scenario = verdict->scenario->files[0].path;
    status = tell(options, &judgement.outcome);
    note_status(verdict, status);
    err = sf_judgement_put(&judgement, &sink, now_us);
    if (err == 0) {
        err = sf_frame_end(&sink, status, &judgement.outcome, now_us);
    }
    sf_judgement_fini(&judgement);
    return err;
}

int sf_verdict_end(struct sf_verdict *verdict,
                   const struct sf_options *options,
                   enum sf_status status,
                   uint64_t now_us)
{
    struct sf_sink sink;

    /* A run that could not go on says nothing about its clients. */
    if (verdict->is_kept && status == SF_STATUS_OK) {
        return judge(verdict, options, now_us);
    }
    verdict->is_kept = false;
    sink = (struct sf_sink){
        .write = write_record, .ctx = verdict, .mask = verdict->next.mask};
    return sf_frame_end(&sink, status, NULL, now_us);
}

void sf_verdict_fini(struct sf_verdict *verdict)
{
    verdict->is_kept = false;
    sf_history_fini(&verdict->history);
    free(verdict->waited);
    verdict->waited = NULL;
}
