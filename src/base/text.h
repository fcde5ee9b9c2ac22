/* text.h - durations, sizes and octets as people read them. */
#ifndef SF_BASE_TEXT_H
#define SF_BASE_TEXT_H

#include "base/buf.h"
#include "smtpfault.h"

#define SF_FOREVER_US UINT64_MAX

/* `250ms 2s 5m 1h 4d`, to microseconds; whole numbers with a unit.  "forever"
 * is SF_FOREVER_US.  SF_ESYNTAX, or SF_ETOOBIG over 1000 days. */
SF_MUST_CHECK int sf_text_parse_duration(struct sf_slice text,
                                         uint64_t *out_us);

/* `512 64K 10M 2G`, to octets (K = 1024).  SF_ESYNTAX or SF_ETOOBIG over
 * 1 TiB. */
SF_MUST_CHECK int sf_text_parse_size(struct sf_slice text, uint64_t *out_bytes);

/* The shortest exact form that sf_text_parse_duration() takes; "forever".
 * What is no whole number of milliseconds is rounded up to one. */
void sf_text_put_duration(struct sf_buf *buf, uint64_t us);

/* For terminals: octets that are not printable ASCII or valid UTF-8 become
 * \xNN, a backslash two. */
void sf_text_put_printable(struct sf_buf *buf, struct sf_slice octets);

/* How a format writes a character that means something in it. */
struct sf_text_escape {
    char c; /* ASCII, printable; '\0' ends a list */
    const char *text;
};

/* For reports, of text that was made printable before: the characters of the
 * list as it says, all others as they are, a backslash too.  What is not
 * printable all the same, or no character in XML, becomes \xNN. */
void sf_text_put_escaped(struct sf_buf *buf,
                         struct sf_slice text,
                         const struct sf_text_escape *escapes);

/* For one line of text: ASCII control characters become `?`. */
void sf_text_put_clean(struct sf_buf *buf, struct sf_slice octets);

/* For the journal, a JSON string with its quotes: octets that are not valid
 * UTF-8 become the four characters \xNN and a backslash two, so that the
 * octets can be had back; then what JSON wants escaped is. */
void sf_text_put_json(struct sf_buf *buf, struct sf_slice octets);

/* Length of the valid UTF-8 sequence at the start, 0 if there is none. */
size_t sf_text_utf8_len(struct sf_slice octets);

/* The same, but 0 also for control characters, which a terminal obeys. */
size_t sf_text_printable_len(struct sf_slice octets);

#endif
