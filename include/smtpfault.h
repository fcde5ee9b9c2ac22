/* smtpfault.h - the engine and the scenario loader: the only public header.
 *
 * The engine does no I/O.  The caller reads files, owns sockets and the clock;
 * it hands octets and time to sf_session_step() and carries out what comes
 * back.  Nothing here prints, exits, or keeps state outside the objects that
 * the caller holds.  Objects are not thread safe: one run belongs to one
 * thread.
 *
 * Times are microseconds of a monotonic clock whose zero the caller chooses
 * once for each run (names end in _us).  Functions that can fail return 0 or a
 * negative SF_E... value; output parameters are untouched on failure.
 */
#ifndef SMTPFAULT_H
#define SMTPFAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SF_MUST_CHECK __attribute__((warn_unused_result))

/* Errors. */

#define SF_ERR_MAP(X)                                                          \
    X(ENOMEM, 1, "out of memory")                                              \
    X(EINVAL, 2, "invalid argument")                                           \
    X(ESYNTAX, 3, "syntax error")                                              \
    X(ETOOBIG, 4, "a limit was reached")                                       \
    X(ENOTFOUND, 5, "not found")                                               \
    X(EREAD, 6, "cannot be read")                                              \
    X(ESCENARIO, 7, "the scenario has errors")                                 \
    X(ESINK, 8, "a record could not be written")                               \
    X(EADDRINUSE, 9, "address already in use")                                 \
    X(EIO, 10, "input/output error")

enum sf_err {
    SF_OK = 0,
#define SF_ERR_ENUM(name, number, text) SF_##name = -(number),
    SF_ERR_MAP(SF_ERR_ENUM)
#undef SF_ERR_ENUM
};

/* Text for a result code; never NULL. */
const char *sf_strerror(int err);

/* Octets. */

/* A borrowed run of octets, not terminated.  ptr may be NULL when len is 0. */
struct sf_slice {
    const char *ptr;
    size_t len;
};

/* Diagnostics. */

enum sf_severity { SF_SEVERITY_ERROR, SF_SEVERITY_WARNING };

/* One finding in a scenario.  Everything is owned by the list it stands in. */
struct sf_diag {
    enum sf_severity severity;
    const char *path;   /* as the user wrote it */
    unsigned line;      /* 1..; 0: the file as a whole */
    const char *text;   /* what is wrong, no final dot */
    const char *source; /* the offending line, or NULL */
    const char *hint;   /* what to do about it, or NULL */
};

struct sf_diags;

/* Returns an owned, empty list, or NULL without memory. */
struct sf_diags *sf_diags_new(void);
void sf_diags_free(struct sf_diags *diags); /* accepts NULL */

/* Findings in the order in which they were made. */
size_t sf_diags_len(const struct sf_diags *diags);
const struct sf_diag *sf_diags_get(const struct sf_diags *diags, size_t index);
size_t sf_diags_count(const struct sf_diags *diags, enum sf_severity severity);

/* Writes `path:line: error: text`, the offending line and the hint, each
 * ending in a newline, into buf as snprintf() does.  Returns the length that
 * the whole text has. */
size_t sf_diag_format(const struct sf_diag *diag, char *buf, size_t size);

/* Scenarios. */

/* Reads the file `path` and returns owned text (malloc; freed by the caller
 * with free()).  Returns SF_ENOTFOUND where there is no such file and
 * SF_EREAD where it cannot be read. */
typedef int
sf_read_fn(void *ctx, const char *path, char **out_text, size_t *out_len);

struct sf_setting {
    const char *name;
    const char *value;
};

/* Versions as the wire has them (RFC 8446 4.2.1). */
enum sf_tls_version {
    SF_TLS_ANY_VERSION = 0,
    SF_TLS_1_0 = 0x301,
    SF_TLS_1_1,
    SF_TLS_1_2,
    SF_TLS_1_3,
};

/* Cipher suites that a server may name. */
#define SF_TLS_CIPHERS_MAX 32

/* What the TLS library of the driver can do. */
struct sf_tls_ability {
    enum sf_tls_version oldest;
    enum sf_tls_version newest;
    bool (*knows_cipher)(struct sf_slice name);
    /* PEM, NUL behind them; a key that is NULL is with the certificate.
     * Returns what is wrong with them, NULL if nothing is. */
    const char *(*check_pair)(struct sf_slice certificate, struct sf_slice key);
};

struct sf_load {
    /* Scenario files or names of bundled scenarios; rules queue up in this
     * order.  A name that `read` does not find is looked up in the bundle. */
    const char *const *paths;
    size_t path_count;
    /* Override names of [let] (--set). */
    const struct sf_setting *settings;
    size_t setting_count;
    /* Add to [expect] (--expect). */
    const struct sf_setting *expectations;
    size_t expectation_count;
    /* Warnings are reported as errors. */
    bool is_strict;
    sf_read_fn *read;
    void *read_ctx;
    /* NULL: what a scenario wants of TLS is not checked. */
    const struct sf_tls_ability *tls;
};

/* An immutable, compiled scenario. */
struct sf_scenario;

/* Loads, checks and compiles.  Every finding goes to diags, all of them in one
 * call.  Returns 0 and an owned scenario (there may be warnings),
 * SF_ESCENARIO when there were errors, or SF_ENOMEM.  Nothing of `load` is
 * kept. */
SF_MUST_CHECK int sf_scenario_load(const struct sf_load *load,
                                   struct sf_diags *diags,
                                   struct sf_scenario **out_scenario);
void sf_scenario_free(struct sf_scenario *scenario); /* accepts NULL */

/* Runs. */

struct sf_record; /* journal/record.h */

/* Where records go.  `mask` has bit 1 << type set for each sf_record_type
 * wanted; what nobody wants is neither formatted nor hashed.  The record is
 * borrowed for the call.  A result other than 0 makes the step that wrote it
 * fail with SF_ESINK. */
struct sf_sink {
    int (*write)(void *ctx, const struct sf_record *record);
    void *ctx;
    uint32_t mask;
    bool wants_content; /* message records carry the octets of the message */
};

/* What outlives a session: counters, the ledger, numbers, seed, sink. */
struct sf_run;
struct sf_trace; /* rule/eval.h */

struct sf_run_config {
    const struct sf_scenario *scenario; /* borrowed for the run's life */
    uint64_t seed;
    double speed; /* > 0; divides the scenario's durations of 1 s and more */
    struct sf_sink sink;
    /* Borrowed for the run's life: is told about every rule that was tried.
     * NULL: nobody asks. */
    const struct sf_trace *trace;
};

/* Returns an owned run, or NULL without memory. */
struct sf_run *sf_run_new(const struct sf_run_config *config);
void sf_run_free(struct sf_run *run); /* accepts NULL; after its sessions */

/* Sessions. */

enum sf_protocol { SF_PROTOCOL_SMTP, SF_PROTOCOL_LMTP };

/* When TLS begins. */
enum sf_tls_mode {
    SF_TLS_IF_ASKED, /* after STARTTLS, if the scenario speaks of TLS */
    SF_TLS_STARTTLS, /* after STARTTLS */
    SF_TLS_AT_ONCE,  /* before the greeting */
};

/* What a server shows of itself. */
enum sf_tls_certificate {
    SF_TLS_RIGHT,
    SF_TLS_EXPIRED,
    SF_TLS_NOT_YET_VALID,
    SF_TLS_WRONG_HOST,
    SF_TLS_SELF_SIGNED,
    SF_TLS_UNTRUSTED,
    SF_TLS_MISSING_INTERMEDIATE,
    SF_TLS_WEAK_KEY,
};

/* Where the server falls silent. */
enum sf_tls_cut {
    SF_TLS_NOWHERE,
    SF_TLS_AFTER_CLIENT_HELLO,
    SF_TLS_AFTER_SERVER_HELLO,
    SF_TLS_BEFORE_FINISHED, /* the server's own */
};

/* How a handshake is made.  All zero: as well as can be. */
struct sf_tls_profile {
    enum sf_tls_certificate certificate;
    enum sf_tls_version min; /* ANY_VERSION: as the listener is set */
    enum sf_tls_version max;
    enum sf_tls_cut cut;
    bool keeps_input; /* what came in the clear behind STARTTLS, for later */
};

struct sf_session_config {
    enum sf_protocol protocol;
    enum sf_tls_mode tls;
    const char *listener; /* name; borrowed for the session's life */
    const char *client;   /* peer address without port; copied */
    unsigned port;        /* of the peer; 0: none (UNIX socket) */
};

/* One connection's SMTP server. */
struct sf_session;

/* Returns an owned session, or NULL without memory.  Sessions of a run are
 * numbered from 1 in the order of these calls. */
struct sf_session *sf_session_new(struct sf_run *run,
                                  const struct sf_session_config *config);
void sf_session_free(struct sf_session *session); /* accepts NULL */

enum sf_step_kind {
    SF_STEP_OPEN,       /* the connection is there; once, first */
    SF_STEP_INPUT,      /* octets that the session has not taken yet */
    SF_STEP_EOF,        /* the client sends no more */
    SF_STEP_RESET,      /* the connection broke */
    SF_STEP_TIME,       /* the deadline may have come */
    SF_STEP_SHUTDOWN,   /* the run ends: say so and close */
    SF_STEP_STALLED,    /* the client took no output for too long: given up */
    SF_STEP_ABORTED,    /* the driver ends the connection */
    SF_STEP_TLS_UP,     /* the handshake is complete */
    SF_STEP_TLS_FAILED, /* it never will be */
    SF_STEP_TLS_CUT,    /* it came to where its profile cuts it off */
    SF_STEP_CLOSED,     /* the connection is released; once, last */
};

/* What is known of a connection's TLS; NULL: not known, or none. */
struct sf_tls_info {
    const char *version; /* "TLSv1.2" */
    const char *cipher;  /* as IANA names it */
    const char *sni;     /* the name that the client asked for */
    const char *alert;   /* that ended it, as RFC 8446 names it */
    bool is_by_client;   /* the alert came from there */
    bool is_plain;       /* what the client sent was no record at all */
};

struct sf_step {
    enum sf_step_kind kind;
    uint64_t now_us;
    const char *data; /* INPUT */
    size_t len;       /* INPUT: octets offered; CLOSED: octets never taken */
    bool is_blocked;  /* TIME: output of earlier steps waits to be written */
    bool is_abrupt;   /* EOF: under TLS, without close_notify */
    /* TLS_UP, _FAILED, _CUT, and all that come in a handshake; else NULL */
    const struct sf_tls_info *tls;
};

/* What the driver has to do to the connection after it has sent the output of
 * the same step; DISCARD before.  After START_TLS what the client sends is its
 * part of the handshake, until TLS_UP, TLS_FAILED or TLS_CUT is told.  From
 * TLS_UP on the session sees and gives what is inside TLS, and shutting down
 * begins with close_notify; after TLS_CUT it is in the clear again. */
enum sf_control {
    SF_CONTROL_CLOSE = 1, /* shut down, read and drop until FIN or 5 s */
    SF_CONTROL_RESET,     /* let earlier output leave, then send RST */
    SF_CONTROL_HALF,      /* shut down, read and drop until the client leaves */
    SF_CONTROL_ABRUPT,    /* CLOSE, but without close_notify */
    SF_CONTROL_DISCARD,   /* drop what has come and was not taken; go on */
    SF_CONTROL_START_TLS, /* the handshake is next; go on */
};

#define SF_CONTROLS_MAX 4

struct sf_effects {
    const char *output; /* one write; borrowed until the run's next step */
    size_t output_len;
    size_t taken;     /* of the octets offered by INPUT */
    bool took_secret; /* a password may be among them: to be overwritten */
    enum sf_control controls[SF_CONTROLS_MAX];
    size_t control_count;
    const struct sf_tls_profile *handshake; /* with START_TLS; of the run */
};

/* Moves the session on.  The caller keeps what was not taken and offers it
 * again, with what came since, after the next step that is not INPUT or when
 * more has come; it does not offer input while output waits to be written.
 * While sf_session_deadline() is not later than now, SF_STEP_TIME is due; while
 * output waits to be written, only sf_session_urgent_deadline() counts, and the
 * step says is_blocked.  Once a control that does not go on was returned, only
 * STALLED, ABORTED and CLOSED may follow.
 *
 * Returns 0, SF_ENOMEM or SF_ESINK; after an error `effects` is empty and the
 * caller drops the connection (CLOSED still follows). */
SF_MUST_CHECK int sf_session_step(struct sf_session *session,
                                  const struct sf_step *step,
                                  struct sf_effects *out_effects);

/* When SF_STEP_TIME is due at the latest; UINT64_MAX: never. */
uint64_t sf_session_deadline(const struct sf_session *session);

/* The same for what happens whatever waits to be written: never later. */
uint64_t sf_session_urgent_deadline(const struct sf_session *session);

/* How many octets that the session has not taken may have been read; asked
 * after each step.  0: the driver stops reading, so that the client's window
 * closes.  SIZE_MAX: as many as the driver keeps. */
size_t sf_session_appetite(const struct sf_session *session);

#endif
