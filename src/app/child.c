/* child.c - the command under test, from its start to its end.
 *
 * How it is ended: sf_child_end() gives it time to end by itself, then comes
 * TERM, then KILL, then we wait no longer.  A timer ticks through that, since
 * nobody tells when the last process of a group has gone. */
#include "app/child.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_MS 20u

enum phase {
    PHASE_FREE,
    PHASE_PATIENT, /* it may end by itself */
    PHASE_TERM,    /* it was told to */
    PHASE_KILL,    /* it was killed */
    PHASE_GIVEN_UP,
};

struct sf_child {
    uv_process_t process;
    uv_timer_t timer;
    bool has_process; /* the handle is the loop's */
    bool has_ended;
    bool has_group; /* that has outlived it */
    enum phase phase;
    uint64_t phase_end_ms; /* by the clock of the loop */
    bool is_output_waived;
    enum sf_stop why;
    struct sf_passage *output;
    struct sf_passage *errors;
    int64_t exit_status;
    int signal;
    uint64_t start_ns;
    uint64_t duration_us;
    struct rusage usage;
};

static uint64_t to_us(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* Its end. */

/* As long as somebody is in a group its number is not given away. */
static bool is_group_there(struct sf_child *child)
{
    if (child->has_ended && child->has_group) {
        child->has_group = kill(-child->process.pid, 0) == 0;
    }
    return !child->has_ended || child->has_group;
}

/* We have no other children, so that theirs is its usage. */
static void on_exit_of_child(uv_process_t *process, int64_t status, int number)
{
    struct sf_child *child = process->data;

    child->has_ended = true;
    child->has_group = true;
    child->exit_status = status;
    child->signal = number;
    child->duration_us = (uv_hrtime() - child->start_ns) / 1000;
    (void)getrusage(RUSAGE_CHILDREN, &child->usage);
    sf_passage_note_end(child->output);
    sf_passage_note_end(child->errors);
    (void)is_group_there(child);
    if (child->phase == PHASE_PATIENT && child->why == SF_STOP_LIMIT) {
        child->why = SF_STOP_NONE;
    }
}

/* Ending it. */

void sf_child_signal(const struct sf_child *child, int number)
{
    if (!child->has_ended || child->has_group) {
        (void)kill(-child->process.pid, number);
    }
}

static void enter_phase(struct sf_child *child, enum phase phase, uint64_t ms)
{
    child->phase = phase;
    child->phase_end_ms = uv_now(child->timer.loop) + ms;
    if (phase == PHASE_TERM) {
        sf_child_signal(child, SIGTERM);
    } else if (phase == PHASE_KILL) {
        sf_child_signal(child, SIGKILL);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct sf_child *child = timer->data;

    (void)is_group_there(child);
    if (child->phase == PHASE_PATIENT && child->has_ended) {
        child->phase = PHASE_FREE;
        (void)uv_timer_stop(timer);
    } else if (child->phase < PHASE_GIVEN_UP &&
               uv_now(timer->loop) >= child->phase_end_ms) {
        enter_phase(child, (enum phase)(child->phase + 1), SF_CHILD_KILL_MS);
    }
}

static void start_ticking(struct sf_child *child)
{
    if (!uv_is_active((const uv_handle_t *)&child->timer)) {
        (void)uv_timer_start(&child->timer, on_tick, TICK_MS, TICK_MS);
    }
}

static void note_reason(struct sf_child *child, enum sf_stop why)
{
    bool is_worse = why == SF_STOP_TIMEOUT && child->why == SF_STOP_LIMIT;

    if (child->why == SF_STOP_NONE || is_worse) {
        child->why = why;
    }
}

void sf_child_end(struct sf_child *child,
                  enum sf_stop why,
                  uint64_t patience_ms)
{
    note_reason(child, why);
    if (child->phase == PHASE_FREE && patience_ms > 0) {
        enter_phase(child, PHASE_PATIENT, patience_ms);
    } else if (child->phase <= PHASE_PATIENT && patience_ms == 0) {
        enter_phase(child, PHASE_TERM, SF_CHILD_KILL_MS);
    }
    start_ticking(child);
}

void sf_child_kill(struct sf_child *child, enum sf_stop why)
{
    note_reason(child, why);
    child->is_output_waived = true;
    if (child->phase < PHASE_KILL) {
        enter_phase(child, PHASE_KILL, SF_CHILD_KILL_MS);
        start_ticking(child);
    }
}

/* What has become of it. */

bool sf_child_has_ended(const struct sf_child *child)
{
    return child->has_ended;
}

bool sf_child_is_gone(const struct sf_child *child)
{
    bool is_settled =
        child->is_output_waived || (sf_passage_is_settled(child->output) &&
                                    sf_passage_is_settled(child->errors));
    /* After KILL only those are left whom nobody has waited for. */
    bool is_group_over = child->phase != PHASE_TERM || !child->has_group;

    return child->phase == PHASE_GIVEN_UP ||
           (child->has_ended && is_settled && is_group_over);
}

/* 128+N, as a shell has it. */
static int find_status(const struct sf_child *child)
{
    return child->signal > 0 ? 128 + child->signal : (int)child->exit_status;
}

void sf_child_report(const struct sf_child *child, struct sf_record *record)
{
    record->u.exit.status = find_status(child);
    record->u.exit.signal = child->signal;
    record->u.exit.standard_output = sf_passage_kept(child->output);
    record->u.exit.standard_error = sf_passage_kept(child->errors);
    record->u.exit.is_cut =
        sf_passage_is_cut(child->output) || sf_passage_is_cut(child->errors);
    record->u.exit.stop = child->why;
    record->u.exit.duration_us = child->duration_us;
    record->u.exit.cpu_us =
        to_us(child->usage.ru_utime) + to_us(child->usage.ru_stime);
    record->u.exit.memory_bytes = (uint64_t)child->usage.ru_maxrss * 1024;
}

/* Its start. */

static int explain_spawn(const char *name, int err, char *error, size_t size)
{
    const char *hint = "check the command";

    if (err == UV_ENOENT) {
        hint = "check its name, and PATH";
    } else if (err == UV_EACCES) {
        hint = "name a file that may be executed";
    }
    (void)snprintf(error, size, "cannot run '%.200s': %s: %s", name,
                   uv_strerror(err), hint);
    return SF_EIO;
}

/* Thousands of descriptors are for a server: some programs go through all that
 * they might have. */
static int spawn(struct sf_child *child,
                 const struct sf_child_config *config,
                 uv_process_options_t *options)
{
    struct rlimit ours;
    bool is_changed = config->files.rlim_cur > 0 &&
                      getrlimit(RLIMIT_NOFILE, &ours) == 0 &&
                      setrlimit(RLIMIT_NOFILE, &config->files) == 0;
    int err;

    child->start_ns = uv_hrtime();
    err = uv_spawn(config->loop, &child->process, options);
    child->has_process = true; /* The loop has it, whatever happened. */
    child->process.data = child;
    if (is_changed) {
        (void)setrlimit(RLIMIT_NOFILE, &ours);
    }
    return err;
}

/* Between two pipes that are there. */
static int start(struct sf_child *child,
                 const struct sf_child_config *config,
                 const int fds[2],
                 char *error,
                 size_t error_size)
{
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_INHERIT_FD, .data.fd = STDIN_FILENO},
        {.flags = UV_INHERIT_FD, .data.fd = fds[0]},
        {.flags = UV_INHERIT_FD, .data.fd = fds[1]}};
    uv_process_options_t options = {.exit_cb = on_exit_of_child,
                                    .file = config->invocation->argv[0],
                                    .args = config->invocation->argv,
                                    .env = config->invocation->env,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = stdio};
    int err = spawn(child, config, &options);

    return err == 0 ? 0
                    : explain_spawn(config->invocation->argv[0], err, error,
                                    error_size);
}

/* Only a terminal shows what else was written there. */
static int open_passage(const struct sf_child_config *config,
                        int to,
                        struct sf_passage **out_passage,
                        int *out_fd)
{
    static const struct sf_passage_hook none = {NULL, NULL};

    return sf_passage_open(config->loop, to,
                           isatty(to) == 1 ? &config->hook : &none, out_passage,
                           out_fd);
}

static int open_passages(struct sf_child *child,
                         const struct sf_child_config *config,
                         int fds[2])
{
    int err =
        open_passage(config, config->standard_output, &child->output, &fds[0]);

    return err == 0 ? open_passage(config, config->standard_error,
                                   &child->errors, &fds[1])
                    : err;
}

static void close_ends(const int fds[2])
{
    for (int i = 0; i < 2; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}

int sf_child_start(const struct sf_child_config *config,
                   struct sf_child **out_child,
                   char *error,
                   size_t error_size)
{
    struct sf_child *child = calloc(1, sizeof(*child));
    int fds[2] = {-1, -1};
    int err = SF_ENOMEM;

    *out_child = child;
    if (child) {
        (void)uv_timer_init(config->loop, &child->timer); /* always 0 */
        child->timer.data = child;
        err = open_passages(child, config, fds);
    }
    if (err == 0) {
        err = start(child, config, fds, error, error_size);
    } else {
        (void)snprintf(error, error_size, "cannot run '%.200s': %s",
                       config->invocation->argv[0],
                       err == SF_ENOMEM ? "no memory: free some"
                                        : "no pipe can be made: close some "
                                          "files, or raise the limit on them");
    }
    close_ends(fds);
    return err;
}

void sf_child_close(struct sf_child *child)
{
    if (!child) {
        return;
    }
    sf_passage_close(child->output);
    sf_passage_close(child->errors);
    if (child->has_process) {
        uv_close((uv_handle_t *)&child->process, NULL);
    }
    uv_close((uv_handle_t *)&child->timer, NULL);
}

void sf_child_free(struct sf_child *child)
{
    if (child) {
        sf_passage_free(child->output);
        sf_passage_free(child->errors);
        free(child);
    }
}
