/* passage.c - one output of the command under test: passed on to ours as it
 * comes, its beginning kept.
 *
 * Ours may be shared with who started us, so that it must stay as blocking as
 * it is: poll() says whether there is room, and no more than a pipe takes in
 * one step is written at a time. */
#include "app/passage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/slice.h"

#define READ_BYTES 16384

struct sf_passage {
    uv_loop_t *loop;
    uv_pipe_t from;
    uv_poll_t room; /* of `to`, while it is full */
    int to;         /* ours, a descriptor of its own; -1: nobody reads */
    bool has_room_watch;
    bool is_open; /* `from` is */
    bool is_at_end;
    bool has_ended; /* the command has: `due` counts */
    uint64_t due;   /* octets that it left behind */
    size_t start;   /* of what waits in `octets` */
    size_t len;     /* likewise */
    struct sf_buf kept;
    bool is_cut;
    struct sf_passage_hook hook;
    char octets[READ_BYTES];
};

static void start_reading(struct sf_passage *passage);

/* What was passed on, or is passed on to nobody. */
static void take_off(struct sf_passage *passage, size_t count)
{
    passage->start += count;
    passage->len -= count;
    passage->due -= count < passage->due ? count : passage->due;
}

static bool has_room(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    return poll(&poller, 1, 0) == 1;
}

static void close_target(struct sf_passage *passage)
{
    if (passage->has_room_watch) {
        uv_close((uv_handle_t *)&passage->room, NULL);
        passage->has_room_watch = false;
    }
    if (passage->to >= 0) {
        (void)close(passage->to);
        passage->to = -1;
    }
}

/* Writes as long as that does not block. */
static void pass_on(struct sf_passage *passage)
{
    while (passage->len > 0 && passage->to >= 0 && has_room(passage->to)) {
        size_t step = passage->len < PIPE_BUF ? passage->len : PIPE_BUF;
        ssize_t count = 0;

        if (passage->hook.before_write) {
            passage->hook.before_write(
                passage->hook.ctx,
                sf_slice(passage->octets + passage->start, step));
        }
        count = write(passage->to, passage->octets + passage->start, step);
        if (count > 0) {
            take_off(passage, (size_t)count);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno != EINTR) {
            close_target(passage);
        }
    }
    if (passage->to < 0) {
        take_off(passage, passage->len);
    }
}

static void on_room(uv_poll_t *handle, int status, int events)
{
    struct sf_passage *passage = handle->data;

    (void)status; /* write() meets the same error. */
    (void)events;
    pass_on(passage);
    if (passage->len == 0) {
        if (passage->has_room_watch) {
            (void)uv_poll_stop(&passage->room);
        }
        start_reading(passage);
    }
}

static void keep(struct sf_passage *passage, size_t len)
{
    size_t room = SF_PASSAGE_KEPT_BYTES - passage->kept.len;

    passage->is_cut = passage->is_cut || len > room;
    sf_buf_append(&passage->kept, passage->octets, len < room ? len : room);
    passage->is_cut = passage->is_cut || passage->kept.failed != 0;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buf)
{
    struct sf_passage *passage = handle->data;

    (void)suggested;
    *out_buf = uv_buf_init(passage->octets, sizeof(passage->octets));
}

/* What cannot be waited for has room: a file, or nobody who reads. */
static void wait_for_room(struct sf_passage *passage)
{
    (void)uv_read_stop((uv_stream_t *)&passage->from);
    if (!passage->has_room_watch ||
        uv_poll_start(&passage->room, UV_WRITABLE, on_room) != 0) {
        close_target(passage);
        take_off(passage, passage->len);
        start_reading(passage);
    }
}

static void close_source(struct sf_passage *passage)
{
    if (passage->is_open) {
        passage->is_open = false;
        uv_close((uv_handle_t *)&passage->from, NULL);
    }
}

static void on_octets(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct sf_passage *passage = stream->data;

    (void)buf;
    if (count < 0) {
        passage->is_at_end = true;
        close_source(passage);
    } else if (count > 0) {
        keep(passage, (size_t)count);
        passage->start = 0;
        passage->len = (size_t)count;
        pass_on(passage);
        if (passage->len > 0) {
            wait_for_room(passage);
        }
    }
}

static void start_reading(struct sf_passage *passage)
{
    if (passage->is_open && uv_read_start((uv_stream_t *)&passage->from,
                                          on_alloc, on_octets) != 0) {
        passage->is_at_end = true;
        close_source(passage);
    }
}

/* A watch makes its descriptor non-blocking, and with it that of everybody
 * who has it from the same open(). */
static void watch_room(struct sf_passage *passage)
{
    int flags = fcntl(passage->to, F_GETFL);

    if (uv_poll_init(passage->loop, &passage->room, passage->to) == 0) {
        passage->room.data = passage;
        passage->has_room_watch = true;
        (void)fcntl(passage->to, F_SETFL, flags);
    }
}

static int open_pipe(struct sf_passage *passage, int *out_fd)
{
    uv_file ends[2];

    if (uv_pipe(ends, 0, 0) != 0) {
        return SF_EIO;
    }
    (void)uv_pipe_init(passage->loop, &passage->from, 0); /* always 0 */
    passage->from.data = passage;
    passage->is_open = true;
    if (uv_pipe_open(&passage->from, ends[0]) != 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return SF_EIO;
    }
    *out_fd = ends[1];
    return 0;
}

int sf_passage_open(uv_loop_t *loop,
                    int to,
                    const struct sf_passage_hook *hook,
                    struct sf_passage **out_passage,
                    int *out_fd)
{
    struct sf_passage *passage = calloc(1, sizeof(*passage));
    int err;

    if (!passage) {
        return SF_ENOMEM;
    }
    passage->loop = loop;
    passage->hook = *hook;
    sf_buf_init(&passage->kept, SF_PASSAGE_KEPT_BYTES);
    passage->to = fcntl(to, F_DUPFD_CLOEXEC, 0);
    *out_passage = passage; /* Its handles are the loop's from here on. */
    err = open_pipe(passage, out_fd);
    if (err == 0 && passage->to >= 0) {
        watch_room(passage);
    }
    start_reading(passage);
    return err;
}

void sf_passage_note_end(struct sf_passage *passage)
{
    int unread = 0;
    uv_os_fd_t fd;

    passage->has_ended = true;
    if (passage->is_open &&
        uv_fileno((const uv_handle_t *)&passage->from, &fd) == 0) {
        (void)ioctl(fd, FIONREAD, &unread);
    }
    passage->due = passage->len + (unread > 0 ? (uint64_t)unread : 0);
}

bool sf_passage_is_settled(const struct sf_passage *passage)
{
    return passage->has_ended && passage->len == 0 &&
           (passage->due == 0 || passage->is_at_end);
}

struct sf_slice sf_passage_kept(const struct sf_passage *passage)
{
    return sf_buf_slice(&passage->kept);
}

bool sf_passage_is_cut(const struct sf_passage *passage)
{
    return passage->is_cut;
}

void sf_passage_close(struct sf_passage *passage)
{
    if (passage) {
        close_source(passage);
        close_target(passage);
    }
}

void sf_passage_free(struct sf_passage *passage)
{
    if (passage) {
        sf_buf_fini(&passage->kept);
        free(passage);
    }
}
