/* write.c - sends octets at once where the kernel takes them, and leaves the
 * rest to libuv: in libuv 1.44 every uv_write() costs an epoll_ctl(). */
#include "net/write.h"

#include <stdlib.h>
#include <string.h>

/* One write: the request and the octets, which outlive the step. */
struct queued_write {
    uv_write_t request; /* first, so that its address is ours */
    char octets[];
};

static enum sf_write_result queue_octets(uv_stream_t *stream,
                                         struct sf_slice octets,
                                         uv_write_cb on_written)
{
    struct queued_write *write = malloc(sizeof(*write) + octets.len);
    uv_buf_t buf;

    if (!write) {
        return SF_WRITE_FAILED;
    }
    memcpy(write->octets, octets.ptr, octets.len);
    buf = uv_buf_init(write->octets, (unsigned)octets.len);
    if (uv_write(&write->request, stream, &buf, 1, on_written) != 0) {
        free(write);
        return SF_WRITE_FAILED;
    }
    return SF_WRITE_QUEUED;
}

enum sf_write_result sf_write_send(uv_stream_t *stream,
                                   struct sf_slice octets,
                                   uv_write_cb on_written)
{
    uv_buf_t buf = {.len = octets.len};
    int sent;

    if (octets.len == 0) {
        return SF_WRITE_DONE;
    }
    /* The octets are only read; libuv's type has no const. */
    memcpy(&buf.base, &octets.ptr, sizeof(buf.base));
    sent = uv_try_write(stream, &buf, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        return SF_WRITE_FAILED;
    }
    if (sent > 0) {
        octets.ptr += sent;
        octets.len -= (size_t)sent;
    }
    return octets.len == 0 ? SF_WRITE_DONE
                           : queue_octets(stream, octets, on_written);
}

void sf_write_free(uv_write_t *request)
{
    free(request);
}
