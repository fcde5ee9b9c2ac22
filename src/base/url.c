/* url.c - the addresses that a listener can have, as URLs. */
#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/slice.h"

/* One row a scheme. */
struct scheme {
    const char *name;
    enum sf_protocol protocol;
    bool is_tls;
    uint16_t default_port;
    const struct sf_url_fault *(*parse)(struct sf_slice rest,
                                        uint16_t default_port,
                                        union sf_address *address);
};

static const struct sf_url_fault *parse_host_port(struct sf_slice rest,
                                                  uint16_t default_port,
                                                  union sf_address *address);
static const struct sf_url_fault *parse_unix_path(struct sf_slice rest,
                                                  uint16_t default_port,
                                                  union sf_address *address);

static const struct scheme schemes[] = {
    {"smtp://", SF_PROTOCOL_SMTP, false, 2525, parse_host_port},
    {"smtps://", SF_PROTOCOL_SMTP, true, 4650, parse_host_port},
    {"lmtp://", SF_PROTOCOL_LMTP, false, 2424, parse_host_port},
    {"lmtp+unix://", SF_PROTOCOL_LMTP, false, 0, parse_unix_path},
};

#define SCHEME_COUNT (sizeof(schemes) / sizeof(schemes[0]))

static const struct sf_url_fault no_url = {
    "not a listener's URL",
    "write smtp://HOST:PORT, smtps://, lmtp:// or lmtp+unix:///PATH"};
static const struct sf_url_fault bad_host = {
    "the host is not a numeric address", "write 127.0.0.1, [::1] or localhost"};
static const struct sf_url_fault bad_port = {
    "the port is not a number from 0 to 65535", "port 0 takes a free one"};
static const struct sf_url_fault not_absolute = {
    "the path is not absolute", "write lmtp+unix:///path/to/socket"};
static const struct sf_url_fault too_long = {
    "the path is too long for a socket", "take one of at most 107 octets"};
static const struct sf_url_fault bad_octet = {
    "the path holds a blank or a control character", "take another one"};

/* Copies a host so that inet_pton() finds its end. */
static bool
parse_numeric_host(struct sf_slice host, int family, union sf_address *address)
{
    char text[INET6_ADDRSTRLEN];

    if (host.len == 0 || host.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    memset(address, 0, sizeof(*address));
    address->any.sa_family = (sa_family_t)family;
    return inet_pton(family, text,
                     family == AF_INET6 ? (void *)&address->ip6.sin6_addr
                                        : (void *)&address->ip4.sin_addr) == 1;
}

/* Takes `[...]` or everything before the colon off the front of *rest. */
static bool take_host(struct sf_slice *rest, union sf_address *address)
{
    struct sf_slice host = *rest;

    if (rest->len > 0 && rest->ptr[0] == '[') {
        size_t end = sf_slice_find(*rest, ']');

        if (end == rest->len) {
            return false;
        }
        host = sf_slice(rest->ptr + 1, end - 1);
        *rest = sf_slice(rest->ptr + end + 1, rest->len - end - 1);
        return parse_numeric_host(host, AF_INET6, address);
    }
    host.len = sf_slice_find(*rest, ':');
    *rest = sf_slice(rest->ptr + host.len, rest->len - host.len);
    if (sf_slice_eq_str_nocase(host, "localhost")) {
        host = sf_slice_str("127.0.0.1");
    }
    return parse_numeric_host(host, AF_INET, address);
}

/* sin_port and sin6_port are at the same place, but that is nobody's
 * promise. */
static void set_port(union sf_address *address, uint16_t port)
{
    if (address->any.sa_family == AF_INET6) {
        address->ip6.sin6_port = htons(port);
    } else {
        address->ip4.sin_port = htons(port);
    }
}

/* Returns NULL, or what is wrong. */
static const struct sf_url_fault *parse_host_port(struct sf_slice rest,
                                                  uint16_t default_port,
                                                  union sf_address *address)
{
    uint64_t port = default_port;

    if (rest.len > 0 && rest.ptr[rest.len - 1] == '/') {
        rest.len--;
    }
    if (!take_host(&rest, address)) {
        return &bad_host;
    }
    if (rest.len > 0) {
        if (rest.ptr[0] != ':') {
            return &bad_port;
        }
        rest = sf_slice(rest.ptr + 1, rest.len - 1);
        if (sf_slice_parse_u64(rest, &port) != 0 || port > 65535) {
            return &bad_port;
        }
    }
    set_port(address, (uint16_t)port);
    return NULL;
}

static const struct sf_url_fault *parse_unix_path(struct sf_slice rest,
                                                  uint16_t default_port,
                                                  union sf_address *address)
{
    (void)default_port;
    memset(address, 0, sizeof(*address));
    if (rest.len < 2 || rest.ptr[0] != '/') {
        return &not_absolute;
    }
    if (rest.len >= sizeof(address->local.sun_path)) {
        return &too_long;
    }
    for (size_t i = 0; i < rest.len; i++) {
        if ((unsigned char)rest.ptr[i] <= ' ' || rest.ptr[i] == 127) {
            return &bad_octet;
        }
    }
    address->local.sun_family = AF_UNIX;
    memcpy(address->local.sun_path, rest.ptr, rest.len);
    return NULL;
}

/* NULL: there is none. */
static const struct scheme *find_scheme(struct sf_slice text)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++) {
        if (sf_slice_starts_nocase(text, schemes[i].name)) {
            return &schemes[i];
        }
    }
    return NULL;
}

const struct sf_url_fault *sf_url_parse(const char *text,
                                        struct sf_url *out_url)
{
    const struct scheme *scheme = find_scheme(sf_slice_str(text));

    if (scheme == NULL) {
        return &no_url;
    }
    out_url->protocol = scheme->protocol;
    out_url->is_tls = scheme->is_tls;
    return scheme->parse(sf_slice_str(text + strlen(scheme->name)),
                         scheme->default_port, &out_url->address);
}

void sf_url_peer(const union sf_address *address,
                 char out_host[INET6_ADDRSTRLEN],
                 unsigned *out_port)
{
    const void *number = &address->ip4.sin_addr;

    if (address->any.sa_family != AF_INET &&
        address->any.sa_family != AF_INET6) {
        (void)snprintf(out_host, INET6_ADDRSTRLEN, "unix");
        *out_port = 0;
        return;
    }
    *out_port = ntohs(address->ip4.sin_port);
    if (address->any.sa_family == AF_INET6) {
        number = &address->ip6.sin6_addr;
        *out_port = ntohs(address->ip6.sin6_port);
    }
    if (!inet_ntop(address->any.sa_family, number, out_host,
                   INET6_ADDRSTRLEN)) {
        out_host[0] = '\0';
    }
}

void sf_url_format(const struct sf_url *url, char out[SF_URL_TEXT_SIZE])
{
    const char *scheme = url->protocol == SF_PROTOCOL_LMTP ? "lmtp"
                         : url->is_tls                     ? "smtps"
                                                           : "smtp";
    char host[INET6_ADDRSTRLEN];
    unsigned port;

    if (sf_url_is_unix(url)) {
        (void)snprintf(out, SF_URL_TEXT_SIZE, "%s+unix://%s", scheme,
                       url->address.local.sun_path);
        return;
    }
    sf_url_peer(&url->address, host, &port);
    (void)snprintf(out, SF_URL_TEXT_SIZE,
                   url->address.any.sa_family == AF_INET6 ? "%s://[%s]:%u"
                                                          : "%s://%s:%u",
                   scheme, host, port);
}

socklen_t sf_url_address_size(const struct sf_url *url)
{
    switch (url->address.any.sa_family) {
    case AF_INET:
        return sizeof(url->address.ip4);
    case AF_INET6:
        return sizeof(url->address.ip6);
    default:
        return sizeof(url->address.local);
    }
}

bool sf_url_is_unix(const struct sf_url *url)
{
    return url->address.any.sa_family == AF_UNIX;
}

bool sf_url_is_loopback(const struct sf_url *url)
{
    const union sf_address *address = &url->address;

    if (address->any.sa_family == AF_INET6) {
        return IN6_IS_ADDR_LOOPBACK(&address->ip6.sin6_addr);
    }
    if (address->any.sa_family == AF_INET) {
        /* 127.0.0.0/8, RFC 1122 3.2.1.3 */
        return ntohl(address->ip4.sin_addr.s_addr) >> 24 == 127;
    }
    return true;
}

unsigned sf_url_port(const struct sf_url *url)
{
    switch (url->address.any.sa_family) {
    case AF_INET:
        return ntohs(url->address.ip4.sin_port);
    case AF_INET6:
        return ntohs(url->address.ip6.sin6_port);
    default:
        return 0;
    }
}

void sf_url_set_port(struct sf_url *url, unsigned port)
{
    set_port(&url->address, (uint16_t)port);
}

static bool is_any_host(const union sf_address *address)
{
    return address->any.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&address->ip6.sin6_addr)
               : address->ip4.sin_addr.s_addr == INADDR_ANY;
}

bool sf_url_shares_host(const struct sf_url *one, const struct sf_url *other)
{
    const union sf_address *a = &one->address;
    const union sf_address *b = &other->address;

    if (a->any.sa_family != b->any.sa_family) {
        return false;
    }
    if (a->any.sa_family == AF_UNIX) {
        return strcmp(a->local.sun_path, b->local.sun_path) == 0;
    }
    if (is_any_host(a) || is_any_host(b)) {
        return true;
    }
    return a->any.sa_family == AF_INET6
               ? IN6_ARE_ADDR_EQUAL(&a->ip6.sin6_addr, &b->ip6.sin6_addr)
               : a->ip4.sin_addr.s_addr == b->ip4.sin_addr.s_addr;
}

bool sf_url_collides(const struct sf_url *one, const struct sf_url *other)
{
    return sf_url_shares_host(one, other) &&
           sf_url_port(one) == sf_url_port(other) &&
           (sf_url_is_unix(one) || sf_url_port(one) != 0);
}
