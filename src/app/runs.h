/* runs.h - the runs of a server: each begins with its records and ends with its
 * verdict. */
#ifndef SF_APP_RUNS_H
#define SF_APP_RUNS_H

#include "app/serving.h"

/* Loads what the options name.  Errors were told. */
SF_MUST_CHECK int sf_runs_load(struct sf_serving *serving,
                               struct sf_scenario **out_scenario);

/* Begins a run of serving->scenario.  SF_ENOMEM or SF_ESINK. */
SF_MUST_CHECK int sf_runs_begin(struct sf_serving *serving);

/* Ends it; the server has drained.  Does nothing if there is none. */
void sf_runs_end(struct sf_serving *serving);

/* Ends the run and takes the scenario that was loaded for the next one, which
 * then begins in its place.  SF_ENOMEM, SF_ESINK, or what the listeners met. */
SF_MUST_CHECK int sf_runs_next(struct sf_serving *serving);

#endif
