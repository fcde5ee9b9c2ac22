/* scenario.h - a compiled scenario, as session, net and app read it.
 * The loader's entry points are in smtpfault.h. */
#ifndef SF_SCENARIO_SCENARIO_H
#define SF_SCENARIO_SCENARIO_H

#include "base/arena.h"
#include "rule/rule.h"

/* The well-behaved server: section [server].
 * X(member, "key", TYPE, default text)
 *   TYPE: TEXT, EXTENSIONS, SIZE (octets), NUMBER, DURATION (us)
 * "" as a default means "not set". */
#define SF_SERVER_KEY_MAP(X)                                                   \
    X(hostname, "hostname", TEXT, "smtpfault.test")                            \
    X(banner, "banner", TEXT, "")                                              \
    X(extensions, "extensions", EXTENSIONS, "")                                \
    X(max_size_bytes, "max-size", SIZE, "50M")                                 \
    X(max_recipients, "max-recipients", NUMBER, "1000")                        \
    X(max_connections, "max-connections", NUMBER, "10000")                     \
    X(idle_timeout_us, "idle-timeout", DURATION, "5m")                         \
    X(line_limit_bytes, "line-limit", SIZE, "12288")

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
};

struct sf_regex;

struct sf_scenario {
    struct sf_arena arena;
    const char *title; /* of the first file; NULL: none */
    bool has_seed;
    uint64_t seed;
    struct sf_server server;
    struct sf_ruleset rules;
    const struct sf_record_file *files; /* in the order of loading */
    size_t file_count;
    struct sf_regex *regexes; /* of the rules: regex.h */
};

#endif
