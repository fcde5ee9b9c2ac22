/* path.h - reverse-path and forward-path (RFC 5321 4.1.2). */
#ifndef SF_SMTP_PATH_H
#define SF_SMTP_PATH_H

#include "smtpfault.h"

struct sf_path {
    struct sf_slice mailbox; /* without brackets and source route; may be "" */
    bool is_ascii;           /* no octet above 127 */
};

/* Parses `<...>` at the start of *text and moves *text behind it.  Takes the
 * null path, source routes (dropped, RFC 5321 C), quoted local parts, address
 * literals, UTF-8 (RFC 6531), and a mailbox without a domain (the caller
 * decides).  Borrows from *text.  SF_ESYNTAX otherwise. */
SF_MUST_CHECK int sf_path_parse(struct sf_slice *text,
                                struct sf_path *out_path);

/* The part of a mailbox behind its last @; empty without one. */
struct sf_slice sf_path_domain(struct sf_slice mailbox);

#endif
