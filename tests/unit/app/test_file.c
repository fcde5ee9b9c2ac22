/* test_file.c - whole writes, and what is said when a file cannot be used. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/file.h"
#include "base/slice.h"

#define MANY 1000000 /* octets, more than any pipe holds */

/* Reads everything; ends with 0 if it was MANY times 'x'. */
static void check_in_child(int fd)
{
    char piece[777];
    size_t total = 0;

    for (;;) {
        ssize_t count = read(fd, piece, sizeof(piece));

        if (count <= 0) {
            _exit(total == MANY ? 0 : 1);
        }
        for (ssize_t i = 0; i < count; i++) {
            if (piece[i] != 'x') {
                _exit(2);
            }
        }
        total += (size_t)count;
    }
}

Test(file, a_pipe_that_is_full_is_waited_for)
{
    static char octets[MANY];
    int ends[2];
    int status = -1;
    pid_t child = -1;

    memset(octets, 'x', sizeof(octets));
    cr_assert_eq(pipe(ends), 0);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        close(ends[1]);
        check_in_child(ends[0]);
    }
    close(ends[0]);
    cr_assert_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    cr_assert_eq(sf_file_write(ends[1], octets, sizeof(octets)), MANY);
    close(ends[1]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(file, a_reader_that_left_is_an_error)
{
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    cr_assert_eq(sf_file_write(ends[1], "x", 1), 0);
    cr_assert_eq(errno, EPIPE);
    close(ends[1]);
}

Test(file, nothing_is_written_when_there_is_nothing)
{
    cr_assert_eq(sf_file_write(-1, NULL, 0), 0);
}

Test(file, an_explanation_says_what_helps)
{
    static const struct {
        int error_number;
        const char *text;
    } cases[] = {
        {ENOENT,
         "cannot open the journal /x/y: No such file or directory: make the "
         "directory or choose another --journal"},
        {EACCES,
         "cannot open the journal /x/y: Permission denied: allow writing "
         "there or choose another --journal"},
        {ENOSPC,
         "cannot open the journal /x/y: No space left on device: free some "
         "space or choose another --journal"},
        {ENXIO,
         "cannot open the journal /x/y: No such device or address: start what "
         "reads it or choose another --journal"},
        {EFBIG,
         "cannot open the journal /x/y: File too large: raise the limit of "
         "file sizes or choose another --journal"},
        {EISDIR,
         "cannot open the journal /x/y: Is a directory: choose another "
         "--journal"},
    };
    static const struct sf_file_use use = {"open", "journal", "/x/y",
                                           "--journal"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[256];

        sf_file_explain(&use, cases[i].error_number, out, sizeof(out));
        cr_assert_str_eq(out, cases[i].text);
    }
}

Test(file, an_explanation_is_cut_to_its_place)
{
    static const struct sf_file_use use = {"open", "journal", "/x/y",
                                           "--journal"};
    char out[12] = "";

    sf_file_explain(&use, ENOENT, out, sizeof(out));
    cr_assert_str_eq(out, "cannot open");
}

/* Replaces what has this path; returns the result, and the error's text. */
static int replace(const char *path, char *error, size_t error_size)
{
    const struct sf_file_use use = {"write", "port file", path, "--port-file"};

    error[0] = '\0';
    return sf_file_replace(&use, sf_slice_str("text"), error, error_size);
}

Test(file, a_pipe_is_written_into_and_stays_a_pipe)
{
    char path[] = "/tmp/smtpfault-pipe-XXXXXX";
    char link[sizeof(path) + 5];
    char piece[16];
    char error[256];
    struct stat status;
    int fd = mkstemp(path);

    close(fd);
    unlink(path);
    snprintf(link, sizeof(link), "%s.link", path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(symlink(path, link), 0);

    cr_assert_eq(replace(path, error, sizeof(error)), SF_EIO);
    cr_assert(strstr(error, "start what reads it"), "%s", error);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    cr_assert_eq(replace(path, error, sizeof(error)), 0, "%s", error);
    cr_assert_eq(replace(link, error, sizeof(error)), 0, "%s", error);
    cr_assert_eq(read(fd, piece, sizeof(piece)), 8);
    cr_assert_eq(lstat(path, &status), 0);
    cr_assert(S_ISFIFO(status.st_mode));
    cr_assert_eq(lstat(link, &status), 0);
    cr_assert(S_ISLNK(status.st_mode));
    close(fd);
    unlink(link);
    unlink(path);
}

/* By a link of our own: a device that is lost is lost for everybody. */
Test(file, a_device_that_takes_nothing_is_an_error)
{
    char path[] = "/tmp/smtpfault-link-XXXXXX";
    char error[256];
    int fd = mkstemp(path);

    close(fd);
    unlink(path);
    cr_assert_eq(symlink("/dev/full", path), 0);
    cr_assert_eq(replace(path, error, sizeof(error)), SF_EIO);
    unlink(path);
    cr_assert(strstr(error, "No space left on device: free some space"), "%s",
              error);
}

/* Places for a file. */

static char root[64];
static char path[128];
static char error[512];

static void make_root(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/sf_file_XXXXXX");
    cr_assert_not_null(mkdtemp(root));
}

static void remove_root(void)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -r '%s'", root);
    cr_assert_eq(system(command), 0);
}

TestSuite(place, .init = make_root, .fini = remove_root);

static struct sf_file_use use_of(const char *name)
{
    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    return (struct sf_file_use){"write", "report", path, "--report"};
}

static void expect_content(const char *wanted)
{
    char content[64] = "";
    int fd = open(path, O_RDONLY);

    cr_assert_geq(fd, 0);
    cr_assert_geq(read(fd, content, sizeof(content) - 1), 0);
    close(fd);
    cr_assert_str_eq(content, wanted);
}

Test(place, a_file_is_made_and_then_replaced_whole)
{
    struct sf_file_use use = use_of("r");
    struct stat before;
    struct stat after;

    cr_assert_eq(sf_file_replace(&use, sf_slice_str("one"), error, 512), 0);
    expect_content("one");
    cr_assert_eq(stat(path, &before), 0);
    cr_assert_eq(sf_file_replace(&use, sf_slice_str("2"), error, 512), 0);
    expect_content("2");
    cr_assert_eq(stat(path, &after), 0);
    cr_assert_neq(before.st_ino, after.st_ino);
}

Test(place, a_pipe_stays_a_pipe)
{
    struct sf_file_use use = use_of("fifo");
    struct stat status;
    char content[8] = "";
    int fd = -1;

    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(sf_file_replace(&use, sf_slice_str("one"), error, 512),
                 SF_EIO);
    cr_assert_not_null(strstr(error, "fifo: No such device"), "%s", error);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    cr_assert_geq(fd, 0);
    cr_assert_eq(sf_file_check(&use, error, 512), 0);
    cr_assert_eq(sf_file_replace(&use, sf_slice_str("one"), error, 512), 0);
    cr_assert_eq(read(fd, content, sizeof(content)), 3);
    cr_assert_str_eq(content, "one");
    close(fd);
    cr_assert_eq(stat(path, &status), 0);
    cr_assert(S_ISFIFO(status.st_mode));
}

Test(place, where_no_file_can_be_is_known_before)
{
    static const struct {
        const char *name;
        const char *error; /* NULL: there it can be */
    } cases[] = {
        {"new", NULL},
        {"directory", "Is a directory"},
        {"directory/new", NULL},
        {"nosuch/new", "No such file or directory: make the directory"},
        {"link", NULL},
        {"directory/..", "Is a directory"},
    };
    struct sf_file_use use = use_of("directory");

    cr_assert_eq(mkdir(path, 0700), 0);
    (void)use_of("link");
    cr_assert_eq(symlink("/dev/null", path), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int wanted = cases[i].error ? SF_EIO : 0;

        use = use_of(cases[i].name);
        error[0] = '\0';
        cr_assert_eq(sf_file_check(&use, error, 512), wanted, "%s",
                     cases[i].name);
        cr_assert_eq(sf_file_replace(&use, sf_slice_str("x"), error, 512),
                     wanted, "%s: %s", cases[i].name, error);
        cr_assert_not_null(strstr(error, cases[i].error ? cases[i].error : ""),
                           "%s", error);
    }
}

Test(place, a_name_alone_is_in_the_directory_where_we_are)
{
    struct sf_file_use use = use_of("r");

    use.path = "r";
    cr_assert_eq(chdir(root), 0);
    cr_assert_eq(sf_file_check(&use, error, 512), 0);
    cr_assert_eq(sf_file_replace(&use, sf_slice_str("x"), error, 512), 0);
    expect_content("x");
    use.path = "/r";
    cr_assert_eq(sf_file_check(&use, error, 512),
                 access("/", W_OK) == 0 ? 0 : SF_EIO);
    cr_assert_eq(chdir("/"), 0);
}
