/* handshake.h - the value of `handshake`. */
#ifndef SF_SCENARIO_HANDSHAKE_H
#define SF_SCENARIO_HANDSHAKE_H

#include "scenario/loader.h"
#include "smtp/handshake.h"

/* Reports what is wrong with it, and what the library of the driver cannot
 * play. */
bool sf_handshake_parse(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text,
                        struct sf_handshake *out_handshake);

/* Reads `1.2`, under the name of `key`. */
bool sf_handshake_parse_version(struct sf_loader *loader,
                                const struct sf_place *place,
                                const char *key,
                                struct sf_slice text,
                                enum sf_tls_version *out_version);

#endif
