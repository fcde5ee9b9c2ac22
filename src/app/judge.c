/* judge.c - the verdict from a saved journal.
 *
 * Lines are read one after the other, so that a long journal needs no more
 * memory than a short one.  After HUP a journal has several runs: each is
 * judged by itself, and the worst counts. */
#include "app/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/load.h"
#include "app/say.h"
#include "app/verdict.h"
#include "base/buf.h"
#include "base/slice.h"
#include "journal/read.h"

#define READ_BYTES     65536
#define LINE_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct job {
    const struct sf_options *options;
    const struct sf_scenario *scenario;
    const char *path;
    struct sf_verdict verdict;
    struct sf_journal_reader reader;
    struct sf_buf text; /* that was read and not taken */
    uint64_t line;
    bool has_run;
    bool was_judged;
};

static int drop_record(void *ctx, const struct sf_record *record)
{
    (void)ctx;
    (void)record;
    return 0;
}

static int end_run(struct job *job)
{
    int err = 0;

    if (job->has_run) {
        job->has_run = false;
        job->was_judged |= sf_verdict_is_judged(&job->verdict);
        err = sf_verdict_end(&job->verdict, job->options, SF_STATUS_OK, 0);
    }
    return err;
}

static int begin_run(struct job *job, const struct sf_record *record)
{
    struct sf_sink sink;
    int err = end_run(job);

    if (err == 0) {
        err = sf_verdict_begin(&job->verdict, job->scenario,
                               record->u.run.argc > 0, &sink);
    }
    job->verdict.line = job->line - 1;
    job->has_run = err == 0;
    return err;
}

static int take_record(struct job *job, const struct sf_record *record)
{
    if (record->type == SF_RECORD_RUN) {
        int err = begin_run(job, record);

        if (err != 0) {
            return err;
        }
    }
    if (!job->has_run) {
        sf_say(
            "%s:%llu: it is no journal of smtpfault: the first line of a run "
            "has the type `run`",
            job->path, (unsigned long long)job->line);
        return SF_ESYNTAX;
    }
    if (record->type == SF_RECORD_EXPECTATION ||
        record->type == SF_RECORD_VERDICT) {
        job->verdict.line++; /* what was found is found anew */
        return 0;
    }
    return sf_verdict_add(&job->verdict, record);
}

static int take_line(struct job *job, struct sf_slice text, bool is_cut)
{
    struct sf_record record;
    int err = sf_journal_read(&job->reader, text, &record);

    if (err == 0) {
        return take_record(job, &record);
    }
    if (err == SF_ENOTFOUND) {
        job->verdict.line++;
        return 0;
    }
    if (err == SF_ESYNTAX && is_cut && job->has_run) {
        if (!job->options->is_quiet) {
            sf_say("%s:%llu: the line is cut off: judged without it", job->path,
                   (unsigned long long)job->line);
        }
        return 0;
    }
    if (err == SF_ESYNTAX) {
        sf_say("%s:%llu: %s: correct the line, or take it out", job->path,
               (unsigned long long)job->line, job->reader.error);
    }
    return err;
}

/* Takes the whole lines of what was read; at the end the rest too. */
static int take_lines(struct job *job, bool is_end)
{
    struct sf_slice rest = sf_buf_slice(&job->text);
    int err = 0;

    while (err == 0 && rest.len > 0) {
        size_t end = sf_slice_find(rest, '\n');
        bool is_cut = end == rest.len;

        if (is_cut && !is_end) {
            break;
        }
        job->line++;
        err = take_line(job, sf_slice(rest.ptr, end), is_cut);
        rest = sf_slice_skip(rest, is_cut ? end : end + 1);
    }
    sf_buf_consume(&job->text, job->text.len - rest.len);
    return err;
}

static int read_error(const struct job *job)
{
    const struct sf_file_use use = {"read", "journal", job->path, "journal"};
    char error[512];

    sf_file_explain(&use, errno, error, sizeof(error));
    sf_say("%s", error);
    return SF_EIO;
}

static int read_journal(struct job *job, int fd)
{
    static char octets[READ_BYTES];
    ssize_t len = 0;
    int err = 0;

    while (err == 0 && (len = read(fd, octets, sizeof(octets))) != 0) {
        if (len < 0 && errno == EINTR) {
            continue;
        }
        if (len < 0) {
            return read_error(job);
        }
        sf_buf_append(&job->text, octets, (size_t)len);
        if (job->text.failed) {
            sf_say(
                "%s:%llu: the line is longer than %zu octets: it is no "
                "journal of smtpfault",
                job->path, (unsigned long long)job->line + 1, LINE_BYTES_MAX);
            return SF_ESYNTAX;
        }
        err = take_lines(job, false);
    }
    if (err == 0) {
        err = take_lines(job, true);
    }
    if (err == 0 && job->line == 0) {
        sf_say("%s: it is empty: name what --journal has written", job->path);
        return SF_ESYNTAX;
    }
    return err == 0 ? end_run(job) : err;
}

static int open_journal(struct job *job)
{
    int fd = strcmp(job->path, "-") == 0
                 ? STDIN_FILENO
                 : open(job->path, O_RDONLY | O_CLOEXEC);
    int err = 0;

    if (fd < 0) {
        return read_error(job);
    }
    err = read_journal(job, fd);
    if (fd != STDIN_FILENO) {
        (void)close(fd);
    }
    return err;
}

static enum sf_status judge(struct job *job)
{
    const struct sf_sink sink = {.write = drop_record};
    int err = 0;

    sf_verdict_init(&job->verdict, sink);
    sf_journal_reader_init(&job->reader);
    sf_buf_init(&job->text, LINE_BYTES_MAX);
    err = open_journal(job);
    if (err == 0 && !job->was_judged && !job->options->is_quiet) {
        sf_say(
            "nothing is expected: take a scenario with `[expect]`, or say what "
            "with --expect");
    }
    sf_verdict_fini(&job->verdict);
    sf_journal_reader_fini(&job->reader);
    sf_buf_fini(&job->text);
    return err == 0 ? job->verdict.worst : sf_status_of(err);
}

enum sf_status sf_judge_journal(const struct sf_options *options)
{
    struct sf_reader reader = {0};
    struct sf_scenario *scenario = NULL;
    struct job job = {.options = options, .path = options->operands[0]};
    enum sf_status status = SF_STATUS_OK;
    int err = sf_load_chosen(options, &reader, &scenario);

    job.scenario = scenario;
    status = err == 0 ? judge(&job) : sf_status_of(err);
    sf_scenario_free(scenario);
    sf_reader_fini(&reader);
    return status;
}
