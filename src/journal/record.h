/* record.h - the vocabulary of what happened.
 *
 * A record is filled by whoever saw the thing happen, passed to the sink, and
 * gone after the call: everything in it is borrowed. */
#ifndef SF_JOURNAL_RECORD_H
#define SF_JOURNAL_RECORD_H

#include "smtpfault.h"

enum sf_record_type {
#define X(name, text) SF_RECORD_##name,
#include "journal/record.def"
#undef X
    SF_RECORD_COUNT
};

/* The version of the journal: `schema` of the run line. */
#define SF_RECORD_SCHEMA 1

#define SF_RECORD_BIT(type) (1u << (type))

/* Never NULL for a valid type. */
const char *sf_record_type_name(enum sf_record_type type);

/* Who ended a connection, and how. */
enum sf_end_by { SF_END_BY_CLIENT, SF_END_BY_SERVER };
enum sf_end_how {
    SF_END_QUIT,    /* QUIT was answered */
    SF_END_FIN,     /* closed without */
    SF_END_RESET,   /* RST */
    SF_END_TIMEOUT, /* silent for idle-timeout */
    SF_END_ABRUPT,  /* under TLS: closed without close_notify */
};

/* What ended a run with a command under test, and the command if it was still
 * there. */
enum sf_stop {
    SF_STOP_NONE,    /* nothing: the command ended, then the run was over */
    SF_STOP_TIMEOUT, /* its time ran out, which fails the run */
    SF_STOP_LIMIT,   /* enough sessions, or nothing went on, and the command
                        was still there */
    SF_STOP_SIGNAL,  /* a signal to us */
    SF_STOP_FAILURE, /* we could not go on */
};

/* The words of the journal; never NULL for a valid value, but for
 * SF_STOP_NONE. */
const char *sf_record_end_by_name(enum sf_end_by by);
const char *sf_record_end_how_name(enum sf_end_how how);
const char *sf_record_stop_name(enum sf_stop stop);

/* Writes `127.0.0.1:25`, `[::1]:25`, or, with port 0, the client alone
 * (`unix`).  64 octets hold every address. */
void sf_record_format_peer(char *out,
                           size_t size,
                           const char *client,
                           unsigned port);

/* Where a rule, or an action of it, stands. */
struct sf_rule_ref {
    const char *label; /* NULL: no rule */
    const char *path;
    unsigned line;
};

struct sf_record_file {
    const char *path;
    const char *sha256; /* hexadecimal */
};

struct sf_record_param {
    struct sf_slice keyword;
    struct sf_slice value;
    bool has_value;
};

/* Octets of a violation, at most. */
#define SF_RECORD_BYTES_MAX 256

/* The octets of a message, in order. */
struct sf_chunk {
    struct sf_chunk *next;
    size_t len;
    char octets[];
};

struct sf_record {
    enum sf_record_type type;
    uint64_t t_us;        /* since the start */
    uint64_t session;     /* 0: none */
    uint64_t transaction; /* 0: none */
    const char *listener; /* NULL: none */
    union {
        struct {
            const char *version;
            uint64_t seed;
            double speed;
            const struct sf_record_file *files;
            size_t file_count;
            const char *wall_clock;  /* RFC 3339, UTC */
            const char *const *argv; /* the command under test; NULL: none */
            size_t argc;
        } run;
        struct {
            const char *url;
        } listen;
        struct {
            const char *peer; /* "127.0.0.1:40213", "[::1]:40213", "unix" */
        } connect;
        struct {
            enum sf_end_by by;
            enum sf_end_how how;
            uint64_t bytes_in;
            uint64_t bytes_out;
            uint64_t unread; /* octets that came and were never looked at */
            uint64_t duration_us;
            struct sf_rule_ref waiting; /* the rule that was not done */
        } disconnect;
        struct {
            uint64_t n; /* number in the session, from 1 */
            const char *event;
            struct sf_slice line; /* credentials already replaced */
            bool has_sender;
            struct sf_slice sender;
            bool has_recipient;
            struct sf_slice recipient;
            const struct sf_record_param *params;
            size_t param_count;
            bool is_pipelined;
            bool is_cancelled; /* AUTH was, by an asterisk: no credentials */
        } command;
        struct {
            uint64_t n;        /* of the command that it answers; 0: unasked */
            const char *event; /* NULL: none */
            int code;
            struct sf_slice enhanced;     /* of the last line; may be empty */
            const struct sf_slice *lines; /* as on the wire, without CRLF */
            size_t line_count;
            struct sf_rule_ref rule;
        } reply;
        struct {
            const char *mechanism; /* NULL: none that is known */
            struct sf_slice user;  /* empty: not known */
            bool is_ok;
            int code; /* of the last reply; 0: there was none */
        } auth;
        struct {
            struct sf_rule_ref rule;
            const char *event;
            uint64_t count; /* how often the rule has fired in this run */
        } fired;
        struct {
            struct sf_rule_ref rule;
            const char *event;
            const char *action; /* the key, "delay" */
            struct sf_slice value;
        } fault;
        struct {
            struct sf_tls_info info;
            bool ok; /* the handshake was completed */
        } tls;
        struct {
            const char *id;             /* the server's */
            struct sf_slice message_id; /* with brackets; may be empty */
            const char *sha256;         /* hexadecimal */
            uint64_t octets;            /* unstuffed, without the final dot */
            struct sf_slice sender;     /* "" is the null reverse-path */
            const struct sf_slice *recipients;
            size_t recipient_count;
            const struct sf_slice *accepted; /* those that were taken */
            size_t accepted_count;
            const char *duplicate_of;       /* id of the first copy, or NULL */
            const char *file;               /* where it was saved, or NULL */
            const struct sf_chunk *content; /* if the sink wants_content */
            struct sf_slice helo;           /* for the trace header */
            const char *client;
            const char *protocol; /* "ESMTP" and so on (RFC 3848) */
        } message;
        struct {
            const char *id;        /* of the rule that was broken: "PIP-01" */
            const char *level;     /* "MUST", "SHOULD", "MAY", "practice" */
            const char *rfc;       /* sections */
            const char *text;      /* the rule, one phrase */
            struct sf_slice bytes; /* that broke it, secrets replaced; may be
                                      empty: it was an omission */
        } violation;
        struct {
            int status;                      /* 128+N after a signal */
            int signal;                      /* 0: none ended it */
            struct sf_slice standard_output; /* the first octets */
            struct sf_slice standard_error;  /* likewise */
            bool is_cut;                     /* one of them had more */
            enum sf_stop stop;
            uint64_t duration_us;
            uint64_t cpu_us; /* user and system, with children it waited for */
            uint64_t memory_bytes; /* peak, of the largest of them */
        } exit;                    /* of the command under test */
        struct {
            const char *label; /* of its section; NULL: it has none */
            const char *key;
            const char *expected;
            const char *actual;
            bool ok;
            bool is_unreached;     /* nothing was proved; not ok then */
            const uint64_t *lines; /* of the journal: the evidence */
            size_t line_count;
        } expectation;
        struct {
            bool ok;
            uint64_t failed;
            uint64_t unreached;
            int exit_status;
        } verdict;
    } u;
};

/* Writes the record if the sink wants its type.  Returns 0 or SF_ESINK. */
SF_MUST_CHECK int sf_sink_put(const struct sf_sink *sink,
                              const struct sf_record *record);

#endif
