/* reply.h - a reply stays a struct until it becomes octets, here only
 * (RFC 5321 4.2). */
#ifndef SF_SMTP_REPLY_H
#define SF_SMTP_REPLY_H

#include "base/buf.h"
#include "smtpfault.h"

/* One line of a reply. */
struct sf_reply_line {
    int code;             /* 0..999, three digits on the wire */
    bool is_last;         /* SP after the code, else "-" */
    bool has_text;        /* a last line without: code and CRLF alone */
    struct sf_slice text; /* with its enhanced code, if any */
};

/* Appends the line's octets, CRLF included. */
void sf_reply_put_line(struct sf_buf *buf, const struct sf_reply_line *line);

/* What stands before its text, and what behind. */
void sf_reply_put_head(struct sf_buf *buf, const struct sf_reply_line *line);
void sf_reply_put_end(struct sf_buf *buf);

/* The enhanced status code (RFC 3463 2: class "." subject "." detail) at the
 * start of a reply's text; empty if there is none. */
struct sf_slice sf_reply_enhanced(struct sf_slice text);

/* 2 for 250, and so on. */
int sf_reply_class(int code);

#endif
