/* census.h - how many sessions are open, all of them and those that share a
 * client or a listener. */
#ifndef SF_SESSION_CENSUS_H
#define SF_SESSION_CENSUS_H

#include "base/buf.h"
#include "base/map.h"
#include "rule/subject.h"

/* Groups of sessions that are told apart; beyond it the oldest is forgotten. */
#define SF_CENSUS_GROUPS_MAX 1048576

struct sf_census {
    struct sf_map *groups; /* NULL: no rule asks, and nobody is counted */
    struct sf_buf key;     /* scratch */
};

SF_MUST_CHECK int sf_census_init(struct sf_census *census, bool is_needed);
void sf_census_fini(struct sf_census *census);

/* A session opens or ends.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_census_enter(struct sf_census *census,
                                  const char *client,
                                  const char *listener);
void sf_census_leave(struct sf_census *census,
                     const char *client,
                     const char *listener);

/* Fills what there is for each set of sf_shared; zeros if nobody counts. */
void sf_census_count(struct sf_census *census,
                     const char *client,
                     const char *listener,
                     uint64_t out_counts[SF_SHARED_SETS]);

#endif
