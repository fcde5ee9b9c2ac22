/* hangup.h - whether the other side of a socket has left. */
#ifndef SF_NET_HANGUP_H
#define SF_NET_HANGUP_H

#include <uv.h>

enum sf_hangup {
    SF_HANGUP_NO,
    SF_HANGUP_FIN,   /* it sends no more, perhaps behind unread octets */
    SF_HANGUP_RESET, /* the connection broke */
};

/* What this side of the connection knows.  `handle` is a stream of libuv. */
enum sf_hangup sf_hangup_find(const uv_handle_t *handle);

/* The same for a socket that is not read.  While its window is closed a FIN
 * cannot arrive: the other socket is asked too, if it is of this machine. */
enum sf_hangup sf_hangup_find_unread(const uv_handle_t *handle);

#endif
