/* tls.h - what a scenario has to do with TLS as a whole. */
#ifndef SF_SCENARIO_TLS_H
#define SF_SCENARIO_TLS_H

#include "scenario/loader.h"
#include "scenario/scenario.h"

/* Finds out whether a key, condition, rule, listener or extension of it speaks
 * of TLS, since a plain test must not fail on our throw-away certificate; and
 * which profiles its handshakes have. */
void sf_scenario_derive_tls(struct sf_loader *loader,
                            struct sf_scenario *scenario);

#endif
