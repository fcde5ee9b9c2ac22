/* dialog_engine.h - the sessions of a dialog and the driver that a server would
 * be for them.  For dialog.c only.
 *
 * Whatever goes wrong is kept by dialog_fail(); the first counts. */
#ifndef TESTS_SUPPORT_DIALOG_ENGINE_H
#define TESTS_SUPPORT_DIALOG_ENGINE_H

#include "dialog.h"
#include "smtpfault.h"

#define DIALOG_SESSIONS_MAX 16
#define DIALOG_SETTINGS_MAX 8
#define DIALOG_WORD_MAX     64
#define DIALOG_INLINE_NAME  "inline.ini"
#define US_PER_MS           1000u
#define DIALOG_BREACHES_MAX 64

struct octets {
    char *ptr;
    size_t len;
};

struct client {
    struct sf_session *engine;
    char address[DIALOG_WORD_MAX];
    char listener[DIALOG_WORD_MAX];
    struct octets untaken; /* sent by the client, not taken by the engine */
    struct octets output;  /* sent by the engine, named by no S line yet */
    enum sf_control control;
    bool has_control; /* returned by the engine, named by no S line yet */
    const struct sf_tls_profile *offered;   /* likewise: a handshake */
    const struct sf_tls_profile *handshake; /* that the client has to make */
    bool is_closed;
};

struct dialog {
    const char *name;
    unsigned line;
    char *error;
    size_t error_size;
    bool is_failed;

    enum dialog_chunking chunking;
    uint32_t random;
    const struct dialog_observer *observer; /* NULL: none */

    struct octets inline_text;
    char scenario_name[DIALOG_WORD_MAX];
    char settings[DIALOG_SETTINGS_MAX][2][DIALOG_WORD_MAX];
    size_t setting_count;
    double speed;
    uint64_t seed;
    enum sf_protocol protocol;
    enum sf_tls_mode tls;
    char address[DIALOG_WORD_MAX];
    char listener[DIALOG_WORD_MAX];
    bool is_in_scenario;

    struct sf_scenario *scenario;
    struct sf_run *run;
    uint64_t now_us;
    struct client clients[DIALOG_SESSIONS_MAX];
    size_t client_count;
    size_t current;
    struct octets sending; /* of consecutive C: and C= lines */
    const char *breaches[DIALOG_BREACHES_MAX]; /* ids, in order */
    size_t breach_count;
    size_t breach_named; /* by V lines so far */
    bool is_watching;    /* each has to be named */
};

__attribute__((format(printf, 2, 3))) void
dialog_fail(struct dialog *dialog, const char *format, ...);

void dialog_append(struct dialog *dialog,
                   struct octets *to,
                   const char *ptr,
                   size_t len);
void dialog_consume(struct octets *from, size_t len);
void dialog_discard(struct octets *octets);

/* Loads the scenario and begins the run. */
void dialog_start_run(struct dialog *dialog);

/* One step and its effects; what the engine asked for is done at once.
 * Returns how many octets were taken. */
size_t dialog_take_step(struct dialog *dialog,
                        struct client *client,
                        enum sf_step_kind kind);

/* The client ends, under TLS without saying so. */
void dialog_take_abrupt_end(struct dialog *dialog, struct client *client);

/* Tells the engine how the handshake went; `alert` is the client's, or
 * NULL; without a name the client sent something that is no handshake. */
void dialog_shake(struct dialog *dialog,
                  struct client *client,
                  const char *alert);

/* Offers what the engine has not taken yet. */
void dialog_offer_input(struct dialog *dialog, struct client *client);

/* Serves every deadline up to then, each in its own microsecond. */
void dialog_serve_deadlines(struct dialog *dialog, uint64_t until_us);

/* Sends what is in `sending`, cut as the chunking says. */
void dialog_send(struct dialog *dialog);

/* Tells the engine that the connection is gone. */
void dialog_close_client(struct dialog *dialog, struct client *client);

#endif
