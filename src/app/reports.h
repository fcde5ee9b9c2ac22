/* reports.h - where the verdict is told: standard error, and --report. */
#ifndef SF_APP_REPORTS_H
#define SF_APP_REPORTS_H

#include "app/options.h"

/* Whether each report would find a place.  SF_EIO with one line in error. */
SF_MUST_CHECK int sf_reports_check(const struct sf_options *options,
                                   char *error,
                                   size_t error_size);

/* Writes each report that was asked for, files whole; and the text to standard
 * error unless it goes elsewhere or --quiet stands.  All are tried.  Returns 0,
 * or SF_EIO or SF_ENOMEM with one line about the first that could not be
 * written in error; that standard error takes nothing is no failure. */
SF_MUST_CHECK int sf_reports_write(const struct sf_options *options,
                                   const struct sf_outcome *outcome,
                                   char *error,
                                   size_t error_size);

#endif
