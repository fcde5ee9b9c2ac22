/* action.c - the actions of rules, one row each. */
#include "session/action.h"

#include "base/hash.h"
#include "base/slice.h"
#include "base/text.h"
#include "session/command.h"
#include "session/expand.h"
#include "session/report.h"
#include "session/say.h"

/* The value of `extensions` as the journal has it, in octets. */
#define VALUE_LIMIT_BYTES 65536

/* The command takes effect or not; what was decided first stays. */
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
    if (!has_action(sf_exchange_firing(exchange)->rule, SF_ACTION_ACCEPT)) {
        decide(session, exchange,
               sf_command_accepts(exchange->event, exchange->code));
    }
}

static struct sf_rule_ref get_ref(const struct sf_exchange *exchange,
                                  const struct sf_action *action)
{
    return (struct sf_rule_ref){sf_exchange_firing(exchange)->rule->label,
                                action->path, action->line};
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
    sf_expand(session, exchange, sf_exchange_firing(exchange),
              &action->u.reply.text, &exchange->text);
    sf_session_fail(session, exchange->text.failed);
    line.text = sf_buf_slice(&exchange->text);
    if (exchange->said_lines == 0) {
        exchange->reply_rule = get_ref(exchange, action);
    }
    sf_say_line(session, exchange, &line);
    if (line.is_last) {
        sf_say_end(session, exchange);
        decide_by_reply(session, exchange);
    }
}

static bool is_reply(enum sf_action_kind kind)
{
    return kind == SF_ACTION_REPLY || kind == SF_ACTION_REPLY_NONE ||
           kind == SF_ACTION_REPLY_DEFAULT;
}

/* Whether `reply = default` is all that the rule answers. */
static bool is_sole_answer(const struct sf_rule *rule)
{
    size_t replies = 0;

    for (size_t i = 0; i < rule->action_count; i++) {
        replies += is_reply(rule->actions[i].kind);
    }
    return replies == 1 && !has_action(rule, SF_ACTION_CLOSE);
}

/* Under BDAT LAST the end of the message, its own event, is what is answered
 * when nothing went wrong before. */
static bool is_left_to_message(const struct sf_exchange *exchange)
{
    return exchange->event == SF_EVENT_BDAT && exchange->command.is_last &&
           sf_reply_class(exchange->answer.code) == 2;
}

static void do_reply_default(struct sf_session *session,
                             struct sf_exchange *exchange,
                             const struct sf_action *action)
{
    exchange->is_left = is_left_to_message(exchange) &&
                        is_sole_answer(sf_exchange_firing(exchange)->rule);
    if (!exchange->is_left) {
        sf_say_default(session, exchange, get_ref(exchange, action));
        decide_by_reply(session, exchange);
    }
}

void sf_action_default(struct sf_session *session, struct sf_exchange *exchange)
{
    exchange->is_left = is_left_to_message(exchange);
    if (!exchange->is_left) {
        sf_say_default(session, exchange, (struct sf_rule_ref){NULL, NULL, 0});
        decide(session, exchange,
               sf_command_accepts(exchange->event, exchange->code));
    }
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
    hash = sf_hash_octets(
        hash, sf_slice_str(sf_exchange_firing(exchange)->rule->label));
    hash = sf_hash_octets(hash, subject.client);
    hash = sf_hash_octets(hash, subject.sender);
    for (size_t i = 0; i < subject.recipient_count; i++) {
        hash = sf_hash_octets(hash, subject.recipients[i]);
    }
    hash = sf_hash_u64(hash, sf_exchange_firing(exchange)->attempt);
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

    exchange->extensions = sf_exchange_firing(exchange)->rule;
    if (!sf_run_wants(session->run, SF_RECORD_FAULT)) {
        return;
    }
    sf_buf_init(&value, VALUE_LIMIT_BYTES);
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
    sf_expand(session, exchange, sf_exchange_firing(exchange), &action->u.note,
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

void sf_action_run(struct sf_session *session,
                   struct sf_exchange *exchange,
                   const struct sf_action *action)
{
    const struct row *row = &rows[action->kind];

    if (row->is_first_only && (exchange->seen & SF_ACTION_BIT(action->kind))) {
        return;
    }
    row->run(session, exchange, action);
}
