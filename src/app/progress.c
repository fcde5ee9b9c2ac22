/* progress.c - one line at the bottom of a terminal that says what a run waits
 * for. */
#include "app/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/file.h"

#define TICK_MS    1000u
#define COLUMNS    80 /* where the terminal does not tell */
#define LINE_LIMIT 1024
#define CLEAR      "\r\033[K"
#define SAYS       "smtpfault: "

static uint64_t now_ms(const struct sf_progress *progress)
{
    return uv_now(progress->timer.loop);
}

static void write_text(const char *text, size_t len)
{
    (void)!sf_file_write(STDERR_FILENO, text, len);
}

static size_t find_columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
               ? size.ws_col
               : COLUMNS;
}

/* A line that reaches the last column might wrap, and could not be taken
 * back. */
static void show(struct sf_progress *progress)
{
    size_t most = sizeof(CLEAR) - 1 + find_columns() - 1;
    struct sf_buf line;

    sf_buf_init(&line, LINE_LIMIT);
    sf_buf_puts(&line, CLEAR SAYS);
    progress->describe(progress->ctx, &line);
    if (!line.failed && line.len > sizeof(CLEAR SAYS) - 1) {
        write_text(line.ptr, line.len < most ? line.len : most);
        progress->is_shown = true;
    } else if (progress->is_shown) {
        write_text(CLEAR, sizeof(CLEAR) - 1);
        progress->is_shown = false;
    }
    sf_buf_fini(&line);
}

static void on_tick(uv_timer_t *timer)
{
    struct sf_progress *progress = timer->data;

    if (!progress->is_line_open &&
        now_ms(progress) - progress->last_ms >= TICK_MS) {
        show(progress);
    }
}

void sf_progress_init(struct sf_progress *progress,
                      uv_loop_t *loop,
                      void (*describe)(void *ctx, struct sf_buf *out),
                      void *ctx)
{
    *progress = (struct sf_progress){.describe = describe, .ctx = ctx};
    (void)uv_timer_init(loop, &progress->timer); /* always 0 */
    progress->timer.data = progress;
}

bool sf_progress_is_possible(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDERR_FILENO) == 1 && terminal && *terminal &&
           strcmp(terminal, "dumb") != 0;
}

void sf_progress_start(struct sf_progress *progress)
{
    progress->last_ms = now_ms(progress);
    (void)uv_timer_start(&progress->timer, on_tick, TICK_MS, TICK_MS);
}

void sf_progress_clear(struct sf_progress *progress)
{
    if (progress->is_shown) {
        write_text(CLEAR, sizeof(CLEAR) - 1);
        progress->is_shown = false;
    }
    progress->last_ms = now_ms(progress);
}

void sf_progress_give_way(struct sf_progress *progress, struct sf_slice octets)
{
    sf_progress_clear(progress);
    progress->is_line_open =
        octets.len > 0 && octets.ptr[octets.len - 1] != '\n';
}

void sf_progress_close(struct sf_progress *progress)
{
    sf_progress_clear(progress);
    uv_close((uv_handle_t *)&progress->timer, NULL);
}
