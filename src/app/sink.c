/* sink.c - where the records of a run go: journal, transcript, Maildir.
 *
 * A record is saved (if it is a message that somebody was to get), formatted
 * for the journal, then for the transcript.  Both gather whole lines in a
 * buffer, so that what is written begins and ends between lines; only a write
 * that fails can cut one, and flush_journal() then takes the piece back. */
#include "app/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "app/maildir.h"
#include "base/buf.h"
#include "journal/jsonl.h"
#include "journal/transcript.h"

#define MEMORY_KEPT 262144 /* octets of a buffer, between flushes */
#define ERROR_SIZE  4608   /* a longest path, and the words */
#define EVERY_TYPE  (SF_RECORD_BIT(SF_RECORD_COUNT) - 1)

struct sf_sinks {
    char *journal_path;
    int journal_fd; /* -1: none */
    bool owns_fd;   /* stdout is not ours to close */
    uint64_t journal_bytes;
    uint64_t journal_max_bytes;
    struct sf_buf journal; /* whole lines, not yet written */
    bool has_transcript;
    bool has_color;
    void (*before_transcript)(void *ctx);
    void *ctx;
    struct sf_buf transcript;
    struct sf_maildir *maildir; /* NULL: none */
    char error[ERROR_SIZE];     /* "" while all is well */
};

static bool has_failed(const struct sf_sinks *sinks)
{
    return sinks->error[0] != '\0';
}

static int
explain_journal(struct sf_sinks *sinks, const char *verb, int error_number)
{
    const struct sf_file_use use = {verb, "journal", sinks->journal_path,
                                    "--journal"};

    sf_file_explain(&use, error_number, sinks->error, sizeof(sinks->error));
    return SF_ESINK;
}

static void empty_buf(struct sf_buf *buf)
{
    sf_buf_clear(buf);
    if (buf->size > MEMORY_KEPT) {
        sf_buf_fini(buf);
    }
}

/* After a write that ended within a line: takes the piece back, if the file is
 * one that can be cut and nobody has written behind us. */
static void drop_cut_line(int fd, struct sf_slice written)
{
    struct stat status;
    off_t cut = 0;
    off_t end = 0;

    while (written.len > 0 && written.ptr[written.len - 1] != '\n') {
        written.len--;
        cut++;
    }
    end = lseek(fd, 0, SEEK_CUR);
    if (cut == 0 || end < cut || fstat(fd, &status) != 0 ||
        !S_ISREG(status.st_mode) || status.st_size != end) {
        return;
    }
    if (ftruncate(fd, end - cut) == 0) {
        (void)lseek(fd, end - cut, SEEK_SET);
    }
}

static int flush_journal(struct sf_sinks *sinks)
{
    struct sf_buf *buf = &sinks->journal;
    size_t done = sf_file_write(sinks->journal_fd, buf->ptr, buf->len);

    if (done < buf->len) {
        int error_number = errno;

        drop_cut_line(sinks->journal_fd, (struct sf_slice){buf->ptr, done});
        empty_buf(buf);
        return explain_journal(sinks, "write", error_number);
    }
    sinks->journal_bytes += done;
    empty_buf(buf);
    return 0;
}

static void flush_transcript(struct sf_sinks *sinks)
{
    struct sf_buf *buf = &sinks->transcript;

    if (sinks->before_transcript) {
        sinks->before_transcript(sinks->ctx);
    }
    if (sf_file_write(STDERR_FILENO, buf->ptr, buf->len) < buf->len) {
        sinks->has_transcript = false;
    }
    empty_buf(buf);
}

/* A record that finds no room ends the journal; what stood before it is still
 * written. */
static int refuse_record(struct sf_sinks *sinks)
{
    if (flush_journal(sinks) == 0) {
        (void)snprintf(sinks->error, sizeof(sinks->error),
                       "the journal %s has reached its limit of %" PRIu64
                       " octets: make the run shorter or go without --journal",
                       sinks->journal_path, sinks->journal_max_bytes);
    }
    return SF_ESINK;
}

static int put_journal(struct sf_sinks *sinks, const struct sf_record *record)
{
    struct sf_buf *buf = &sinks->journal;
    size_t start = buf->len;

    sf_jsonl_put(buf, record);
    if (buf->failed) {
        buf->failed = 0;
        return flush_journal(sinks) == 0
                   ? explain_journal(sinks, "write", ENOMEM)
                   : SF_ESINK;
    }
    if (buf->len > sinks->journal_max_bytes - sinks->journal_bytes) {
        buf->len = start;
        return refuse_record(sinks);
    }
    return buf->len >= SF_SINKS_GATHER_BYTES ? flush_journal(sinks) : 0;
}

/* What finds no room is left out: a transcript is no promise. */
static void put_transcript(struct sf_sinks *sinks,
                           const struct sf_record *record)
{
    struct sf_buf *buf = &sinks->transcript;

    sf_transcript_put(buf, record, sinks->has_color);
    if (buf->failed || buf->len >= SF_SINKS_GATHER_BYTES) {
        flush_transcript(sinks);
    }
}

static int put_record(struct sf_sinks *sinks, const struct sf_record *record)
{
    if (sinks->journal_fd >= 0 && put_journal(sinks, record) != 0) {
        return SF_ESINK;
    }
    if (sinks->has_transcript) {
        put_transcript(sinks, record);
    }
    return 0;
}

static int save_record(struct sf_sinks *sinks, const struct sf_record *record)
{
    struct sf_record copy = *record;

    if (sf_maildir_save(sinks->maildir, record, time(NULL),
                        &copy.u.message.file, sinks->error,
                        sizeof(sinks->error)) != 0) {
        return SF_ESINK;
    }
    return put_record(sinks, &copy);
}

static int write_record(void *ctx, const struct sf_record *record)
{
    struct sf_sinks *sinks = ctx;

    if (has_failed(sinks)) {
        return SF_ESINK;
    }
    if (sinks->maildir != NULL && record->type == SF_RECORD_MESSAGE &&
        record->u.message.accepted_count > 0) {
        return save_record(sinks, record);
    }
    return put_record(sinks, record);
}

static int open_journal(struct sf_sinks *sinks, const char *path)
{
    sinks->journal_path = strdup(path);
    if (sinks->journal_path == NULL) {
        (void)snprintf(sinks->error, sizeof(sinks->error), "%s",
                       sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    if (strcmp(path, "-") == 0) {
        sinks->journal_fd = STDOUT_FILENO;
        return 0;
    }
    sinks->journal_fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (sinks->journal_fd < 0) {
        (void)explain_journal(sinks, "open", errno);
        return SF_EIO;
    }
    sinks->owns_fd = true;
    return 0;
}

static int open_all(struct sf_sinks *sinks,
                    const struct sf_sinks_config *config)
{
    int err = 0;

    if (config->journal_path != NULL) {
        err = open_journal(sinks, config->journal_path);
    }
    if (err == 0 && config->save_dir != NULL) {
        err = sf_maildir_open(config->save_dir, &sinks->maildir, sinks->error,
                              sizeof(sinks->error));
    }
    return err;
}

static void free_sinks(struct sf_sinks *sinks)
{
    if (sinks->owns_fd) {
        (void)close(sinks->journal_fd);
    }
    sf_buf_fini(&sinks->journal);
    sf_buf_fini(&sinks->transcript);
    sf_maildir_free(sinks->maildir);
    free(sinks->journal_path);
    free(sinks);
}

int sf_sinks_open(const struct sf_sinks_config *config,
                  struct sf_sinks **out_sinks,
                  char *error,
                  size_t error_size)
{
    struct sf_sinks *sinks = calloc(1, sizeof(*sinks));
    int err = 0;

    if (sinks == NULL) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    sinks->journal_fd = -1;
    sinks->journal_max_bytes = config->journal_max_bytes > 0
                                   ? config->journal_max_bytes
                                   : SF_JOURNAL_MAX_BYTES;
    sinks->has_transcript = config->has_transcript;
    sinks->has_color = config->has_color;
    sinks->before_transcript = config->before_transcript;
    sinks->ctx = config->ctx;
    /* A line is bounded by what the session that tells of it holds. */
    sf_buf_init(&sinks->journal, SIZE_MAX);
    sf_buf_init(&sinks->transcript, SIZE_MAX);
    err = open_all(sinks, config);
    if (err != 0) {
        (void)snprintf(error, error_size, "%s", sinks->error);
        free_sinks(sinks);
        return err;
    }
    *out_sinks = sinks;
    return 0;
}

struct sf_sink sf_sinks_sink(struct sf_sinks *sinks)
{
    struct sf_sink sink = {.write = write_record, .ctx = sinks};

    if (sinks->journal_fd >= 0) {
        sink.mask |= EVERY_TYPE;
    }
    if (sinks->has_transcript) {
        sink.mask |= SF_TRANSCRIPT_MASK;
    }
    if (sinks->maildir != NULL) {
        sink.mask |= SF_RECORD_BIT(SF_RECORD_MESSAGE);
        sink.wants_content = true;
    }
    return sink;
}

int sf_sinks_flush(struct sf_sinks *sinks)
{
    if (sinks->transcript.len > 0) {
        flush_transcript(sinks);
    }
    if (has_failed(sinks)) {
        return SF_ESINK;
    }
    return sinks->journal.len > 0 ? flush_journal(sinks) : 0;
}

const char *sf_sinks_error(const struct sf_sinks *sinks)
{
    return has_failed(sinks) ? sinks->error : NULL;
}

int sf_sinks_close(struct sf_sinks *sinks, char *error, size_t error_size)
{
    int err = 0;

    if (sinks == NULL) {
        return 0;
    }
    err = sf_sinks_flush(sinks);
    if (sinks->owns_fd) {
        sinks->owns_fd = false;
        if (close(sinks->journal_fd) != 0 && err == 0) {
            err = explain_journal(sinks, "write", errno);
        }
    }
    if (err != 0) {
        (void)snprintf(error, error_size, "%s", sinks->error);
    }
    free_sinks(sinks);
    return err;
}
