/* run.c - a run: counters, ledger, and the pools that its sessions share. */
#include "session/run.h"

#include <stdlib.h>

#include "session/exchange.h"

struct sf_run *sf_run_new(const struct sf_run_config *config)
{
    struct sf_run *run = calloc(1, sizeof(*run));

    if (run == NULL) {
        return NULL;
    }
    run->scenario = config->scenario;
    run->seed = config->seed;
    run->speed = config->speed;
    run->sink = config->sink;
    run->trace = config->trace;
    run->is_watching = sf_run_wants(run, SF_RECORD_VIOLATION) ||
                       config->scenario->rules.needs_violations;
    sf_output_spare_init(&run->spare);
    run->fired = calloc(config->scenario->rules.count + 1, sizeof(*run->fired));
    if (run->fired == NULL || sf_counters_init(&run->counters) != 0 ||
        sf_census_init(&run->census,
                       config->scenario->rules.needs_concurrent) != 0 ||
        sf_ledger_init(&run->ledger) != 0) {
        sf_run_free(run);
        return NULL;
    }
    return run;
}

void sf_run_free(struct sf_run *run)
{
    if (run == NULL) {
        return;
    }
    while (run->exchanges != NULL) {
        struct sf_exchange *exchange = run->exchanges;

        run->exchanges = exchange->next;
        sf_exchange_free(exchange);
    }
    while (run->transactions != NULL) {
        struct sf_transaction *transaction = run->transactions;

        run->transactions = transaction->next;
        sf_transaction_free(transaction);
    }
    sf_counters_fini(&run->counters);
    sf_census_fini(&run->census);
    sf_ledger_fini(&run->ledger);
    sf_output_spare_fini(&run->spare);
    free(run->fired);
    free(run);
}

struct sf_exchange *sf_run_get_exchange(struct sf_run *run)
{
    struct sf_exchange *exchange = run->exchanges;

    if (exchange == NULL) {
        return sf_exchange_new();
    }
    run->exchanges = exchange->next;
    return exchange;
}

void sf_run_put_exchange(struct sf_run *run, struct sf_exchange *exchange)
{
    sf_exchange_clear(exchange);
    exchange->next = run->exchanges;
    run->exchanges = exchange;
}

struct sf_transaction *sf_run_get_transaction(struct sf_run *run)
{
    struct sf_transaction *transaction = run->transactions;

    if (transaction == NULL) {
        return sf_transaction_new();
    }
    run->transactions = transaction->next;
    return transaction;
}

void sf_run_put_transaction(struct sf_run *run,
                            struct sf_transaction *transaction)
{
    sf_transaction_clear(transaction);
    transaction->next = run->transactions;
    run->transactions = transaction;
}

bool sf_run_wants(const struct sf_run *run, uint32_t record_type)
{
    return (run->sink.mask & (1u << record_type)) != 0;
}

uint64_t sf_run_scale(const struct sf_run *run, uint64_t us)
{
    return sf_speed_scale(run->speed, us);
}
