/* file.c - whole writes, and what is said when a file cannot be used. */
#include "app/file.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

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
