/* invocation.c - the words and the environment of the command under test. */
#include "app/invocation.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/suggestion.h"

#define WORD_LIMIT    1048576
#define PORT_NAME     "port."
#define PORT_NAME_LEN (sizeof(PORT_NAME) - 1)

extern char **environ;

/* What an address is to a client. */
struct target {
    struct sf_url url;
    char text[SF_URL_TEXT_SIZE];
    char host[INET6_ADDRSTRLEN];
    char port[8];
};

struct making {
    struct sf_invocation *invocation;
    const struct sf_net_server *server;
    const struct sf_listeners *listeners;
    const char *ca;
    const char *first_name; /* of the listener that `first` is */
    struct target first;
    size_t env_count;
    char *error;
    size_t error_size;
};

/* Names in braces. */

/* Finds the next `{name}` of *rest and cuts it off with what stands before it.
 * The name may be one that nobody knows. */
static bool cut_name(struct sf_slice *rest,
                     struct sf_slice *out_before,
                     struct sf_slice *out_name)
{
    for (size_t i = 0; i < rest->len; i++) {
        struct sf_slice name = sf_slice_skip(*rest, i + 1);

        if (rest->ptr[i] != '{' || (i > 0 && rest->ptr[i - 1] == '$')) {
            continue;
        }
        name.len = sf_slice_find(name, '}');
        if (sf_slice_is_name(name) && i + 1 + name.len < rest->len) {
            *out_before = sf_slice(rest->ptr, i);
            *out_name = name;
            *rest = sf_slice_skip(*rest, i + 2 + name.len);
            return true;
        }
    }
    return false;
}

bool sf_invocation_asks_for(const struct sf_options *options, const char *name)
{
    for (size_t i = 0; i < options->under_test_count; i++) {
        struct sf_slice rest = sf_slice_str(options->under_test[i]);
        struct sf_slice before;
        struct sf_slice found;

        while (cut_name(&rest, &before, &found)) {
            if (sf_slice_eq_str(found, name)) {
                return true;
            }
        }
    }
    return false;
}

/* Targets. */

/* Nobody connects to the address that stands for all. */
static void name_loopback(union sf_address *address)
{
    if (address->any.sa_family == AF_INET &&
        address->ip4.sin_addr.s_addr == htonl(INADDR_ANY)) {
        address->ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else if (address->any.sa_family == AF_INET6 &&
               IN6_IS_ADDR_UNSPECIFIED(&address->ip6.sin6_addr)) {
        address->ip6.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
    }
}

static void find_target(const struct sf_net_server *server,
                        size_t index,
                        struct target *out_target)
{
    unsigned port = 0;

    *out_target = (struct target){0};
    if (sf_url_parse(sf_net_server_listener_url(server, index),
                     &out_target->url) != NULL) {
        return;
    }
    name_loopback(&out_target->url.address);
    sf_url_format(&out_target->url, out_target->text);
    if (!sf_url_is_unix(&out_target->url)) {
        sf_url_peer(&out_target->url.address, out_target->host, &port);
        (void)snprintf(out_target->port, sizeof(out_target->port), "%u", port);
    }
}

/* The first listener that answers, or the first if none does. */
static size_t find_first(const struct sf_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->list[i].mode == SF_LISTEN_SERVES) {
            return i;
        }
    }
    return 0;
}

/* Words. */

static int fail_portless(const struct making *making,
                         struct sf_slice name,
                         const char *listener)
{
    (void)snprintf(making->error, making->error_size,
                   "{%.*s}: the listener %s is a UNIX socket: use {url}, or "
                   "listen on TCP",
                   (int)name.len, name.ptr, listener);
    return SF_ESYNTAX;
}

static int fail_unknown(const struct making *making, struct sf_slice name)
{
    struct sf_suggestion near;

    sf_suggestion_init(&near, sf_slice_skip(name, PORT_NAME_LEN));
    for (size_t i = 0; i < making->listeners->count; i++) {
        sf_suggestion_offer(&near, making->listeners->list[i].name);
    }
    (void)snprintf(making->error, making->error_size,
                   near.name ? "{%.*s}: there is no listener of that name: did "
                               "you mean {port.%s}?"
                             : "{%.*s}: there is no listener of that name: "
                               "give one with --listen NAME=URL%s",
                   (int)(name.len < 60 ? name.len : 60), name.ptr,
                   near.name ? near.name : "");
    return SF_ESYNTAX;
}

static int put_port_of(const struct making *making,
                       struct sf_slice name,
                       struct sf_buf *word)
{
    struct sf_slice wanted = sf_slice_skip(name, PORT_NAME_LEN);
    struct target target;

    for (size_t i = 0; i < making->listeners->count; i++) {
        if (!sf_slice_eq_str(wanted, making->listeners->list[i].name)) {
            continue;
        }
        find_target(making->server, i, &target);
        if (target.port[0] == '\0') {
            return fail_portless(making, name, making->listeners->list[i].name);
        }
        sf_buf_puts(word, target.port);
        return 0;
    }
    return fail_unknown(making, name);
}

/* In front of a port an IPv6 address has brackets. */
static void
put_host(const struct making *making, bool has_port, struct sf_buf *word)
{
    bool has_brackets =
        has_port && making->first.url.address.any.sa_family == AF_INET6;

    sf_buf_puts(word, has_brackets ? "[" : "");
    sf_buf_puts(word, making->first.host);
    sf_buf_puts(word, has_brackets ? "]" : "");
}

/* Puts the value of a name; one that nobody knows stays as it is. */
static int put_value(const struct making *making,
                     struct sf_slice name,
                     struct sf_slice rest,
                     struct sf_buf *word)
{
    bool is_host = sf_slice_eq_str(name, "host");
    bool is_port = sf_slice_eq_str(name, "port");

    if (name.len > PORT_NAME_LEN &&
        memcmp(name.ptr, PORT_NAME, PORT_NAME_LEN) == 0) {
        return put_port_of(making, name, word);
    }
    if ((is_host || is_port) && making->first.port[0] == '\0') {
        return fail_portless(making, name, making->first_name);
    }
    if (is_host) {
        put_host(making, rest.len > 0 && rest.ptr[0] == ':', word);
    } else if (is_port) {
        sf_buf_puts(word, making->first.port);
    } else if (sf_slice_eq_str(name, "url")) {
        sf_buf_puts(word, making->first.text);
    } else if (sf_slice_eq_str(name, "ca") && making->ca) {
        sf_buf_puts(word, making->ca);
    } else {
        sf_buf_putc(word, '{');
        sf_buf_put_slice(word, name);
        sf_buf_putc(word, '}');
    }
    return 0;
}

static int
put_word(const struct making *making, const char *text, struct sf_buf *word)
{
    struct sf_slice rest = sf_slice_str(text);
    struct sf_slice before;
    struct sf_slice name;
    int err = 0;

    sf_buf_clear(word);
    while (err == 0 && cut_name(&rest, &before, &name)) {
        sf_buf_put_slice(word, before);
        err = put_value(making, name, rest, word);
    }
    sf_buf_put_slice(word, rest);
    return err == 0 ? word->failed : err;
}

static int make_words(struct making *making, const struct sf_options *options)
{
    struct sf_invocation *invocation = making->invocation;
    struct sf_buf word;
    int err = 0;

    sf_buf_init(&word, WORD_LIMIT);
    for (size_t i = 0; err == 0 && i < options->under_test_count; i++) {
        err = put_word(making, options->under_test[i], &word);
        if (err == 0) {
            invocation->argv[i] =
                sf_arena_dup(&invocation->arena, sf_buf_slice(&word));
            err = invocation->argv[i] ? 0 : SF_ENOMEM;
        }
    }
    sf_buf_fini(&word);
    invocation->argc = options->under_test_count;
    return err;
}

/* The environment. */

/* What a smtpfault around us has said is about another server. */
static bool is_ours(const char *variable)
{
    static const char *const starts[] = {
        "SMTPFAULT_HOST=", "SMTPFAULT_PORT=", "SMTPFAULT_URL=", "SMTPFAULT_CA=",
        "SMTPFAULT_PORT_"};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(variable, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* An empty value is none. */
static int
put_variable(struct making *making, const char *name, const char *value)
{
    struct sf_invocation *invocation = making->invocation;
    char *variable = NULL;

    if (!value || !*value) {
        return 0;
    }
    variable = sf_arena_printf(&invocation->arena, "%s=%s", name, value);
    if (!variable) {
        return SF_ENOMEM;
    }
    invocation->env[making->env_count++] = variable;
    return 0;
}

/* A shell has only letters, digits and `_` in names. */
static int put_port_variables(struct making *making, size_t index)
{
    char name[80] = "SMTPFAULT_PORT_";
    bool is_lower = false;
    struct target target;
    size_t start = strlen(name);
    int err;

    find_target(making->server, index, &target);
    (void)snprintf(name + start, sizeof(name) - start, "%s",
                   making->listeners->list[index].name);
    for (char *c = name + start; *c; c++) {
        if (!sf_ascii_is_alnum(*c)) {
            *c = '_';
        }
        is_lower = is_lower || sf_ascii_upper(*c) != *c;
    }
    err = put_variable(making, name, target.port);
    for (char *c = name + start; *c; c++) {
        *c = sf_ascii_upper(*c);
    }
    return err == 0 && is_lower ? put_variable(making, name, target.port) : err;
}

static int make_environment(struct making *making)
{
    const struct {
        const char *name;
        const char *value;
    } variables[] = {{"SMTPFAULT_HOST", making->first.host},
                     {"SMTPFAULT_PORT", making->first.port},
                     {"SMTPFAULT_URL", making->first.text},
                     {"SMTPFAULT_CA", making->ca}};
    int err = 0;

    for (char **variable = environ; *variable; variable++) {
        if (!is_ours(*variable)) {
            making->invocation->env[making->env_count++] = *variable;
        }
    }
    for (size_t i = 0; err == 0 && i < sizeof(variables) / sizeof(variables[0]);
         i++) {
        err = put_variable(making, variables[i].name, variables[i].value);
    }
    for (size_t i = 0; err == 0 && i < making->listeners->count; i++) {
        err = put_port_variables(making, i);
    }
    return err;
}

/* All of it. */

static int make_lists(struct making *making, const struct sf_options *options)
{
    struct sf_invocation *invocation = making->invocation;
    size_t most = 2 * making->listeners->count + 4 + 1;

    for (char **variable = environ; *variable; variable++) {
        most++;
    }
    invocation->argv = sf_arena_alloc(
        &invocation->arena, (options->under_test_count + 1) * sizeof(char *));
    invocation->env = sf_arena_alloc(&invocation->arena, most * sizeof(char *));
    return invocation->argv && invocation->env ? 0 : SF_ENOMEM;
}

int sf_invocation_make(struct sf_invocation *invocation,
                       const struct sf_options *options,
                       const struct sf_invocation_facts *facts,
                       char *error,
                       size_t error_size)
{
    struct making making = {.invocation = invocation,
                            .server = facts->server,
                            .listeners = facts->listeners,
                            .ca = facts->ca,
                            .error = error,
                            .error_size = error_size};
    size_t first = find_first(facts->listeners);
    int err;

    *invocation = (struct sf_invocation){0};
    sf_arena_init(&invocation->arena);
    making.first_name = facts->listeners->list[first].name;
    find_target(facts->server, first, &making.first);
    err = make_lists(&making, options);
    if (err == 0) {
        err = make_words(&making, options);
    }
    if (err == 0) {
        err = make_environment(&making);
    }
    if (err != 0 && err != SF_ESYNTAX) {
        (void)snprintf(error, error_size, "%s", sf_strerror(err));
    }
    return err;
}

void sf_invocation_fini(struct sf_invocation *invocation)
{
    sf_arena_fini(&invocation->arena);
}
