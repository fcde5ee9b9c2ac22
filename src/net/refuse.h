/* refuse.h - how a connection over max-connections shows in the journal.
 *
 * It is no session: it has no number, no rule sees it and no counter counts
 * it.  Its records are `connect`, the 421 as `reply`, and `disconnect`. */
#ifndef SF_NET_REFUSE_H
#define SF_NET_REFUSE_H

#include "journal/record.h"

/* What the client is told (RFC 5321 3.8, RFC 3463 X.3.2). */
#define SF_REFUSE_REPLY "421 4.3.2 Too many connections"

/* Each returns 0 or SF_ESINK. */
SF_MUST_CHECK int sf_refuse_begin(const struct sf_sink *sink,
                                  const char *listener,
                                  const struct sf_session_config *peer,
                                  uint64_t now_us);
struct sf_refuse_end {
    uint64_t opened_us;
    uint64_t now_us;
    uint64_t octets_in;
    bool is_reset;
};
SF_MUST_CHECK int sf_refuse_end(const struct sf_sink *sink,
                                const char *listener,
                                const struct sf_refuse_end *end);

#endif
