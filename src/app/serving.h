/* serving.h - the state of a server, which serve, runs, ends and steer share.
 *
 * What may end a run (a signal, a limit, a journal that cannot be written)
 * only takes a note where it happens; sf_ends_follow_notes() acts on the notes
 * once a loop turn, before the loop blocks, which is also when the sinks are
 * flushed.  A run has ended when the server has drained. */
#ifndef SF_APP_SERVING_H
#define SF_APP_SERVING_H

#include "app/child.h"
#include "app/options.h"
#include "app/progress.h"
#include "app/reader.h"
#include "app/signals.h"
#include "app/sink.h"
#include "app/status.h"
#include "app/verdict.h"

enum sf_serving_state {
    SF_SERVING_RUN,
    SF_SERVING_RELOAD, /* the old run drains, the next scenario is loaded */
    SF_SERVING_STOP,   /* the last run drains */
};

struct sf_serving {
    const struct sf_options *options;
    uv_loop_t loop;
    uint64_t zero_ns;
    enum sf_serving_state state;
    enum sf_status status;
    struct sf_reader reader;
    struct sf_scenario *scenario;
    struct sf_scenario *next_scenario; /* while state is RELOAD */
    struct sf_identity identity;
    struct sf_listeners listeners; /* that are open, or will be */
    uint64_t random_seed;
    struct sf_sinks *sinks;
    struct sf_verdict verdict;
    struct sf_sink sink; /* of the run */
    struct sf_net_server *server;
    struct sf_run *run;
    struct rlimit files; /* of descriptors, before we raised it */
    struct sf_invocation invocation;
    struct sf_child *child; /* NULL: there is no command under test */
    struct sf_signals signals;
    struct sf_progress progress;
    uv_prepare_t turn;
    uv_timer_t idle;
    uv_timer_t grace; /* for sessions that outlive the command */
    uv_timer_t timeout;

    /* Notes. */
    int failure; /* SF_ESINK or SF_ENOMEM */
    bool wants_stop;
    bool is_timed_out;
    bool has_drained;       /* while state is STOP */
    bool was_end_seen;      /* of the command */
    char update_error[512]; /* why a listener could not be opened again */
};

#endif
