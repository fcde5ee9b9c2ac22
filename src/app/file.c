/* file.c - whole writes, and what is said when a file cannot be used. */
#include "app/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define PATH_LIMIT 65536

struct advice {
    int error_number;
    const char *text;
};

/* What helps, beside another file. */
static const struct advice advices[] = {
    {ENOENT, "make the directory or "},
    {EACCES, "allow writing there or "},
    {EPERM, "allow writing there or "},
    {ENOSPC, "free some space or "},
    {EDQUOT, "free some space or "},
    {ENXIO, "start what reads it or "},
    {EFBIG, "raise the limit of file sizes or "},
};

/* Whether a write that failed may go on. */
static bool can_retry(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    if (errno == EINTR) {
        return true;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
        return false;
    }
    return poll(&poller, 1, -1) >= 0 || errno == EINTR;
}

size_t sf_file_write(int fd, const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t count = write(fd, data + done, len - done);

        if (count > 0) {
            done += (size_t)count;
        } else if (count == 0) {
            errno = EIO; /* Not to be had for regular files and pipes. */
            break;
        } else if (!can_retry(fd)) {
            break;
        }
    }
    return done;
}

void sf_file_explain(const struct sf_file_use *use,
                     int error_number,
                     char *out,
                     size_t size)
{
    const char *advice = "";

    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
        if (advices[i].error_number == error_number) {
            advice = advices[i].text;
        }
    }
    (void)snprintf(out, size, "cannot %s the %s %s: %s: %schoose another %s",
                   use->verb, use->noun, use->path, strerror(error_number),
                   advice, use->option);
}

/* Writes and closes; errno is set if that fails. */
static bool write_and_close(int fd, struct sf_slice text)
{
    bool is_good = sf_file_write(fd, text.ptr, text.len) == text.len;
    int saved = errno;

    if (close(fd) != 0 && is_good) {
        return false;
    }
    errno = saved;
    return is_good;
}

/* Writes a new file; errno is set if that fails.  What has its name is a
 * leftover of an earlier process, or not meant well. */
static bool write_new_file(const char *path, struct sf_slice text)
{
    int fd;

    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return fd >= 0 && write_and_close(fd, text);
}

/* A link, such as /dev/stdout, a device or a pipe, whose place no file may
 * take; a directory, which tells so when it is opened. */
static bool is_special(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Whether it is where our output goes, which is not to be lost. */
static bool is_output(const char *path)
{
    struct stat status;
    struct stat output;
    bool is_same = false;

    if (stat(path, &status) != 0) {
        return false;
    }
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && !is_same; fd++) {
        is_same = fstat(fd, &output) == 0 && status.st_dev == output.st_dev &&
                  status.st_ino == output.st_ino;
    }
    return is_same;
}

/* A pipe that nobody reads is an error, not waited for. */
static bool write_special(const char *path, struct sf_slice text)
{
    int how = is_output(path) ? O_APPEND : O_CREAT | O_TRUNC;
    int fd =
        open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | how, 0666);

    return fd >= 0 && write_and_close(fd, text);
}

int sf_file_replace(const struct sf_file_use *use,
                    struct sf_slice text,
                    char *error,
                    size_t error_size)
{
    struct sf_buf temporary;
    int err = SF_EIO;

    sf_buf_init(&temporary, PATH_LIMIT);
    /* In the same directory, so that rename() is one step. */
    sf_buf_printf(&temporary, "%s.%ld.tmp", use->path, (long)getpid());
    sf_buf_putc(&temporary, '\0');
    if (temporary.failed != 0) {
        sf_file_explain(use, ENOMEM, error, error_size);
    } else if (is_special(use->path)) {
        if (write_special(use->path, text)) {
            err = 0;
        } else {
            sf_file_explain(use, errno, error, error_size);
        }
    } else if (!write_new_file(temporary.ptr, text) ||
               rename(temporary.ptr, use->path) != 0) {
        sf_file_explain(use, errno, error, error_size);
        (void)unlink(temporary.ptr);
    } else {
        err = 0;
    }
    sf_buf_fini(&temporary);
    return err;
}

/* Whether a file may be made in the directory of that path; errno is set if
 * not. */
static bool can_make_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    struct sf_buf directory;
    bool is_good;

    sf_buf_init(&directory, PATH_LIMIT);
    if (slash) {
        sf_buf_append(&directory, path, len > 0 ? len : 1);
    } else {
        sf_buf_putc(&directory, '.');
    }
    sf_buf_putc(&directory, '\0');
    errno = ENOMEM;
    is_good = directory.failed == 0 && access(directory.ptr, W_OK | X_OK) == 0;
    sf_buf_fini(&directory);
    return is_good;
}

int sf_file_check(const struct sf_file_use *use, char *error, size_t error_size)
{
    struct stat status;
    bool is_good;

    if (!is_special(use->path)) {
        is_good = can_make_file(use->path);
    } else if (stat(use->path, &status) != 0) {
        is_good = errno == ENOENT; /* a link to what is yet to be made */
    } else if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        is_good = false;
    } else {
        is_good = access(use->path, W_OK) == 0;
    }
    if (!is_good) {
        sf_file_explain(use, errno, error, error_size);
        return SF_EIO;
    }
    return 0;
}
