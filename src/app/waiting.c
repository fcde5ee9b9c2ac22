/* waiting.c - what a run waits for, in words. */
#include "app/waiting.h"

#include <inttypes.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"

#define NAME_SHOWN 30 /* octets of a command's name */

bool sf_waiting_has_end(const struct sf_options *options)
{
    return options->under_test_count > 0 || options->max_sessions > 0 ||
           options->until_idle_us != SF_FOREVER_US ||
           options->timeout_us != SF_FOREVER_US;
}

static void put_time(struct sf_buf *out, uint64_t ms)
{
    uint64_t seconds = (ms + 999) / 1000;

    if (seconds < 60) {
        sf_buf_printf(out, "%" PRIu64 "s", seconds);
    } else if (seconds < 3600) {
        sf_buf_printf(out, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60,
                      seconds % 60);
    } else {
        sf_buf_printf(out, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600,
                      seconds / 60 % 60);
    }
}

static void put_count(struct sf_buf *out, uint64_t count, const char *before)
{
    sf_buf_printf(out, "%" PRIu64 " %ssession%s", count, before,
                  count == 1 ? "" : "s");
}

/* Without its directories. */
static void put_name(struct sf_buf *out, const char *name)
{
    const char *slash = strrchr(name, '/');
    struct sf_slice text = sf_slice_str(slash ? slash + 1 : name);

    if (text.len > NAME_SHOWN) {
        text.len = NAME_SHOWN;
    }
    sf_buf_putc(out, '\'');
    sf_text_put_printable(out, text);
    sf_buf_putc(out, '\'');
}

/* Of a run without a command, or whose command has ended. */
static void put_sessions(const struct sf_serving *serving, struct sf_buf *out)
{
    const struct sf_options *options = serving->options;
    struct sf_net_server_stats stats = sf_net_server_stats(serving->server);

    if (stats.open > 0) {
        put_count(out, stats.open, "open ");
        sf_buf_puts(out, " to end");
    } else if (uv_is_active((const uv_handle_t *)&serving->idle)) {
        sf_buf_puts(out, "a session, or ");
        put_time(out, uv_timer_get_due_in(&serving->idle));
        sf_buf_puts(out, " without one");
    } else if (options->max_sessions > stats.sessions) {
        put_count(out, options->max_sessions - stats.sessions, "more ");
    } else {
        sf_buf_puts(out, "a session");
    }
}

void sf_waiting_describe(const struct sf_serving *serving, struct sf_buf *out)
{
    sf_buf_puts(out, "waiting for ");
    if (serving->child && !sf_child_has_ended(serving->child)) {
        put_name(out, serving->invocation.argv[0]);
        sf_buf_puts(out, " to end");
    } else if (serving->state == SF_SERVING_RUN) {
        put_sessions(serving, out);
    } else {
        sf_buf_puts(out, "what is left of the run");
    }
    if (uv_is_active((const uv_handle_t *)&serving->timeout)) {
        sf_buf_puts(out, ", ");
        put_time(out, uv_timer_get_due_in(&serving->timeout));
        sf_buf_puts(out, " left");
    }
}
