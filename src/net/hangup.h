/* hangup.h - whether the other side of a socket that is not read has left. */
#ifndef SF_NET_HANGUP_H
#define SF_NET_HANGUP_H

#include <uv.h>

enum sf_hangup {
    SF_HANGUP_NO,
    SF_HANGUP_FIN,   /* it sends no more, perhaps behind unread octets */
    SF_HANGUP_RESET, /* the connection broke */
};

/* `handle` is a stream of libuv. */
enum sf_hangup sf_hangup_find(const uv_handle_t *handle);

#endif
