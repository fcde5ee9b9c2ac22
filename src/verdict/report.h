/* report.h - an outcome in the forms that people and programs read.
 *
 * Pure functions: the same outcome gives the same octets.  Every text of the
 * outcome may hold any octets but NUL; what a form cannot hold becomes \xNN,
 * so that each form stays what it is (docs/REPORTS.md). */
#ifndef SF_VERDICT_REPORT_H
#define SF_VERDICT_REPORT_H

#include "base/buf.h"
#include "verdict/outcome.h"

#define SF_REPORT_SCHEMA 1 /* of the JSON report */

/* Appends the whole report; it ends in a newline.  What does not fit is told
 * by buf->failed. */
typedef void sf_report_fn(struct sf_buf *buf, const struct sf_outcome *outcome);

/* X(name): each has a function sf_report_put_NAME(). */
#define SF_REPORT_MAP(X)                                                       \
    X(text)                                                                    \
    X(json)                                                                    \
    X(junit)                                                                   \
    X(tap)                                                                     \
    X(github)

#define X(name) sf_report_fn sf_report_put_##name;
SF_REPORT_MAP(X)
#undef X

/* The form `text`, in colours for a terminal. */
sf_report_fn sf_report_put_colored;

struct sf_report_format {
    const char *name;
    sf_report_fn *put;
};

/* In the order in which help names them. */
extern const struct sf_report_format sf_report_formats[];
extern const size_t sf_report_format_count;

/* NULL: there is none of that name. */
const struct sf_report_format *sf_report_find(struct sf_slice name);

#endif
