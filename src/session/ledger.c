/* ledger.c - the accepted messages of a run. */
#include "session/ledger.h"

#include <stdio.h>

struct entry {
    char id[SF_MESSAGE_ID_SIZE];
};

int sf_ledger_init(struct sf_ledger *ledger)
{
    sf_buf_init(&ledger->key, SIZE_MAX / 2);
    ledger->map = sf_map_new(sizeof(struct entry), SF_LEDGER_MAX);
    return ledger->map == NULL ? SF_ENOMEM : 0;
}

void sf_ledger_fini(struct sf_ledger *ledger)
{
    sf_map_free(ledger->map);
    sf_buf_fini(&ledger->key);
}

int sf_ledger_enter(struct sf_ledger *ledger,
                    struct sf_slice identity,
                    struct sf_slice recipient,
                    const char *id,
                    const char **out_first)
{
    struct entry *entry;
    bool is_new;

    sf_buf_clear(&ledger->key);
    sf_buf_put_u64(&ledger->key, identity.len);
    sf_buf_putc(&ledger->key, ' ');
    sf_buf_put_slice(&ledger->key, identity);
    sf_buf_put_slice(&ledger->key, recipient);
    if (ledger->key.failed) {
        return ledger->key.failed;
    }
    entry = sf_map_get(ledger->map, sf_buf_slice(&ledger->key), &is_new);
    if (entry == NULL) {
        return SF_ENOMEM;
    }
    if (is_new) {
        snprintf(entry->id, sizeof(entry->id), "%s", id);
        *out_first = NULL;
    } else {
        *out_first = entry->id;
    }
    return 0;
}
