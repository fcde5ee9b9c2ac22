/* loopback.h - a server in a thread of its own, and clients that block.
 *
 * Everything listens on port 0 of loopback or on a socket in a fresh
 * directory.  A client that waits in vain gives up after PATIENCE_S, so that a
 * broken server fails a test and does not hang it. */
#ifndef TESTS_SUPPORT_LOOPBACK_H
#define TESTS_SUPPORT_LOOPBACK_H

#include "journal/record.h"
#include "net/server.h"

#define PATIENCE_S         20
#define LOOPBACK_NOTES_MAX 256

/* What the tests look at of a record. */
struct loopback_note {
    enum sf_record_type type;
    uint64_t session;
    int code; /* reply */
    int by;   /* disconnect; so for the following */
    int how;
    uint64_t unread;
    uint64_t bytes_in;
};

struct loopback_config {
    const char *scenario;  /* its text; NULL: "" */
    const char *urls[4];   /* none: smtp://127.0.0.1:0 */
    uint64_t max_sessions; /* 0: no limit */
    uint64_t stall_us;     /* 0: never */
    int failing_record;    /* 1 + type that the sink refuses; 0: none */
};

struct loopback {
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    struct sf_net_server *server;
    struct sf_net_server_run run;
    struct sf_scenario *scenario;
    int failing_record;
    bool is_ending;

    /* Under lock. */
    uv_mutex_t lock;
    uv_cond_t changed;
    unsigned ended; /* sessions */
    unsigned runs;  /* that were begun */
    int error;      /* of on_error */
    bool wants_reset;
    bool wants_run; /* end this run and begin another */
    bool wants_end;
    struct loopback_note notes[LOOPBACK_NOTES_MAX];
    size_t note_count;
};

/* Returns what sf_net_server_open() does; with an error nothing has begun. */
int loopback_begin(struct loopback *loopback,
                   const struct loopback_config *config,
                   char *error,
                   size_t error_size);

/* Ends the run as a signal does, and the thread; checks that nothing is left
 * open in the loop.  Notes may be read afterwards. */
void loopback_end(struct loopback *loopback);

/* Waits until so many sessions have ended. */
void loopback_wait(struct loopback *loopback, unsigned ended);

/* Begins another run in place of this one, as HUP does; returns when it has
 * begun. */
void loopback_renew(struct loopback *loopback);

/* Resets every connection; returns before that. */
void loopback_reset(struct loopback *loopback);

/* The n-th (from 0) note of a type; NULL if there are fewer. */
const struct loopback_note *loopback_note(const struct loopback *loopback,
                                          enum sf_record_type type,
                                          size_t n);

/* Connects to the listener; a receive buffer of 0 is the usual one. */
int client_connect(const struct loopback *loopback,
                   size_t listener,
                   int receive_buffer);
void client_send(int fd, const char *text);
/* Reads a line and compares its start. */
void client_expect(int fd, const char *start);
/* Reads to the end of the connection; returns 0 at FIN, else errno.  Counts
 * the lines whose start is `start`. */
int client_drain(int fd, const char *start, size_t *out_count);
/* Closes with RST. */
void client_reset(int fd);

#endif
