/* test_sink.c - where the records of a run go. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/sink.h"
#include "base/slice.h"
#include "journal/record.h"

#define LINE                                                                   \
    "{\"t\":0.000000,\"type\":\"listen\","                                     \
    "\"url\":\"smtp://127.0.0.1:2525\"}\n"
#define LINE_LEN (sizeof(LINE) - 1)

static char root[64];
static char path[96];
static char error[512];
static struct sf_sinks *sinks;

static const struct sf_record listen_record = {
    .type = SF_RECORD_LISTEN, .u.listen = {"smtp://127.0.0.1:2525"}};
static const struct sf_record command_record = {
    .type = SF_RECORD_COMMAND,
    .session = 1,
    .u.command = {.n = 1, .event = "NOOP", .line = SF_SLICE_LIT("NOOP")}};

static void setup(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/sf_sink_XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    (void)snprintf(path, sizeof(path), "%s/j", root);
    signal(SIGPIPE, SIG_IGN);
}

/* What a test wrote is small and flat, but for the Maildir. */
static void teardown(void)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -r '%s'", root);
    cr_assert_eq(system(command), 0);
}

TestSuite(sink, .init = setup, .fini = teardown);

static void open_with(const struct sf_sinks_config *config)
{
    cr_assert_eq(sf_sinks_open(config, &sinks, error, sizeof(error)), 0, "%s",
                 error);
}

static void open_journal(const char *journal_path)
{
    open_with(&(struct sf_sinks_config){.journal_path = journal_path});
}

static int put(const struct sf_record *record)
{
    struct sf_sink sink = sf_sinks_sink(sinks);

    return sink.write(sink.ctx, record);
}

static void close_well(void)
{
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), 0, "%s", error);
}

static size_t size_of(const char *file)
{
    struct stat status;

    cr_assert_eq(stat(file, &status), 0, "%s", file);
    return (size_t)status.st_size;
}

/* Owned text of a file. */
static char *read_file(const char *file)
{
    size_t size = size_of(file);
    char *text = calloc(1, size + 1);
    int fd = open(file, O_RDONLY);

    cr_assert(text != NULL && fd >= 0, "%s", file);
    cr_assert_eq(read(fd, text, size), (ssize_t)size);
    close(fd);
    return text;
}

static void expect_file(const char *file, const char *text)
{
    char *got = read_file(file);

    cr_assert_str_eq(got, text);
    free(got);
}

/* Puts a file in the place of stdout or stderr; returns what stood there. */
static int redirect(int fd, int target)
{
    int saved = dup(fd);

    cr_assert_geq(saved, 0);
    cr_assert_geq(dup2(target, fd), 0);
    close(target);
    return saved;
}

static void restore(int fd, int saved)
{
    cr_assert_geq(dup2(saved, fd), 0);
    close(saved);
}

Test(sink, nothing_configured_wants_nothing)
{
    open_with(&(struct sf_sinks_config){.journal_path = NULL});
    cr_assert_eq(sf_sinks_sink(sinks).mask, 0);
    cr_assert_not(sf_sinks_sink(sinks).wants_content);
    cr_assert_eq(sf_sinks_flush(sinks), 0);
    close_well();
    cr_assert_eq(sf_sinks_close(NULL, error, sizeof(error)), 0);
}

Test(sink, each_output_adds_what_it_wants)
{
    char box[128];

    open_journal(path);
    cr_assert_eq(sf_sinks_sink(sinks).mask, (1u << SF_RECORD_COUNT) - 1);
    cr_assert_not(sf_sinks_sink(sinks).wants_content);
    close_well();

    open_with(&(struct sf_sinks_config){.has_transcript = true});
    cr_assert_eq(sf_sinks_sink(sinks).mask & SF_RECORD_BIT(SF_RECORD_FIRED), 0);
    cr_assert_neq(sf_sinks_sink(sinks).mask & SF_RECORD_BIT(SF_RECORD_REPLY),
                  0);
    close_well();

    (void)snprintf(box, sizeof(box), "%s/box", root);
    open_with(&(struct sf_sinks_config){.save_dir = box});
    cr_assert_eq(sf_sinks_sink(sinks).mask, SF_RECORD_BIT(SF_RECORD_MESSAGE));
    cr_assert(sf_sinks_sink(sinks).wants_content);
    close_well();
}

Test(sink, a_journal_is_written_when_it_is_flushed)
{
    open_journal(path);
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_eq(size_of(path), 0);
    cr_assert_eq(sf_sinks_flush(sinks), 0);
    expect_file(path, LINE);
    cr_assert_eq(put(&listen_record), 0);
    close_well();
    expect_file(path, LINE LINE);
}

Test(sink, a_journal_begins_empty)
{
    for (unsigned i = 0; i < 2; i++) {
        open_journal(path);
        cr_assert_eq(put(&listen_record), 0);
        close_well();
    }
    expect_file(path, LINE);
}

Test(sink, what_has_gathered_is_written_without_a_flush)
{
    size_t written = 0;
    size_t count = SF_SINKS_GATHER_BYTES / LINE_LEN + 1;

    open_journal(path);
    for (size_t i = 0; i < count - 1; i++) {
        cr_assert_eq(put(&listen_record), 0);
    }
    cr_assert_eq(size_of(path), 0);
    cr_assert_eq(put(&listen_record), 0);
    written = size_of(path);
    cr_assert_eq(written, count * LINE_LEN);
    close_well();
    cr_assert_eq(size_of(path), written);
}

Test(sink, a_record_of_any_size_is_one_line)
{
    size_t len = 3000000;
    char *octets = malloc(len);
    struct sf_record record = command_record;
    char *got = NULL;

    cr_assert_not_null(octets);
    memset(octets, 'x', len);
    record.u.command.line = sf_slice(octets, len);
    open_journal(path);
    cr_assert_eq(put(&record), 0);
    cr_assert_eq(put(&listen_record), 0);
    close_well();
    got = read_file(path);
    cr_assert_str_eq(strchr(got, '\n') + 1, LINE);
    cr_assert_gt(strlen(got), len);
    free(got);
    free(octets);
}

Test(sink, a_full_disk_is_said_and_stays_said)
{
    static const char text[] =
        "cannot write the journal /dev/full: No space left on device: free "
        "some space or choose another --journal";

    open_journal("/dev/full");
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_null(sf_sinks_error(sinks));
    cr_assert_eq(sf_sinks_flush(sinks), SF_ESINK);
    cr_assert_str_eq(sf_sinks_error(sinks), text);
    cr_assert_eq(put(&listen_record), SF_ESINK);
    cr_assert_eq(sf_sinks_flush(sinks), SF_ESINK);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    cr_assert_str_eq(error, text);
}

Test(sink, a_full_disk_is_noticed_at_the_end_at_the_latest)
{
    open_journal("/dev/full");
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    cr_assert_not_null(strstr(error, "No space left on device"));
}

/* Flushes three lines where only `room` octets find place. */
static void flush_three_into(rlim_t room)
{
    struct rlimit limit;
    struct rlimit small;
    int err = 0;

    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(put(&listen_record), 0);
    }
    small = limit;
    small.rlim_cur = room;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    err = sf_sinks_flush(sinks);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(err, SF_ESINK);
}

Test(sink, a_line_that_was_cut_is_taken_back)
{
    open_journal(path);
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_eq(sf_sinks_flush(sinks), 0);
    flush_three_into(2 * LINE_LEN + 10);
    expect_file(path, LINE LINE);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    expect_file(path, LINE LINE);
    cr_assert_not_null(strstr(error, "File too large"));
}

Test(sink, a_first_line_that_was_cut_is_taken_back_too)
{
    open_journal(path);
    flush_three_into(LINE_LEN - 1);
    expect_file(path, "");
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
}

Test(sink, a_journal_has_a_largest_size)
{
    char text[256];

    open_with(&(struct sf_sinks_config){
        .journal_path = path, .journal_max_bytes = 2 * LINE_LEN + 10});
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_eq(sf_sinks_flush(sinks), 0);
    cr_assert_eq(put(&listen_record), 0);
    cr_assert_eq(put(&listen_record), SF_ESINK);
    expect_file(path, LINE LINE);
    (void)snprintf(text, sizeof(text),
                   "the journal %s has reached its limit of %zu octets: make "
                   "the run shorter or go without --journal",
                   path, 2 * LINE_LEN + 10);
    cr_assert_str_eq(sf_sinks_error(sinks), text);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    cr_assert_str_eq(error, text);
}

Test(sink, a_dash_is_stdout_which_stays_open)
{
    int saved = redirect(STDOUT_FILENO, open(path, O_WRONLY | O_CREAT, 0600));
    int err = 0;

    open_journal("-");
    err = put(&listen_record);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), 0);
    cr_assert_eq(write(STDOUT_FILENO, "more", 4), 4);
    restore(STDOUT_FILENO, saved);
    cr_assert_eq(err, 0);
    expect_file(path, LINE "more");
}

Test(sink, a_reader_that_left_ends_the_journal)
{
    int ends[2];
    int saved = -1;
    int err = 0;

    cr_assert_eq(pipe(ends), 0);
    saved = redirect(STDOUT_FILENO, ends[1]);
    close(ends[0]);
    open_journal("-");
    (void)put(&listen_record);
    err = sf_sinks_flush(sinks);
    restore(STDOUT_FILENO, saved);
    cr_assert_eq(err, SF_ESINK);
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    cr_assert_str_eq(
        error,
        "cannot write the journal -: Broken pipe: choose another --journal");
}

Test(sink, a_transcript_goes_to_stderr)
{
    int saved = redirect(STDERR_FILENO, open(path, O_WRONLY | O_CREAT, 0600));
    int err = 0;

    open_with(
        &(struct sf_sinks_config){.has_transcript = true, .has_color = true});
    err = put(&command_record);
    (void)put(&listen_record);
    cr_assert_eq(sf_sinks_flush(sinks), 0);
    close_well();
    restore(STDERR_FILENO, saved);
    cr_assert_eq(err, 0);
    expect_file(path, "    +0.000    1  C: \033[1mNOOP\033[0m\n");
}

Test(sink, a_transcript_that_cannot_be_written_does_no_harm)
{
    int saved = redirect(STDERR_FILENO, open("/dev/full", O_WRONLY));
    int err = 0;

    open_with(&(struct sf_sinks_config){.journal_path = path,
                                        .has_transcript = true});
    for (unsigned i = 0; i < 5000; i++) {
        err |= put(&command_record);
    }
    err |= sf_sinks_close(sinks, error, sizeof(error));
    restore(STDERR_FILENO, saved);
    cr_assert_eq(err, 0);
    cr_assert_gt(size_of(path), 5000);
}

static const struct sf_slice accepted = SF_SLICE_LIT("a@example.test");

static struct sf_record sample_message(const struct sf_chunk *content)
{
    return (struct sf_record){.type = SF_RECORD_MESSAGE,
                              .session = 1,
                              .transaction = 1,
                              .u.message = {.id = "1.1",
                                            .sha256 = "cc03",
                                            .octets = 2,
                                            .accepted = &accepted,
                                            .accepted_count = 1,
                                            .content = content}};
}

Test(sink, an_accepted_message_is_saved_and_the_journal_tells_where)
{
    struct sf_chunk *chunk = calloc(1, sizeof(*chunk) + 2);
    struct sf_record record = sample_message(chunk);
    char box[128];
    char *journal = NULL;
    char *file = NULL;
    char *text = NULL;

    cr_assert_not_null(chunk);
    chunk->len = 2;
    memcpy(chunk->octets, "\r\n", 2);
    (void)snprintf(box, sizeof(box), "%s/box", root);
    open_with(&(struct sf_sinks_config){.journal_path = path, .save_dir = box});
    cr_assert_eq(put(&record), 0);
    close_well();
    cr_assert_null(record.u.message.file);

    journal = read_file(path);
    file = strstr(journal, "\"file\":\"");
    cr_assert_not_null(file, "%s", journal);
    file += strlen("\"file\":\"");
    *strchr(file, '"') = '\0';
    text = read_file(file);
    cr_assert_eq(strncmp(text, "Return-Path: <>\r\n", 17), 0, "%s", text);
    free(text);
    free(journal);
    free(chunk);
}

Test(sink, a_message_that_nobody_took_is_not_saved)
{
    struct sf_record record = sample_message(NULL);
    char box[128];
    char *journal = NULL;

    record.u.message.accepted_count = 0;
    (void)snprintf(box, sizeof(box), "%s/box", root);
    open_with(&(struct sf_sinks_config){.journal_path = path, .save_dir = box});
    cr_assert_eq(put(&record), 0);
    close_well();
    journal = read_file(path);
    cr_assert_null(strstr(journal, "\"file\""));
    free(journal);
}

Test(sink, a_message_that_cannot_be_kept_is_not_told_of)
{
    struct sf_record record = sample_message(NULL);
    char box[128];
    char gone[160];

    (void)snprintf(box, sizeof(box), "%s/box", root);
    (void)snprintf(gone, sizeof(gone), "%s/tmp", box);
    open_with(&(struct sf_sinks_config){.journal_path = path, .save_dir = box});
    cr_assert_eq(rmdir(gone), 0);
    cr_assert_eq(put(&record), SF_ESINK);
    cr_assert_not_null(strstr(sf_sinks_error(sinks), "another --save"));
    cr_assert_eq(sf_sinks_close(sinks, error, sizeof(error)), SF_ESINK);
    expect_file(path, "");
}

Test(sink, what_cannot_be_opened_is_said_in_one_line)
{
    char text[256];
    char missing[128];

    (void)snprintf(missing, sizeof(missing), "%s/x/y", root);
    (void)snprintf(text, sizeof(text),
                   "cannot open the journal %s: No such file or directory: "
                   "make the directory or choose another --journal",
                   missing);
    cr_assert_eq(
        sf_sinks_open(&(struct sf_sinks_config){.journal_path = missing},
                      &sinks, error, sizeof(error)),
        SF_EIO);
    cr_assert_str_eq(error, text);

    (void)snprintf(text, sizeof(text),
                   "cannot open the Maildir %s: No such file or directory: "
                   "make the directory or choose another --save",
                   missing);
    cr_assert_eq(sf_sinks_open(&(struct sf_sinks_config){.journal_path = path,
                                                         .save_dir = missing},
                               &sinks, error, sizeof(error)),
                 SF_EIO);
    cr_assert_str_eq(error, text);
}
