/* exchange.c - an event and its answer: finds the rules that apply and runs
 * their actions.
 *
 * The rules that leave the answer to others come first, in file order; the
 * last one, if it is a taker, answers, else the default does.  Of a key that
 * stands in several rules the first counts; delays add up. */
#include "session/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "rule/action.h"
#include "session/action.h"
#include "session/command.h"
#include "session/expand.h"
#include "session/report.h"
#include "session/say.h"

/* What a reply, a line or an answer may grow to, in octets. */
#define REPLY_LIMIT_BYTES 1048576
#define LINE_LIMIT_BYTES  65536

/* Larger buffers are given back when an exchange ends, in octets. */
#define KEPT_BYTES 4096

struct sf_exchange *sf_exchange_new(void)
{
    struct sf_exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange != NULL) {
        sf_output_init(&exchange->aside);
        sf_decision_init(&exchange->decision);
        sf_buf_init(&exchange->line, LINE_LIMIT_BYTES);
        sf_buf_init(&exchange->answer_text, LINE_LIMIT_BYTES);
        sf_buf_init(&exchange->reply, REPLY_LIMIT_BYTES);
        sf_buf_init(&exchange->text, REPLY_LIMIT_BYTES);
    }
    return exchange;
}

void sf_exchange_free(struct sf_exchange *exchange)
{
    sf_decision_fini(&exchange->decision);
    sf_output_fini(&exchange->aside);
    sf_buf_fini(&exchange->line);
    sf_buf_fini(&exchange->answer_text);
    sf_buf_fini(&exchange->reply);
    sf_buf_fini(&exchange->text);
    free(exchange->lines);
    free(exchange->broken_ids);
    free(exchange);
}

static void trim_buf(struct sf_buf *buf)
{
    if (buf->size > KEPT_BYTES) {
        sf_buf_fini(buf);
    }
    sf_buf_clear(buf);
}

/* Ready for an event. */
static void reset_exchange(struct sf_exchange *exchange)
{
    exchange->decision.count = 0;
    exchange->decision.has_taker = false;
    exchange->firing = 0;
    exchange->action = 0;
    exchange->wait = SF_WAIT_NONE;
    exchange->is_in_text = false;
    exchange->is_ending = false;
    exchange->has_defaulted = false;
    exchange->seen = 0;
    exchange->extensions = NULL;
    exchange->has_content = false;
    exchange->effect = SF_EFFECT_OPEN;
    exchange->form = 0;
    exchange->has_replied = false;
    exchange->has_sent = false;
    exchange->code = 0;
    exchange->wants_close = false;
    exchange->has_close = false;
    exchange->is_left = false;
    exchange->offered = 0;
    exchange->mechanisms = 0;
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
    exchange->said_lines = 0;
}

/* What a client sent to authenticate does not stay in memory; what is no
 * command may be a password that came too late. */
static void wipe_secrets(struct sf_exchange *exchange)
{
    if (exchange->event == SF_EVENT_AUTH ||
        exchange->event == SF_EVENT_AUTH_RESPONSE ||
        exchange->event == SF_EVENT_UNKNOWN) {
        sf_buf_wipe(&exchange->line);
        sf_buf_wipe(&exchange->decision.text);
    }
}

void sf_exchange_clear(struct sf_exchange *exchange)
{
    wipe_secrets(exchange);
    trim_buf(&exchange->line);
    trim_buf(&exchange->answer_text);
    trim_buf(&exchange->reply);
    trim_buf(&exchange->text);
    sf_output_drop(&exchange->aside);
    exchange->below = NULL;
    exchange->threshold = 0;
    trim_buf(&exchange->decision.text);
    exchange->command.line = (struct sf_slice){NULL, 0};
    exchange->command.argument = (struct sf_slice){NULL, 0};
    exchange->command.has_path = false;
    exchange->transaction = 0;
    exchange->n = 0;
    exchange->recipient = 0;
    exchange->is_too_long = false;
    exchange->line_bytes = 0;
    exchange->is_pipelined = false;
    exchange->is_bare_lf = false;
    memset(&exchange->broken, 0, sizeof(exchange->broken));
    exchange->reply_rule = (struct sf_rule_ref){NULL, NULL, 0};
    reset_exchange(exchange);
}

const struct sf_firing *sf_exchange_firing(const struct sf_exchange *exchange)
{
    return &exchange->decision.firings[exchange->firing];
}

/* Goes on to the next rule; what it repeats no longer counts. */
static void end_firing(struct sf_exchange *exchange)
{
    const struct sf_rule *rule = sf_exchange_firing(exchange)->rule;

    for (size_t i = 0; i < rule->action_count; i++) {
        exchange->seen |= SF_ACTION_BIT(rule->actions[i].kind);
    }
    exchange->firing++;
    exchange->action = 0;
}

bool sf_exchange_is_aside(const struct sf_exchange *exchange)
{
    return (sf_event_get(exchange->event)->flags & SF_EVENT_ASIDE) != 0;
}

/* The action that is next; NULL: all are done. */
static const struct sf_action *find_action(struct sf_exchange *exchange)
{
    while (exchange->firing < exchange->decision.count) {
        const struct sf_rule *rule = sf_exchange_firing(exchange)->rule;

        if (exchange->action < rule->action_count) {
            return &rule->actions[exchange->action];
        }
        end_firing(exchange);
    }
    return NULL;
}

/* Whether what was said has left, or will with this step. */
static bool is_flushed(struct sf_session *session)
{
    sf_session_fail(session, sf_output_end_run(&session->output));
    return sf_output_is_prompt(&session->output, session->now_us);
}

/* Only what adds to the output need not wait until it has left. */
static bool has_to_wait(struct sf_session *session,
                        struct sf_exchange *exchange,
                        const struct sf_action *action)
{
    if (action != NULL && !exchange->is_ending &&
        sf_action_has(action, SF_ACTION_SAYS)) {
        return false;
    }
    if (is_flushed(session)) {
        return false;
    }
    exchange->wait = SF_WAIT_OUTPUT;
    return true;
}

bool sf_exchange_run(struct sf_session *session, struct sf_exchange *exchange)
{
    while (session->error == 0 && exchange->wait == SF_WAIT_NONE &&
           !sf_output_is_high(&session->output)) {
        const struct sf_action *action = find_action(exchange);

        if (has_to_wait(session, exchange, action)) {
            break;
        }
        if (exchange->is_ending) {
            sf_action_end_reply(session, exchange);
        } else if (action != NULL) {
            exchange->action += sf_action_run(session, exchange, action);
        } else if (!exchange->decision.has_taker && !exchange->has_defaulted) {
            exchange->has_defaulted = true;
            sf_action_default(session, exchange);
        } else {
            return true;
        }
    }
    return false;
}

static void evaluate(struct sf_session *session, struct sf_exchange *exchange)
{
    struct sf_run *run = session->run;
    const struct sf_rules_context context = {
        .rules = &run->scenario->rules,
        .seed = run->seed,
        .speed = run->speed,
        .counters = &run->counters,
        .trace = run->trace,
    };
    struct sf_subject subject;

    sf_expand_subject(session, exchange, &subject);
    sf_session_fail(session,
                    sf_rules_eval(&context, &subject, &exchange->decision));
    for (size_t i = 0; i < exchange->decision.count; i++) {
        const struct sf_rule *rule = exchange->decision.firings[i].rule;

        run->fired[rule->index]++;
        sf_report_fired(session, exchange, rule);
    }
}

void sf_exchange_begin(struct sf_session *session,
                       struct sf_exchange *exchange,
                       enum sf_event event)
{
    session->exchange = exchange;
    exchange->event = event;
    reset_exchange(exchange);
    exchange->began_us = session->now_us;
    session->nth[event]++;
    if (event == SF_EVENT_BODY || event == SF_EVENT_MESSAGE) {
        exchange->broken = session->transaction->broken;
    }
    if (event == SF_EVENT_MESSAGE && session->transaction->is_decided) {
        exchange->effect = SF_EFFECT_SETTLED;
    }
    sf_command_check(session, exchange);
    if (session->run->scenario->rules.by_event_count[event] > 0) {
        evaluate(session, exchange);
    }
}

void sf_exchange_cut(struct sf_exchange *exchange)
{
    exchange->firing = exchange->decision.count;
    exchange->decision.has_taker = true;
    exchange->wait = SF_WAIT_NONE;
    exchange->is_in_text = false;
    exchange->is_ending = false;
    exchange->wants_close = false;
    exchange->has_close = false;
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
}

void sf_exchange_set_raw(struct sf_exchange *exchange,
                         enum sf_event event,
                         struct sf_slice line)
{
    exchange->command = (struct sf_command){
        .event = event,
        .line = line,
        .argument = line,
    };
}

void sf_exchange_keep(struct sf_session *session, struct sf_exchange *exchange)
{
    const struct sf_command *command = &exchange->command;
    struct sf_slice line;

    if (command->line.len == 0 || command->line.ptr == exchange->line.ptr) {
        return;
    }
    sf_buf_clear(&exchange->line);
    sf_buf_put_slice(&exchange->line, command->line);
    if (exchange->line.failed) {
        sf_session_fail(session, exchange->line.failed);
        return;
    }
    line = sf_buf_slice(&exchange->line);
    if (command->verb.len == 0) {
        sf_exchange_set_raw(exchange, command->event, line);
    } else {
        sf_command_parse(line, session->offered, &exchange->command);
    }
}
