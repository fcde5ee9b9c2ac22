/* hangup.c - whether the other side of a socket has left.
 *
 * libuv tells only readers; and after a partial read it takes any hang-up for
 * the end of input. */
#define _GNU_SOURCE /* POLLRDHUP; NOLINT(bugprone-reserved-identifier) */
#include "net/hangup.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/url.h"

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
};

struct answer {
    struct nlmsghdr header;
    struct inet_diag_msg message;
};

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

/* The other socket. */

static void put_address(const union sf_address *address,
                        __be32 out_host[4],
                        __be16 *out_port)
{
    if (address->any.sa_family == AF_INET6) {
        memcpy(out_host, &address->ip6.sin6_addr, 16);
        *out_port = address->ip6.sin6_port;
    } else {
        memcpy(out_host, &address->ip4.sin_addr, 4);
        *out_port = address->ip4.sin_port;
    }
}

/* Asks for the socket from which ours is seen.  Returns false if there can be
 * none. */
static bool make_question(int fd, struct question *out_question)
{
    union sf_address ours = {.any.sa_family = AF_UNSPEC};
    union sf_address theirs = {.any.sa_family = AF_UNSPEC};
    socklen_t ours_size = sizeof(ours);
    socklen_t theirs_size = sizeof(theirs);
    struct inet_diag_req_v2 *request = &out_question->request;

    if (getsockname(fd, &ours.any, &ours_size) != 0 ||
        getpeername(fd, &theirs.any, &theirs_size) != 0 ||
        (ours.any.sa_family != AF_INET && ours.any.sa_family != AF_INET6)) {
        return false;
    }
    *out_question =
        (struct question){.header = {.nlmsg_len = sizeof(*out_question),
                                     .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                                     .nlmsg_flags = NLM_F_REQUEST},
                          .request = {.sdiag_family = (__u8)ours.any.sa_family,
                                      .sdiag_protocol = IPPROTO_TCP,
                                      .idiag_states = ~(__u32)0,
                                      .id.idiag_cookie = {INET_DIAG_NOCOOKIE,
                                                          INET_DIAG_NOCOOKIE}}};
    put_address(&theirs, request->id.idiag_src, &request->id.idiag_sport);
    put_address(&ours, request->id.idiag_dst, &request->id.idiag_dport);
    return true;
}

/* Returns the state, or -1 if the kernel knows no such socket. */
static int ask_state(const struct question *question)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_SOCK_DIAG);
    struct answer answer;
    int state = -1;

    if (fd < 0) {
        return -1;
    }
    /* The answer is there when the question was taken. */
    if (send(fd, question, sizeof(*question), 0) ==
            (ssize_t)sizeof(*question) &&
        recv(fd, &answer, sizeof(answer), 0) == (ssize_t)sizeof(answer) &&
        answer.header.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
        state = answer.message.idiag_state;
    }
    (void)close(fd);
    return state;
}

enum sf_hangup sf_hangup_find_unread(const uv_handle_t *handle)
{
    enum sf_hangup hangup = sf_hangup_find(handle);
    struct question question;
    uv_os_fd_t fd;

    if (hangup != SF_HANGUP_NO || uv_fileno(handle, &fd) != 0 ||
        !make_question(fd, &question)) {
        return hangup;
    }
    switch (ask_state(&question)) {
    case TCP_FIN_WAIT1:
    case TCP_FIN_WAIT2:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
    case TCP_TIME_WAIT:
        return SF_HANGUP_FIN;
    default:
        return SF_HANGUP_NO;
    }
}
