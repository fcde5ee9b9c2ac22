/* load.h - loads scenarios and tells on stderr what is wrong with them. */
#ifndef SF_APP_LOAD_H
#define SF_APP_LOAD_H

#include "app/options.h"
#include "app/reader.h"
#include "app/status.h"

/* As sf_scenario_load(); --set, --strict and --quiet (no warnings) are taken
 * from the options.  Errors were told. */
SF_MUST_CHECK int sf_load(const struct sf_options *options,
                          struct sf_reader *reader,
                          const char *const *paths,
                          size_t path_count,
                          struct sf_scenario **out_scenario);

/* The scenarios of the options, or the bundled `default` if there are none. */
SF_MUST_CHECK int sf_load_chosen(const struct sf_options *options,
                                 struct sf_reader *reader,
                                 struct sf_scenario **out_scenario);

/* The seed that --seed names, else that of the scenario, else 1. */
uint64_t sf_load_seed(const struct sf_options *options,
                      const struct sf_scenario *scenario);

/* The command `check`: loads each file by itself. */
enum sf_status sf_load_check(const struct sf_options *options);

#endif
