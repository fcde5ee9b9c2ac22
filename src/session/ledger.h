/* ledger.h - what was accepted for whom, apart from what was replied: finds
 * further copies of a message for a recipient that already has it. */
#ifndef SF_SESSION_LEDGER_H
#define SF_SESSION_LEDGER_H

#include "base/buf.h"
#include "base/map.h"

/* Pairs of message and recipient; beyond it the oldest are forgotten. */
#define SF_LEDGER_MAX 1048576

#define SF_MESSAGE_ID_SIZE 48 /* of the server's own ids, with NUL */

struct sf_ledger {
    struct sf_map *map;
    struct sf_buf key; /* scratch */
};

SF_MUST_CHECK int sf_ledger_init(struct sf_ledger *ledger);
void sf_ledger_fini(struct sf_ledger *ledger);

/* Enters that `recipient` got the message known as `identity` under the
 * server's `id`.  *out_first is the id of the copy that came first, valid
 * until the next call; NULL if this is the first.  SF_ENOMEM is the only
 * error. */
SF_MUST_CHECK int sf_ledger_enter(struct sf_ledger *ledger,
                                  struct sf_slice identity,
                                  struct sf_slice recipient,
                                  const char *id,
                                  const char **out_first);

#endif
