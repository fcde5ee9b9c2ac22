/* server_tls.h - the keys of [server] and [listen] that are about TLS. */
#ifndef SF_SCENARIO_SERVER_TLS_H
#define SF_SCENARIO_SERVER_TLS_H

#include "scenario/server.h"

/* Reads the file that the value names, seen from the file of the entry; the
 * text has a NUL behind it. */
void sf_server_compile_pem(struct sf_loader *loader,
                           const struct sf_entry *entry,
                           struct sf_slice path,
                           struct sf_slice *out_text);

/* Adds the names of cipher suites of one line to *ciphers; NULL: none yet. */
void sf_server_compile_ciphers(struct sf_loader *loader,
                               const struct sf_entry *entry,
                               const struct sf_value *value,
                               const char **ciphers);

/* What can only be said of several keys. */
void sf_server_check_tls(const struct sf_server_build *build,
                         struct sf_loader *loader);

#endif
