/* line.h - finds the end of a command line (RFC 5321 2.3.8). */
#ifndef SF_SMTP_LINE_H
#define SF_SMTP_LINE_H

#include "smtpfault.h"

enum sf_line_status {
    SF_LINE_MORE,     /* no line end yet */
    SF_LINE_DONE,     /* a line ended in CRLF */
    SF_LINE_BARE_LF,  /* a line ended in LF alone */
    SF_LINE_TOO_LONG, /* the limit passed without a line end */
};

/* Looks for a line at the start of `input`, of which the first `scanned`
 * octets were looked at in an earlier call.  limit: octets of a line with its
 * line end.  DONE and BARE_LF: *out_line is the line without its line end,
 * *out_taken counts the line end too.  TOO_LONG: everything offered is to be
 * dropped until sf_line_skip() finds the line's end; *out_taken is 0. */
enum sf_line_status sf_line_find(struct sf_slice input,
                                 size_t scanned,
                                 size_t limit,
                                 struct sf_slice *out_line,
                                 size_t *out_taken);

/* Drops the rest of a line that was too long.  Returns how many octets go;
 * *out_is_done tells whether the line end was among them. */
size_t sf_line_skip(struct sf_slice input, bool *out_is_done);

#endif
