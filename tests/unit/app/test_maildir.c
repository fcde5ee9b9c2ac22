/* test_maildir.c - accepted messages as files. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/maildir.h"
#include "base/slice.h"

#define NOW 1795312245 /* Sun, 22 Nov 2026 01:50:45 +0000 */

#define CONTENT_A "Subject: x\r\n\r\n\0\xff"
#define CONTENT_B "bare\nlines\r\n.\r\n"

static char root[64];
static char box[96];
static char error[512];
static struct sf_maildir *maildir;
static struct sf_chunk *content;

static const struct sf_slice accepted[] = {SF_SLICE_LIT("a@example.test"),
                                           SF_SLICE_LIT("b@example.test")};

static struct sf_chunk *
new_chunk(const char *octets, size_t len, struct sf_chunk *next)
{
    struct sf_chunk *chunk = malloc(sizeof(*chunk) + len);

    cr_assert_not_null(chunk);
    chunk->next = next;
    chunk->len = len;
    memcpy(chunk->octets, octets, len);
    return chunk;
}

static void setup(void)
{
    struct sf_chunk *second = new_chunk(CONTENT_B, sizeof(CONTENT_B) - 1, NULL);

    content = new_chunk(CONTENT_A, sizeof(CONTENT_A) - 1, second);
    (void)snprintf(root, sizeof(root), "/tmp/sf_maildir_XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    (void)snprintf(box, sizeof(box), "%s/box", root);
}

static void empty_dir(const char *path)
{
    DIR *dir = opendir(path);

    if (dir == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    (void)rmdir(path);
}

static void teardown(void)
{
    static const char *const parts[] = {"/box/tmp", "/box/new", "/box/cur"};
    char path[128];

    sf_maildir_free(maildir);
    free(content->next);
    free(content);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", root, parts[i]);
        empty_dir(path);
    }
    empty_dir(box);
    empty_dir(root);
}

TestSuite(maildir, .init = setup, .fini = teardown);

static void open_box(void)
{
    cr_assert_eq(sf_maildir_open(box, &maildir, error, sizeof(error)), 0, "%s",
                 error);
}

static struct sf_record sample(void)
{
    return (struct sf_record){.type = SF_RECORD_MESSAGE,
                              .u.message = {.id = "1.1",
                                            .sender = SF_SLICE_LIT("s@c.test"),
                                            .accepted = accepted,
                                            .accepted_count = 2,
                                            .content = content,
                                            .helo = SF_SLICE_LIT("c.test"),
                                            .client = "127.0.0.1",
                                            .protocol = "ESMTP"}};
}

static const char *save(const struct sf_record *record)
{
    const char *path = NULL;

    cr_assert_eq(
        sf_maildir_save(maildir, record, NOW, &path, error, sizeof(error)), 0,
        "%s", error);
    return path;
}

static void expect_file(const char *path, const char *text, size_t len)
{
    char got[4096];
    int fd = open(path, O_RDONLY);
    ssize_t count = 0;

    cr_assert_geq(fd, 0, "%s", path);
    count = read(fd, got, sizeof(got));
    close(fd);
    cr_assert(count == (ssize_t)len && memcmp(got, text, len) == 0, "got %.*s",
              (int)count, got);
}

static unsigned count_files(const char *part)
{
    char path[128];
    unsigned count = 0;
    DIR *dir = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s", box, part);
    dir = opendir(path);
    cr_assert_not_null(dir, "%s", path);
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

#define ENVELOPE                                                               \
    "Return-Path: <s@c.test>\r\n"                                              \
    "X-Envelope-To: a@example.test\r\n"                                        \
    "X-Envelope-To: b@example.test\r\n"
#define TRACE                                                                  \
    "Received: from c.test ([127.0.0.1])\r\n"                                  \
    "\tby smtpfault with ESMTP id 1.1; Sun, 22 Nov 2026 01:50:45 +0000\r\n"

Test(maildir, a_message_is_kept_octet_by_octet_behind_its_envelope)
{
    static const char text[] = ENVELOPE TRACE CONTENT_A CONTENT_B;
    struct sf_record record = sample();

    open_box();
    expect_file(save(&record), text, sizeof(text) - 1);
    cr_assert_eq(count_files("new"), 1);
    cr_assert_eq(count_files("tmp"), 0);
    cr_assert_eq(count_files("cur"), 0);
}

Test(maildir, only_the_user_may_read_it)
{
    struct sf_record record = sample();
    struct stat status;

    umask(0);
    open_box();
    cr_assert_eq(stat(box, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0700);
    cr_assert_eq(stat(save(&record), &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
}

Test(maildir, names_tell_second_process_and_number)
{
    struct sf_record record = sample();

    open_box();
    for (unsigned i = 1; i <= 3; i++) {
        const char *path = save(&record);
        char start[160];

        (void)snprintf(start, sizeof(start), "%s/new/%d.%ld_%u.", box, NOW,
                       (long)getpid(), i);
        cr_assert_eq(strncmp(path, start, strlen(start)), 0, "%s", path);
        cr_assert_null(strchr(path + strlen(start), '/'));
        cr_assert_null(strchr(path + strlen(start), ':'));
    }
    cr_assert_eq(count_files("new"), 3);
}

Test(maildir, a_name_that_is_taken_is_passed_over)
{
    struct sf_record record = sample();

    open_box();
    (void)save(&record);
    sf_maildir_free(maildir);
    open_box(); /* which counts from 1 again */
    (void)save(&record);
    cr_assert_eq(count_files("new"), 2);
}

Test(maildir, the_trace_line_tells_how_the_client_came)
{
    static const struct {
        const char *client;
        const char *helo;
        const char *protocol;
        const char *trace;
    } cases[] = {
        {"::1", "c.test", "ESMTP",
         "from c.test ([IPv6:::1])\r\n\tby smtpfault "
         "with ESMTP id 1.1; "},
        {"unix", "c.test", "LMTP",
         "from c.test (unix)\r\n\tby smtpfault "
         "with LMTP id 1.1; "},
        {NULL, "", "SMTP", "from unknown\r\n\tby smtpfault with SMTP id 1.1; "},
    };

    open_box();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_record record = sample();
        char text[512];

        record.u.message.client = cases[i].client;
        record.u.message.helo = sf_slice_str(cases[i].helo);
        record.u.message.protocol = cases[i].protocol;
        record.u.message.content = NULL;
        (void)snprintf(text, sizeof(text),
                       ENVELOPE
                       "Received: %sSun, 22 Nov 2026 01:50:45 "
                       "+0000\r\n",
                       cases[i].trace);
        expect_file(save(&record), text, strlen(text));
    }
}

Test(maildir, a_client_cannot_add_header_lines)
{
    static const char text[] =
        "Return-Path: <s??Bcc: x\xc3\xa9?>\r\n"
        "X-Envelope-To: ??a\\\r\n"
        "Received: from h???i ([127.0.0.1])\r\n"
        "\tby smtpfault with ESMTP id 1.1; Sun, 22 Nov 2026 01:50:45 +0000\r\n";
    static const struct sf_slice recipient = SF_SLICE_LIT("\0\ta\\");
    struct sf_record record = sample();

    record.u.message.sender =
        (struct sf_slice)SF_SLICE_LIT("s\r\nBcc: x\xc3\xa9\x7f");
    record.u.message.accepted = &recipient;
    record.u.message.accepted_count = 1;
    record.u.message.helo = (struct sf_slice)SF_SLICE_LIT("h\n\t\x1fi");
    record.u.message.content = NULL;
    open_box();
    expect_file(save(&record), text, sizeof(text) - 1);
}

Test(maildir, a_disk_that_fills_leaves_no_file)
{
    struct rlimit limit;
    struct rlimit small;
    struct sf_record record = sample();
    const char *path = "unchanged";
    char text[256];
    int err = 0;

    open_box();
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 20;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    err = sf_maildir_save(maildir, &record, NOW, &path, error, sizeof(error));
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);

    (void)snprintf(text, sizeof(text),
                   "cannot write the Maildir %s: File too large: raise the "
                   "limit of file sizes or choose another --save",
                   box);
    cr_assert_eq(err, SF_EIO);
    cr_assert_str_eq(error, text);
    cr_assert_str_eq(path, "unchanged");
    cr_assert_eq(count_files("new"), 0);
    cr_assert_eq(count_files("tmp"), 0);
}

Test(maildir, a_box_that_vanished_is_an_error)
{
    struct sf_record record = sample();
    const char *path = NULL;
    char gone[128];

    open_box();
    (void)snprintf(gone, sizeof(gone), "%s/tmp", box);
    cr_assert_eq(rmdir(gone), 0);
    cr_assert_eq(
        sf_maildir_save(maildir, &record, NOW, &path, error, sizeof(error)),
        SF_EIO);
    cr_assert_not_null(strstr(error, "No such file or directory"));
}

Test(maildir, what_is_no_directory_cannot_be_opened)
{
    static const struct {
        const char *name;
        const char *file; /* made first, below the root */
        const char *reason;
    } cases[] = {
        {"missing/box", NULL,
         "No such file or directory: make the directory or choose another "
         "--save"},
        {"box", "box", "Not a directory: choose another --save"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[128];
        char text[256];

        if (cases[i].file != NULL) {
            int fd = -1;

            (void)snprintf(path, sizeof(path), "%s/%s", root, cases[i].file);
            fd = open(path, O_WRONLY | O_CREAT, 0600);
            cr_assert_geq(fd, 0);
            close(fd);
        }
        (void)snprintf(path, sizeof(path), "%s/%s", root, cases[i].name);
        (void)snprintf(text, sizeof(text), "cannot open the Maildir %s: %s",
                       path, cases[i].reason);
        cr_assert_eq(sf_maildir_open(path, &maildir, error, sizeof(error)),
                     SF_EIO);
        cr_assert_str_eq(error, text);
        (void)unlink(path);
    }
}
