/* write.h - sends octets at once where the kernel takes them, and leaves the
 * rest to libuv. */
#ifndef SF_NET_WRITE_H
#define SF_NET_WRITE_H

#include <uv.h>

#include "smtpfault.h"

enum sf_write_result {
    SF_WRITE_DONE,
    SF_WRITE_QUEUED, /* `on_written` will be called */
    SF_WRITE_FAILED, /* the connection broke, or there is no memory */
};

/* Nothing is copied unless it has to wait.  While an earlier write waits, this
 * one queues behind it.  on_written() has to call sf_write_free(). */
enum sf_write_result sf_write_send(uv_stream_t *stream,
                                   struct sf_slice octets,
                                   uv_write_cb on_written);

void sf_write_free(uv_write_t *request);

#endif
