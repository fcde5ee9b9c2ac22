/* server.h - section [server], and the same keys in [listen]. */
#ifndef SF_SCENARIO_SERVER_H
#define SF_SCENARIO_SERVER_H

#include "scenario/keys.h"
#include "scenario/let.h"
#include "scenario/list.h"

/* The settings of all files so far: the first file that has a key wins, so
 * that a file overrides what it includes. */
struct sf_server_build {
    struct sf_server server;
    /* The place of each key where it was set. */
    const struct sf_place *places[SF_SERVER_KEY_COUNT];
    struct sf_extension_build extensions;
};

/* Defaults everywhere. */
void sf_server_init(struct sf_server_build *build);

/* Takes what a [server] section says. */
void sf_server_compile(struct sf_server_build *build,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const struct sf_section *section);

/* Takes one entry, whose key is a server's. */
void sf_server_compile_entry(struct sf_server_build *build,
                             struct sf_loader *loader,
                             struct sf_lets *lets,
                             const struct sf_key *key,
                             const struct sf_entry *entry);

/* Once all sections are compiled: defaults that depend on the rules. */
void sf_server_finish(struct sf_server_build *build,
                      struct sf_loader *loader,
                      bool uses_read);

/* Takes from another what was not set here. */
void sf_server_inherit(struct sf_server_build *build,
                       const struct sf_server_build *from);

#endif
