/* scenario.h - a compiled scenario, as session, net and app read it.
 * The loader's entry points are in smtpfault.h. */
#ifndef SF_SCENARIO_SCENARIO_H
#define SF_SCENARIO_SCENARIO_H

#include "base/arena.h"
#include "base/url.h"
#include "rule/rule.h"
#include "verdict/expect.h"

/* The well-behaved server: section [server].
 * X(member, "key", TYPE, default text)
 *   TYPE: TEXT, EXTENSIONS, SIZE (octets), NUMBER, DURATION (us), SWITCH, PEM
 *         (the text of that file), VERSION (of TLS), CIPHERS
 * "" as a default means "not set". */
#define SF_SERVER_KEY_MAP(X)                                                   \
    X(hostname, "hostname", TEXT, "smtpfault.test")                            \
    X(banner, "banner", TEXT, "")                                              \
    X(extensions, "extensions", EXTENSIONS, "")                                \
    X(max_size_bytes, "max-size", SIZE, "50M")                                 \
    X(max_recipients, "max-recipients", NUMBER, "1000")                        \
    X(max_connections, "max-connections", NUMBER, "10000")                     \
    X(idle_timeout_us, "idle-timeout", DURATION, "5m")                         \
    X(line_limit_bytes, "line-limit", SIZE, "12288")                           \
    X(receive_buffer_bytes, "receive-buffer", SIZE, "0")                       \
    X(auth_in_clear, "auth-in-clear", SWITCH, "no")                            \
    X(require_auth, "require-auth", SWITCH, "no")                              \
    X(require_tls, "require-tls", SWITCH, "no")                                \
    X(certificate, "certificate", PEM, "")                                     \
    X(key, "key", PEM, "")                                                     \
    X(min_version, "min-version", VERSION, "")                                 \
    X(max_version, "max-version", VERSION, "")                                 \
    X(ciphers, "ciphers", CIPHERS, "")

struct sf_server {
    const char *hostname;
    struct sf_template banner;       /* after "220 "; count 0: the default,
                                        "HOSTNAME ESMTP smtpfault" */
    struct sf_extensions extensions; /* edits the default offer */
    uint64_t max_size_bytes;         /* of a message; 0: no limit is told,
                                        and 1 GiB holds */
    uint64_t max_recipients;         /* of a transaction, 1..1000000 */
    bool has_max_recipients;         /* set: told as LIMITS RCPTMAX */
    uint64_t max_connections;        /* open at once, 1..1000000 */
    uint64_t idle_timeout_us;        /* SF_FOREVER_US: none */
    uint64_t line_limit_bytes;       /* with CRLF, 64..32768 */
    uint64_t receive_buffer_bytes;   /* 0: the kernel's choice */
    bool auth_in_clear;              /* AUTH is offered without TLS too */
    bool require_auth;               /* 530 to MAIL before it */
    bool require_tls;                /* 530 to mail and AUTH in the clear */
    struct sf_slice certificate;     /* NUL behind it; ptr NULL: throw-away */
    struct sf_slice key;             /* likewise; NULL: with the certificate */
    enum sf_tls_version min_version;
    enum sf_tls_version max_version;
    const char *ciphers; /* NULL: ours */
};

/* What becomes of connections. */
enum sf_listen_mode {
    SF_LISTEN_SERVES,
    SF_LISTEN_REFUSES, /* bound, not listening */
    SF_LISTEN_STALLS,  /* listening, never accepting */
};

#define SF_LISTENER_BACKLOG 4096

/* A section [listen NAME]. */
struct sf_listener {
    const char *name;
    struct sf_url url;
    enum sf_listen_mode mode;
    unsigned backlog;        /* connections that may wait unaccepted, 1.. */
    struct sf_server server; /* of [server] where the section says nothing */
};

/* A line of [users]. */
struct sf_user {
    struct sf_user *next;
    const char *name;
    char *password;
    unsigned file; /* where it stands */
    unsigned line;
};

struct sf_regex;

/* One word of `tags`. */
struct sf_tag {
    const struct sf_tag *next;
    const char *text;
};

struct sf_scenario {
    struct sf_arena arena;
    const char *title;         /* of the first file that has one, or NULL */
    const struct sf_tag *tags; /* of the first file that has any, in order */
    bool has_seed;
    uint64_t seed;
    struct sf_server server;
    const struct sf_listener *listeners; /* in the order of their sections */
    size_t listener_count;
    bool has_users; /* there is a section [users] */
    const struct sf_user *users;
    struct sf_ruleset rules;
    struct sf_expectations expectations;
    const struct sf_record_file *files; /* in the order of loading */
    size_t file_count;
    struct sf_regex *regexes; /* of the rules: regex.h */
    /* How handshakes may go, each once. */
    const struct sf_tls_profile *profiles;
    size_t profile_count;
    bool speaks_tls; /* STARTTLS is offered */
};

/* NULL: the scenario has none of that name. */
const struct sf_listener *
sf_scenario_find_listener(const struct sf_scenario *scenario, const char *name);

/* The settings for clients of the listener: its own, else those of [server]. */
const struct sf_server *
sf_scenario_find_server(const struct sf_scenario *scenario, const char *name);

/* The password of a user, exactly so called; NULL: there is none.  Of the
 * scenario. */
const char *sf_scenario_find_password(const struct sf_scenario *scenario,
                                      struct sf_slice user);

/* Whether a text is the password of a user, and the name of none. */
bool sf_scenario_is_password(const struct sf_scenario *scenario,
                             struct sf_slice text);

/* Whether a listener can be called so. */
bool sf_listener_is_name(struct sf_slice name);

#endif
