/* report_part.h - the parts of which several reports are made. */
#ifndef SF_VERDICT_REPORT_PART_H
#define SF_VERDICT_REPORT_PART_H

#include "base/text.h"
#include "verdict/report.h"

/* How a report writes its lines. */
struct sf_report_pen {
    struct sf_buf *buf;
    const struct sf_text_escape *escapes;
    const char *line_start;
    const char *line_end;
    bool has_color;
};

#define SF_REPORT_BOLD    "\033[1m"
#define SF_REPORT_RED     "\033[1;31m"
#define SF_REPORT_GREEN   "\033[32m"
#define SF_REPORT_YELLOW  "\033[33m"
#define SF_REPORT_MAGENTA "\033[35m"

/* What each standing is called: one row, all forms. */
struct sf_report_standing {
    const char *word;  /* "failed" */
    const char *tag;   /* "FAIL" */
    const char *color; /* of the tag */
};

const struct sf_report_standing *sf_report_standing(enum sf_standing standing);

/* Text of the outcome, as the pen writes it; NULL is nothing. */
void sf_report_put(const struct sf_report_pen *pen, const char *text);

/* Our own words in a colour. */
void sf_report_put_in(const struct sf_report_pen *pen,
                      const char *color,
                      const char *words);

/* `greylist: attempts = 2..3` */
void sf_report_put_name(const struct sf_report_pen *pen,
                        const struct sf_result *result);

/* What was seen: its sentence, or `saw 1`. */
void sf_report_put_seen(const struct sf_report_pen *pen,
                        const struct sf_result *result);

/* What follows that: the dialogue by session, and the advice, as lines. */
void sf_report_put_proof(const struct sf_report_pen *pen,
                         const struct sf_result *result);

/* Both as lines. */
void sf_report_put_details(const struct sf_report_pen *pen,
                           const struct sf_result *result);

/* `Commands wait for their replies (MUST, RFC 2920 3.1), 2 times` */
void sf_report_put_breach(const struct sf_report_pen *pen,
                          const struct sf_breach *breach);

/* The line of the dialogue where it was broken first, as lines. */
void sf_report_put_first(const struct sf_report_pen *pen,
                         const struct sf_breach *breach);

/* `1 met, 1 failed, 0 not reached; 2 sessions, 1 message, 0.012 s; status 1` */
void sf_report_put_summary(const struct sf_report_pen *pen,
                           const struct sf_outcome *outcome);

/* `0.012`, in seconds. */
void sf_report_put_seconds(struct sf_buf *buf, uint64_t us);

uint64_t sf_report_count(const struct sf_outcome *outcome,
                         enum sf_standing standing);

/* The status of a run when nobody came or nothing was reached: the command
 * line's, see app/status.h. */
#define SF_REPORT_STATUS_UNPROVED 4

/* A run that ends otherwise than with 0 although no expectation says why, such
 * as one to which nobody came, must not look good to who reads only the
 * expectations.  Returns whether it is so, and writes a result that tells it,
 * whose texts are static or in `actual`. */
#define SF_REPORT_ACTUAL_SIZE 16
bool sf_report_find_other(const struct sf_outcome *outcome,
                          char actual[SF_REPORT_ACTUAL_SIZE],
                          struct sf_result *out_result);

#endif
