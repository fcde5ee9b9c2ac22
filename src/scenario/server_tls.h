/* server_tls.h - the keys of [server] and [listen] that are about TLS. */
#ifndef SF_SCENARIO_SERVER_TLS_H
#define SF_SCENARIO_SERVER_TLS_H

#include "scenario/server.h"

/* Adds the names of cipher suites of one line to *ciphers; NULL: none yet. */
void sf_server_compile_ciphers(struct sf_loader *loader,
                               const struct sf_entry *entry,
                               const struct sf_value *value,
                               const char **ciphers);

/* What can only be said of several keys. */
void sf_server_check_tls(const struct sf_server_build *build,
                         struct sf_loader *loader);

#endif
