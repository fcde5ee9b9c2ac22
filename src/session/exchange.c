/* exchange.c - runs the actions of an event's rules and says the answer.
 *
 * The rules that leave the answer to others come first, in file order; the
 * last one, if it is a taker, answers, else the default does.  Of a key that
 * stands in several rules the first counts; delays add up. */
#include "session/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/slice.h"
#include "base/text.h"
#include "session/command.h"
#include "session/expand.h"
#include "session/report.h"
#include "smtp/reply.h"

/* What a reply, a line or an answer may grow to, in octets. */
#define REPLY_LIMIT_BYTES 1048576
#define LINE_LIMIT_BYTES  65536

/* Larger buffers are given back when an exchange ends. */
#define KEPT_BYTES 4096

#define ACTION_BIT(kind) (1u << (kind))

struct sf_exchange *sf_exchange_new(void)
{
    struct sf_exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange != NULL) {
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
    sf_buf_fini(&exchange->line);
    sf_buf_fini(&exchange->answer_text);
    sf_buf_fini(&exchange->reply);
    sf_buf_fini(&exchange->text);
    free(exchange);
}

/* ---- Saying ---------------------------------------------------------------
 */

/* Appends one line to the output, and to the reply as the journal has it. */
static void say_line(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_reply_line *line)
{
    struct sf_buf *output =
        sf_output_buf(&session->output, &session->run->spare);

    sf_reply_put_line(output, line);
    sf_session_fail(session, output->failed);
    if (exchange->reply_lines > 0) {
        exchange->offered |= sf_capability_of_line(line->text);
    }
    exchange->reply_lines++;
    if (sf_run_wants(session->run, SF_RECORD_REPLY)) {
        sf_reply_put_line(&exchange->reply, line);
        sf_session_fail(session, exchange->reply.failed);
    }
    exchange->code = line->code;
}

static void end_reply(struct sf_session *session, struct sf_exchange *exchange)
{
    sf_report_reply(session, exchange);
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
    exchange->has_replied = true;
    if (exchange->code == 421 || exchange->code == 521) {
        exchange->wants_close = true;
    }
}

static void decide(struct sf_session *session,
                   struct sf_exchange *exchange,
                   bool is_accepted)
{
    if (exchange->effect != SF_EFFECT_OPEN) {
        return;
    }
    if (is_accepted) {
        exchange->effect = SF_EFFECT_ACCEPTED;
        sf_command_apply(session, exchange);
    } else {
        exchange->effect = SF_EFFECT_REFUSED;
        sf_command_refuse(session, exchange);
    }
}

/* RFC 2034 4: never in a greeting, an EHLO answer or a 3yz; and, what last was
 * offered being what there is, not to a client that was offered none. */
static bool has_enhanced(const struct sf_session *session,
                         const struct sf_answer *answer)
{
    sf_capability_set bit =
        SF_CAPABILITY_BIT(SF_CAPABILITY_ENHANCEDSTATUSCODES);

    return answer->enhanced != NULL &&
           (!session->has_greeted || (session->offered & bit) != 0);
}

static void say_answer(struct sf_session *session,
                       struct sf_exchange *exchange,
                       const struct sf_answer *answer,
                       bool is_last)
{
    struct sf_reply_line line = {
        .code = answer->code, .is_last = is_last, .has_text = true};

    sf_buf_clear(&exchange->text);
    if (has_enhanced(session, answer)) {
        sf_buf_puts(&exchange->text, answer->enhanced);
        sf_buf_putc(&exchange->text, ' ');
    }
    if (answer->text != NULL) {
        sf_buf_puts(&exchange->text, answer->text);
    } else {
        sf_buf_put_slice(&exchange->text, sf_buf_slice(&exchange->answer_text));
    }
    sf_session_fail(session, exchange->text.failed);
    line.text = sf_buf_slice(&exchange->text);
    say_line(session, exchange, &line);
}

void sf_exchange_say_unasked(struct sf_session *session,
                             const struct sf_answer *answer)
{
    struct sf_exchange *exchange = sf_run_get_exchange(session->run);

    if (exchange == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return;
    }
    exchange->event = SF_EVENT_COUNT;
    exchange->n = 0;
    exchange->transaction =
        session->transaction == NULL ? 0 : session->transactions;
    exchange->reply_rule = (struct sf_rule_ref){NULL, NULL, 0};
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
    say_answer(session, exchange, answer, true);
    end_reply(session, exchange);
    sf_run_put_exchange(session->run, exchange);
}

/* ---- The default answer ---------------------------------------------------
 */

/* The extensions of the default server; texts borrow from `buf`. */
static void list_offer(const struct sf_session *session,
                       struct sf_buf *buf,
                       struct sf_capability_list *list)
{
    static const char *const fixed[] = {
        "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING"};
    const struct sf_server *server = &session->run->scenario->server;
    size_t size_len;

    sf_buf_puts(buf, "SIZE");
    if (server->max_size_bytes > 0) {
        sf_buf_putc(buf, ' ');
        sf_buf_put_u64(buf, server->max_size_bytes);
    }
    size_len = buf->len;
    sf_buf_puts(buf, "LIMITS RCPTMAX=");
    sf_buf_put_u64(buf, server->max_recipients);

    sf_capability_list_add(list, sf_slice_str("PIPELINING"));
    sf_capability_list_add(list, sf_slice(buf->ptr, size_len));
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        sf_capability_list_add(list, sf_slice_str(fixed[i]));
    }
    if (server->has_max_recipients) { /* RFC 9422 */
        sf_capability_list_add(
            list, sf_slice(buf->ptr + size_len, buf->len - size_len));
    }
}

static void edit_offer(const struct sf_rule *rule,
                       struct sf_capability_list *list)
{
    for (size_t i = 0; rule != NULL && i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_EXTENSIONS) {
            sf_capability_list_edit(list, &rule->actions[i].u.extensions);
        }
    }
}

static void say_offer(struct sf_session *session, struct sf_exchange *exchange)
{
    const struct sf_server *server = &session->run->scenario->server;
    struct sf_capability_list list = {.count = 0};
    struct sf_buf buf;

    sf_buf_init(&buf, LINE_LIMIT_BYTES);
    list_offer(session, &buf, &list);
    sf_capability_list_edit(&list, &server->extensions);
    edit_offer(exchange->extensions, &list);
    say_answer(session, exchange, &exchange->answer, list.count == 0);
    for (size_t i = 0; i < list.count; i++) {
        struct sf_reply_line line = {
            .code = exchange->answer.code,
            .is_last = i + 1 == list.count,
            .has_text = true,
            .text = list.lines[i],
        };

        say_line(session, exchange, &line);
    }
    sf_session_fail(session, buf.failed);
    sf_buf_fini(&buf);
}

static void say_default(struct sf_session *session,
                        struct sf_exchange *exchange,
                        struct sf_rule_ref rule)
{
    bool is_offer =
        exchange->answer.code == 250 &&
        (exchange->event == SF_EVENT_EHLO || exchange->event == SF_EVENT_LHLO);

    exchange->reply_rule = rule;
    if (is_offer) {
        say_offer(session, exchange);
    } else {
        say_answer(session, exchange, &exchange->answer, true);
    }
    end_reply(session, exchange);
}

/* ---- Actions --------------------------------------------------------------
 */

static const struct sf_firing *get_firing(const struct sf_exchange *exchange)
{
    return &exchange->decision.firings[exchange->firing];
}

static bool has_action(const struct sf_rule *rule, enum sf_action_kind kind)
{
    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* The first reply decides, unless the rule itself says what takes effect. */
static void decide_by_reply(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    if (!has_action(get_firing(exchange)->rule, SF_ACTION_ACCEPT)) {
        decide(session, exchange,
               sf_command_accepts(exchange->event, exchange->code));
    }
}

static struct sf_rule_ref get_ref(const struct sf_exchange *exchange,
                                  const struct sf_action *action)
{
    return (struct sf_rule_ref){get_firing(exchange)->rule->label, action->path,
                                action->line};
}

static void do_reply(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    struct sf_reply_line line = {
        .code = action->u.reply.code,
        .is_last = action->u.reply.is_last,
        .has_text = action->u.reply.has_text,
    };

    sf_buf_clear(&exchange->text);
    sf_expand(session, exchange, get_firing(exchange), &action->u.reply.text,
              &exchange->text);
    sf_session_fail(session, exchange->text.failed);
    line.text = sf_buf_slice(&exchange->text);
    if (exchange->reply_lines == 0) {
        exchange->reply_rule = get_ref(exchange, action);
    }
    say_line(session, exchange, &line);
    if (line.is_last) {
        end_reply(session, exchange);
        decide_by_reply(session, exchange);
    }
}

static void do_reply_default(struct sf_session *session,
                             struct sf_exchange *exchange,
                             const struct sf_action *action)
{
    say_default(session, exchange, get_ref(exchange, action));
    decide_by_reply(session, exchange);
}

static void do_reply_none(struct sf_session *session,
                          struct sf_exchange *exchange,
                          const struct sf_action *action)
{
    sf_report_fault(session, exchange, action, "reply", sf_slice_str("none"));
}

/* Drawn from what the client did, not from a stream: the same conversation
 * waits the same time whatever else goes on. */
static uint64_t draw_delay(const struct sf_session *session,
                           struct sf_exchange *exchange,
                           const struct sf_action *action)
{
    uint64_t hash = sf_hash_u64(session->run->seed, action->line);
    struct sf_subject subject;

    sf_expand_subject(session, exchange, &subject);
    hash =
        sf_hash_octets(hash, sf_slice_str(get_firing(exchange)->rule->label));
    hash = sf_hash_octets(hash, subject.client);
    hash = sf_hash_octets(hash, subject.sender);
    for (size_t i = 0; i < subject.recipient_count; i++) {
        hash = sf_hash_octets(hash, subject.recipients[i]);
    }
    hash = sf_hash_u64(hash, get_firing(exchange)->attempt);
    hash = sf_hash_u64(hash, subject.nth);
    return sf_hash_draw(hash, action->u.delay.low_us, action->u.delay.high_us);
}

static void report_delay(struct sf_session *session,
                         struct sf_exchange *exchange,
                         const struct sf_action *action,
                         uint64_t us)
{
    struct sf_buf value;

    sf_buf_init(&value, 64);
    if (action->u.delay.kind == SF_DELAY_UNTIL_INPUT) {
        sf_buf_puts(&value, "until-input");
    } else {
        sf_text_put_duration(&value, us);
    }
    sf_session_fail(session, value.failed);
    sf_report_fault(session, exchange, action, "delay", sf_buf_slice(&value));
    sf_buf_fini(&value);
}

static void do_delay(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    uint64_t us = SF_FOREVER_US;

    switch (action->u.delay.kind) {
    case SF_DELAY_FOREVER:
        exchange->wait = SF_WAIT_EVER;
        break;
    case SF_DELAY_UNTIL_INPUT:
        exchange->wait = SF_WAIT_INPUT;
        break;
    case SF_DELAY_RANGE:
        us = draw_delay(session, exchange, action);
        exchange->wait = SF_WAIT_TIME;
        exchange->wait_us = session->now_us + sf_run_scale(session->run, us);
        sf_session_fail(session,
                        sf_output_cut(&session->output, exchange->wait_us));
        break;
    }
    report_delay(session, exchange, action, us);
}

static void do_close(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    static const char *const names[] = {[SF_CLOSE_FIN] = "fin",
                                        [SF_CLOSE_RESET] = "reset",
                                        [SF_CLOSE_NO] = "no"};

    exchange->has_close = true;
    exchange->close = action->u.close;
    sf_report_fault(session, exchange, action, "close",
                    sf_slice_str(names[action->u.close]));
}

static void do_accept(struct sf_session *session,
                      struct sf_exchange *exchange,
                      const struct sf_action *action)
{
    sf_report_fault(session, exchange, action, "accept",
                    sf_slice_str(action->u.accept ? "yes" : "no"));
    decide(session, exchange, action->u.accept);
}

static void put_items(struct sf_buf *buf,
                      const char *sign,
                      const struct sf_slice *items,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sf_buf_puts(buf, buf->len > 0 ? ", " : "");
        sf_buf_puts(buf, sign);
        sf_buf_put_slice(buf, items[i]);
    }
}

static void do_extensions(struct sf_session *session,
                          struct sf_exchange *exchange,
                          const struct sf_action *action)
{
    const struct sf_extensions *edit = &action->u.extensions;
    struct sf_buf value;

    exchange->extensions = get_firing(exchange)->rule;
    if (!sf_run_wants(session->run, SF_RECORD_FAULT)) {
        return;
    }
    sf_buf_init(&value, LINE_LIMIT_BYTES);
    put_items(&value, "-", edit->remove, edit->remove_count);
    put_items(&value, edit->is_full ? "" : "+", edit->add, edit->add_count);
    sf_report_fault(session, exchange, action, "extensions",
                    sf_buf_slice(&value));
    sf_session_fail(session, value.failed);
    sf_buf_fini(&value);
}

static void do_note(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    sf_buf_clear(&exchange->text);
    sf_expand(session, exchange, get_firing(exchange), &action->u.note,
              &exchange->text);
    sf_session_fail(session, exchange->text.failed);
    sf_report_fault(session, exchange, action, "note",
                    sf_buf_slice(&exchange->text));
}

struct row {
    void (*run)(struct sf_session *,
                struct sf_exchange *,
                const struct sf_action *);
    bool is_first_only; /* of several rules with it the first counts */
};

static const struct row rows[SF_ACTION_COUNT] = {
    [SF_ACTION_REPLY] = {do_reply, false},
    [SF_ACTION_REPLY_NONE] = {do_reply_none, false},
    [SF_ACTION_REPLY_DEFAULT] = {do_reply_default, false},
    [SF_ACTION_DELAY] = {do_delay, false},
    [SF_ACTION_CLOSE] = {do_close, false},
    [SF_ACTION_ACCEPT] = {do_accept, true},
    [SF_ACTION_EXTENSIONS] = {do_extensions, true},
    [SF_ACTION_NOTE] = {do_note, false},
};

/* ---- Running --------------------------------------------------------------
 */

static void run_action(struct sf_session *session,
                       struct sf_exchange *exchange,
                       const struct sf_action *action)
{
    const struct row *row = &rows[action->kind];

    if (row->is_first_only && (exchange->seen & ACTION_BIT(action->kind))) {
        return;
    }
    row->run(session, exchange, action);
}

/* Goes on to the next rule; what it repeats no longer counts. */
static void end_firing(struct sf_exchange *exchange)
{
    const struct sf_rule *rule = get_firing(exchange)->rule;

    for (size_t i = 0; i < rule->action_count; i++) {
        exchange->seen |= ACTION_BIT(rule->actions[i].kind);
    }
    exchange->firing++;
    exchange->action = 0;
}

/* Under BDAT LAST the end of the message, its own event, is what is answered
 * when nothing went wrong before. */
static bool is_left_to_message(const struct sf_exchange *exchange)
{
    return exchange->event == SF_EVENT_BDAT && exchange->command.is_last &&
           sf_reply_class(exchange->answer.code) == 2;
}

bool sf_exchange_run(struct sf_session *session, struct sf_exchange *exchange)
{
    while (session->error == 0 && exchange->firing < exchange->decision.count) {
        const struct sf_rule *rule = get_firing(exchange)->rule;

        if (exchange->wait != SF_WAIT_NONE) {
            return false;
        }
        if (exchange->action == rule->action_count) {
            end_firing(exchange);
        } else {
            run_action(session, exchange, &rule->actions[exchange->action++]);
        }
    }
    if (session->error == 0 && !exchange->decision.has_taker &&
        !is_left_to_message(exchange)) {
        say_default(session, exchange, (struct sf_rule_ref){NULL, NULL, 0});
        decide(session, exchange,
               sf_command_accepts(exchange->event, exchange->code));
    }
    return true;
}

/* ---- Beginning ------------------------------------------------------------
 */

static void reset_exchange(struct sf_exchange *exchange)
{
    exchange->decision.count = 0;
    exchange->decision.has_taker = false;
    exchange->firing = 0;
    exchange->action = 0;
    exchange->wait = SF_WAIT_NONE;
    exchange->seen = 0;
    exchange->extensions = NULL;
    exchange->effect = SF_EFFECT_OPEN;
    exchange->has_replied = false;
    exchange->code = 0;
    exchange->wants_close = false;
    exchange->has_close = false;
    exchange->offered = 0;
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
}

static void evaluate(struct sf_session *session, struct sf_exchange *exchange)
{
    struct sf_run *run = session->run;
    struct sf_subject subject;

    sf_expand_subject(session, exchange, &subject);
    sf_session_fail(session,
                    sf_rules_eval(&run->scenario->rules, &subject, run->speed,
                                  &run->counters, &exchange->decision));
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
    session->nth[event]++;
    sf_command_check(session, exchange);
    if (session->run->scenario->rules.by_event_count[event] > 0) {
        evaluate(session, exchange);
    }
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
