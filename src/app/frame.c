/* frame.c - the records that begin and end a run: run, listen, verdict. */
#include "app/frame.h"

#include <time.h>

#include "journal/record.h"

#define WALL_CLOCK_SIZE 32

/* RFC 3339, UTC. */
static void format_wall_clock(char out[WALL_CLOCK_SIZE])
{
    time_t now = time(NULL);
    struct tm broken;

    if (!gmtime_r(&now, &broken) ||
        strftime(out, WALL_CLOCK_SIZE, "%Y-%m-%dT%H:%M:%SZ", &broken) == 0) {
        out[0] = '\0';
    }
}

int sf_frame_begin(const struct sf_sink *sink,
                   const struct sf_frame *frame,
                   uint64_t now_us)
{
    struct sf_record record = {.type = SF_RECORD_RUN, .t_us = now_us};
    char wall_clock[WALL_CLOCK_SIZE];
    int err;

    format_wall_clock(wall_clock);
    record.u.run.version = SF_VERSION;
    record.u.run.seed = frame->seed;
    record.u.run.speed = frame->speed;
    record.u.run.files = frame->scenario->files;
    record.u.run.file_count = frame->scenario->file_count;
    record.u.run.wall_clock = wall_clock;
    record.u.run.argv = frame->argv;
    record.u.run.argc = frame->argc;
    err = sf_sink_put(sink, &record);
    for (size_t i = 0;
         err == 0 && i < sf_net_server_listener_count(frame->server); i++) {
        record = (struct sf_record){
            .type = SF_RECORD_LISTEN,
            .t_us = now_us,
            .listener = sf_net_server_listener_name(frame->server, i)};
        record.u.listen.url = sf_net_server_listener_url(frame->server, i);
        err = sf_sink_put(sink, &record);
    }
    return err;
}

int sf_frame_end(const struct sf_sink *sink,
                 enum sf_status status,
                 const struct sf_outcome *outcome,
                 uint64_t now_us)
{
    struct sf_record record = {.type = SF_RECORD_VERDICT, .t_us = now_us};

    record.u.verdict.ok = status == SF_STATUS_OK;
    if (outcome != NULL) {
        record.u.verdict.failed = outcome->failed;
        record.u.verdict.unreached = outcome->unreached;
    }
    record.u.verdict.exit_status = (int)status;
    return sf_sink_put(sink, &record);
}
