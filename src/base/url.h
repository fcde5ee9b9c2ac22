/* url.h - the addresses that a listener can have, as URLs.
 *
 *   smtp://127.0.0.1:2525    smtp://[::1]:0    smtp://localhost
 *   smtps://127.0.0.1:4650
 *   lmtp://127.0.0.1:2424    lmtp+unix:///run/lmtp.sock
 *
 * Hosts are numeric; `localhost` is 127.0.0.1.  Nothing is ever resolved.
 * Without a port smtp takes 2525, smtps 4650 and lmtp 2424, the unprivileged
 * twins of the usual 25, 465 and 24; port 0 takes a free one. */
#ifndef SF_BASE_URL_H
#define SF_BASE_URL_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "smtpfault.h"

union sf_address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
    struct sockaddr_un local;
};

struct sf_url {
    enum sf_protocol protocol;
    bool is_tls; /* from the first octet on */
    union sf_address address;
};

/* Enough for every URL that sf_url_parse() takes. */
#define SF_URL_TEXT_SIZE 160

/* Why a text is no URL of a listener. */
struct sf_url_fault {
    const char *text; /* what is wrong */
    const char *hint; /* what to do about it */
};

/* Returns NULL, or what is wrong: *out_url is of no use then. */
SF_MUST_CHECK const struct sf_url_fault *sf_url_parse(const char *text,
                                                      struct sf_url *out_url);

/* The canonical form, always with its port. */
void sf_url_format(const struct sf_url *url, char out[SF_URL_TEXT_SIZE]);

/* The numeric host, "unix" for a path; *out_port is 0 then. */
void sf_url_peer(const union sf_address *address,
                 char out_host[INET6_ADDRSTRLEN],
                 unsigned *out_port);

/* Of the member of `address` that is meant, for bind() and connect(). */
socklen_t sf_url_address_size(const struct sf_url *url);

bool sf_url_is_unix(const struct sf_url *url);

/* 0: a free one is wanted, or it is a path. */
unsigned sf_url_port(const struct sf_url *url);
void sf_url_set_port(struct sf_url *url, unsigned port);

/* Whether both cannot be listened at: the same path, or the same port at
 * addresses of which one is, or contains, the other. */
bool sf_url_collides(const struct sf_url *one, const struct sf_url *other);

/* As above, whatever the ports. */
bool sf_url_shares_host(const struct sf_url *one, const struct sf_url *other);

/* Whether only this machine can connect. */
bool sf_url_is_loopback(const struct sf_url *url);

#endif
