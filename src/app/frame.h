/* frame.h - the records that begin and end a run: run, listen, verdict. */
#ifndef SF_APP_FRAME_H
#define SF_APP_FRAME_H

#include "app/status.h"
#include "net/server.h"
#include "scenario/scenario.h"
#include "verdict/outcome.h"

struct sf_frame {
    const struct sf_scenario *scenario;
    const struct sf_net_server *server;
    uint64_t seed;
    double speed;
    const char *const *argv; /* of the command under test */
    size_t argc;             /* 0: there is none */
};

/* Each returns 0 or SF_ESINK.  The outcome is NULL where the run was not
 * judged. */
SF_MUST_CHECK int sf_frame_begin(const struct sf_sink *sink,
                                 const struct sf_frame *frame,
                                 uint64_t now_us);
SF_MUST_CHECK int sf_frame_end(const struct sf_sink *sink,
                               enum sf_status status,
                               const struct sf_outcome *outcome,
                               uint64_t now_us);

#endif
