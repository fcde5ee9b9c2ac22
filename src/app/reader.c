/* reader.c - reads scenario files for the loader. */
#include "app/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* Reads to the end.  Pipes have no size that could be asked for. */
static int read_all(int fd, struct sf_buf *buf)
{
    char block[16384];
    ssize_t count;

    do {
        count = read(fd, block, sizeof(block));
        if (count > 0) {
            sf_buf_append(buf, block, (size_t)count);
        }
    } while ((count > 0 && buf->failed == 0) || (count < 0 && errno == EINTR));
    if (buf->failed == SF_ENOMEM) {
        return SF_ENOMEM;
    }
    return count == 0 && buf->failed == 0 ? 0 : SF_EREAD;
}

/* Terminates the text, for whoever prints it. */
static int read_fd(int fd, char **out_text, size_t *out_len)
{
    struct sf_buf buf;
    int err;

    sf_buf_init(&buf, SF_READER_FILE_BYTES + 1);
    err = read_all(fd, &buf);
    if (err == 0) {
        sf_buf_putc(&buf, '\0');
        err = buf.failed == SF_ETOOBIG ? SF_EREAD : buf.failed;
    }
    if (err != 0) {
        sf_buf_fini(&buf);
        return err;
    }
    *out_text = buf.ptr;
    *out_len = buf.len - 1;
    return 0;
}

static int
read_stdin(struct sf_reader *reader, char **out_text, size_t *out_len)
{
    char *copy;

    if (!reader->has_stdin) {
        int err =
            read_fd(STDIN_FILENO, &reader->stdin_text, &reader->stdin_len);

        if (err != 0) {
            return err;
        }
        reader->has_stdin = true;
    }
    copy = malloc(reader->stdin_len + 1);
    if (!copy) {
        return SF_ENOMEM;
    }
    memcpy(copy, reader->stdin_text, reader->stdin_len + 1);
    *out_text = copy;
    *out_len = reader->stdin_len;
    return 0;
}

static int open_file(const char *path, int *out_fd)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR ? SF_ENOTFOUND : SF_EREAD;
    }
    if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
        (void)close(fd);
        return strchr(path, '/') ? SF_EREAD : SF_ENOTFOUND;
    }
    *out_fd = fd;
    return 0;
}

int sf_reader_read(void *ctx,
                   const char *path,
                   char **out_text,
                   size_t *out_len)
{
    struct sf_reader *reader = ctx;
    int err;
    int fd;

    if (reader->is_bundle_only ||
        (reader->bundled != NULL && strcmp(path, reader->bundled) == 0)) {
        return SF_ENOTFOUND;
    }
    if (strcmp(path, "-") == 0) {
        return read_stdin(reader, out_text, out_len);
    }
    err = open_file(path, &fd);
    if (err != 0) {
        return err;
    }
    err = read_fd(fd, out_text, out_len);
    (void)close(fd);
    return err;
}

void sf_reader_fini(struct sf_reader *reader)
{
    free(reader->stdin_text);
    *reader = (struct sf_reader){0};
}
