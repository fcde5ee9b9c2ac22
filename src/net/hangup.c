/* hangup.c - whether the other side of a socket that is not read has left.
 *
 * libuv tells only readers; and after a partial read it takes any hang-up for
 * the end of input. */
#define _GNU_SOURCE /* POLLRDHUP; NOLINT(bugprone-reserved-identifier) */
#include "net/hangup.h"

#include <poll.h>
#include <sys/socket.h>

enum sf_hangup sf_hangup_find(const uv_handle_t *handle)
{
    struct pollfd look = {.events = POLLRDHUP};
    int error = 0;
    socklen_t size = sizeof(error);

    if (uv_fileno(handle, &look.fd) != 0 || poll(&look, 1, 0) != 1) {
        return SF_HANGUP_NO;
    }
    if (getsockopt(look.fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
        error != 0) {
        return SF_HANGUP_RESET;
    }
    return SF_HANGUP_FIN;
}
