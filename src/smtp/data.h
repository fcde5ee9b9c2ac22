/* data.h - message data after 354: dot-unstuffing and the end of data
 * (RFC 5321 4.1.1.4, 4.5.2).  Only CRLF.CRLF ends it, unless it is read
 * leniently: then LF.LF and LF.CRLF end it too. */
#ifndef SF_SMTP_DATA_H
#define SF_SMTP_DATA_H

#include "smtpfault.h"

struct sf_data {
    unsigned char state; /* opaque; sf_data_init() */
    bool is_lenient;     /* a bare LF begins and ends lines as CR LF does */
};

/* The empty message, CRLF right after 354 not needed: a dot first ends it. */
void sf_data_init(struct sf_data *data, bool is_lenient);

/* Takes octets from the start of `input`.  Each call yields one run of
 * message content: *out_content, borrowed from `input` or from a constant,
 * may be empty.  Returns how many octets of input it took, which is none when
 * the run gives back a CR of an earlier call; call again while input is left
 * and *out_is_done is false.  CR LF of the last line belongs to the content,
 * dot and line end of the end of data do not.  Scans with memchr(), not octet
 * by octet. */
size_t sf_data_feed(struct sf_data *data,
                    struct sf_slice input,
                    struct sf_slice *out_content,
                    bool *out_is_done);

#endif
