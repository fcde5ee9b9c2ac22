/* users.h - section [users]: who may log in, with which password. */
#ifndef SF_SCENARIO_USERS_H
#define SF_SCENARIO_USERS_H

#include "scenario/let.h"
#include "scenario/scenario.h"

#define SF_USERS_MAX 1000

/* The users of all files so far: the first file that names one wins. */
struct sf_user_builds {
    struct sf_user *first; /* in the order of definition */
    struct sf_user *last;
    size_t count;
    bool is_full; /* there were more, which was told once */
};

/* Takes what a [users] section says.  No finding shows a line of it. */
void sf_users_compile(struct sf_user_builds *builds,
                      struct sf_loader *loader,
                      struct sf_lets *lets,
                      const struct sf_section *section);

/* Once all is compiled: warns at the place of `require-auth` if no client can
 * log in. */
void sf_users_lint(struct sf_loader *loader,
                   const struct sf_scenario *scenario,
                   const struct sf_place *place);

/* Overwrites the passwords of a scenario that goes. */
void sf_users_wipe(const struct sf_user *users);

#endif
