/* listen.h - sections [listen NAME]: listeners of the scenario's own. */
#ifndef SF_SCENARIO_LISTEN_H
#define SF_SCENARIO_LISTEN_H

#include "scenario/server.h"

#define SF_LISTENERS_MAX 64

/* What all sections of one name say so far.  As for [server], the first file
 * that has a key wins. */
struct sf_listen_build {
    struct sf_listener listener; /* its server: see sf_listen_finish() */
    struct sf_server_build server;
    const struct sf_place *place; /* of the first section */
    const void *group;            /* of files, see sf_listen_compile() */
    const struct sf_place *places[SF_LISTEN_KEY_COUNT];
    bool is_refusing;
    bool is_stalling;
    struct sf_listen_build *next;
};

struct sf_listen_builds {
    struct sf_listen_build *first;
    struct sf_listen_build *last;
    size_t count;
};

/* Takes what a section says; `name` is what stands behind `listen`.  Files of
 * one group (a file that was asked for, and what it includes) override each
 * other's listeners; those of several groups have names of their own. */
void sf_listen_compile(struct sf_listen_builds *builds,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const void *group,
                       const struct sf_section *section,
                       struct sf_slice name);

/* Once all sections are compiled and `server` is finished: checks listeners as
 * a whole, and fills in what they have from [server]. */
void sf_listen_finish(const struct sf_listen_builds *builds,
                      struct sf_loader *loader,
                      const struct sf_server_build *server,
                      struct sf_scenario *scenario);

#endif
