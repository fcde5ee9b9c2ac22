/* listeners.h - which listeners a run has: what the scenario and --listen say,
 * put together. */
#ifndef SF_APP_LISTENERS_H
#define SF_APP_LISTENERS_H

#include "app/identity.h"

struct sf_listeners {
    const struct sf_identity *identity;
    struct sf_arena arena; /* owns everything below */
    struct sf_listen *list;
    size_t count;
};

/* Fills *listeners, which is fini'd in any case; the identity is borrowed until
 * then, the scenario until the next update.  Returns 0, SF_ENOMEM, or
 * SF_ESYNTAX with "what was wrong: what to do about it" in error. */
SF_MUST_CHECK int sf_listeners_make(struct sf_listeners *listeners,
                                    const struct sf_options *options,
                                    const struct sf_identity *identity,
                                    const struct sf_scenario *scenario,
                                    char *error,
                                    size_t error_size);
void sf_listeners_fini(struct sf_listeners *listeners);

/* Whether both have the same names at the same addresses. */
bool sf_listeners_is_same(const struct sf_listeners *one,
                          const struct sf_listeners *other);

/* Takes what another scenario says about listeners that are open: their names
 * and addresses stay. */
void sf_listeners_update(struct sf_listeners *listeners,
                         const struct sf_options *options,
                         const struct sf_scenario *scenario);

#endif
