/* action.c - the actions of rules, one row each. */
#include "session/action.h"

#include "base/hash.h"
#include "base/slice.h"
#include "base/text.h"
#include "rule/action.h"
#include "session/command.h"
#include "session/expand.h"
#include "session/reading.h"
#include "session/report.h"
#include "session/say.h"
#include "session/secure.h"
#include "smtp/sasl.h"

/* The value of `extensions` as the journal has it, in octets. */
#define VALUE_LIMIT_BYTES 65536

/* A challenge that is repeated is encoded in parts of so many octets. */
#define CHALLENGE_PART_BYTES 3072

/* A duration as the journal has it, longer than any, in octets. */
#define DURATION_LIMIT_BYTES 64

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

/* The rule that answers; NULL: the default does. */
static const struct sf_rule *find_taker(const struct sf_exchange *exchange)
{
    return exchange->firing < exchange->decision.count
               ? sf_exchange_firing(exchange)->rule
               : NULL;
}

void sf_action_end_reply(struct sf_session *session,
                         struct sf_exchange *exchange)
{
    const struct sf_rule *rule = find_taker(exchange);

    exchange->is_ending = false;
    sf_say_end(session, exchange);
    /* The first reply decides, unless the rule itself says what takes
     * effect. */
    if (rule == NULL || !sf_rule_has_action(rule, SF_ACTION_ACCEPT)) {
        decide(session, exchange,
               sf_command_accepts(exchange->event, exchange->code));
    }
}

/* A reply was said.  It ends when it has left, but where its octets are
 * gathered together with those of the next action. */
static void finish_reply(struct sf_session *session,
                         struct sf_exchange *exchange)
{
    const struct sf_rule *rule = find_taker(exchange);
    size_t next = exchange->action + 1;

    if (rule != NULL && sf_output_is_gathering(&session->output) &&
        next < rule->action_count &&
        sf_action_has(&rule->actions[next], SF_ACTION_SAYS)) {
        sf_action_end_reply(session, exchange);
    } else {
        exchange->is_ending = true;
    }
}

static struct sf_rule_ref get_ref(const struct sf_exchange *exchange,
                                  const struct sf_action *action)
{
    return (struct sf_rule_ref){sf_exchange_firing(exchange)->rule->label,
                                action->path, action->line};
}

/* Goes on with the text of a line that is repeated piece by piece. */
static bool continue_text(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    struct sf_buf *output =
        sf_output_buf(&session->output, &session->run->spare);

    exchange->is_in_text =
        !sf_expand_more(session, exchange, sf_exchange_firing(exchange),
                        &exchange->cursor, output, SF_OUTPUT_HIGH_BYTES);
    sf_session_fail(session, output->failed);
    return !exchange->is_in_text;
}

/* The text as far as a record holds it; all of it, where nothing in it is
 * repeated. */
static struct sf_slice sample_text(struct sf_session *session,
                                   struct sf_exchange *exchange,
                                   const struct sf_template *text)
{
    struct sf_cursor cursor = {.text = text};
    size_t limit = text->loop_count > 0 ? SF_EXPAND_SAMPLE_BYTES : SIZE_MAX;

    sf_buf_clear(&exchange->text);
    (void)sf_expand_more(session, exchange, sf_exchange_firing(exchange),
                         &cursor, &exchange->text, limit);
    sf_session_fail(session, exchange->text.failed);
    return sf_buf_slice(&exchange->text);
}

/* A client may begin its handshake as soon as it has read what stands in the
 * place of the 220: STARTTLS takes effect, and drops what came before, with
 * that. */
static void decide_before(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    const struct sf_rule *rule = sf_exchange_firing(exchange)->rule;

    if (exchange->event == SF_EVENT_STARTTLS &&
        sf_secure_is_wanted(session, exchange) &&
        !sf_rule_has_action(rule, SF_ACTION_REPLY) &&
        !sf_rule_has_action(rule, SF_ACTION_REPLY_DEFAULT) &&
        !sf_rule_has_action(rule, SF_ACTION_ACCEPT)) {
        decide(session, exchange, true);
    }
}

static bool do_send(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    const struct sf_template *text = &action->u.send;

    if (!exchange->is_in_text) {
        decide_before(session, exchange);
        exchange->cursor = (struct sf_cursor){.text = text};
        exchange->has_sent = true;
        sf_report_fault(session, exchange, action,
                        sample_text(session, exchange, text));
    }
    return continue_text(session, exchange);
}

/* Whether `reply = default` is all that the rule answers. */
static bool is_sole_answer(const struct sf_rule *rule)
{
    size_t replies = 0;

    for (size_t i = 0; i < rule->action_count; i++) {
        replies += sf_action_has(&rule->actions[i], SF_ACTION_REPLIES);
    }
    return replies == 1 && !sf_rule_has_action(rule, SF_ACTION_CLOSE);
}

/* Under BDAT LAST the end of the message, its own event, is what is answered
 * when nothing went wrong before. */
static bool is_left_to_message(const struct sf_exchange *exchange)
{
    return exchange->event == SF_EVENT_BDAT && exchange->command.is_last &&
           sf_reply_class(exchange->answer.code) == 2;
}

/* At TLS it is the handshake. */
static void give_default(struct sf_session *session,
                         struct sf_exchange *exchange,
                         struct sf_rule_ref ref)
{
    if (exchange->event == SF_EVENT_TLS) {
        decide(session, exchange, true);
    } else if (!exchange->is_left && !sf_exchange_is_aside(exchange)) {
        sf_say_default(session, exchange, ref);
        finish_reply(session, exchange);
    }
}

static bool do_reply_default(struct sf_session *session,
                             struct sf_exchange *exchange,
                             const struct sf_action *action)
{
    exchange->is_left = is_left_to_message(exchange) &&
                        is_sole_answer(sf_exchange_firing(exchange)->rule);
    give_default(session, exchange, get_ref(exchange, action));
    return true;
}

/* The code of a line: -1 if the group in its place holds none. */
static int find_code(const struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    struct sf_slice digits;
    uint64_t code = 0;

    if (action->u.reply.code_group == 0) {
        return action->u.reply.code;
    }
    digits =
        sf_decision_group(&exchange->decision, sf_exchange_firing(exchange),
                          action->u.reply.code_group);
    return digits.len == 3 && sf_slice_parse_u64(digits, &code) == 0 ? (int)code
                                                                     : -1;
}

static bool do_reply(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    const struct sf_template *text = &action->u.reply.text;
    struct sf_reply_line line = {
        .code = find_code(exchange, action),
        .is_last = action->u.reply.is_last,
        .has_text = action->u.reply.has_text,
    };

    if (line.code < 0) {
        sf_report_fault(session, exchange, action,
                        sf_slice_str("default: the group holds no code"));
        return do_reply_default(session, exchange, action);
    }
    if (!exchange->is_in_text) {
        line.text = sample_text(session, exchange, text);
        if (exchange->said_lines == 0) {
            exchange->reply_rule = get_ref(exchange, action);
        }
        exchange->cursor = (struct sf_cursor){.text = text};
        sf_say_line(session, exchange, &line, text->loop_count == 0);
    }
    if (text->loop_count > 0) {
        if (!continue_text(session, exchange)) {
            return false;
        }
        sf_say_line_end(session);
    }
    if (line.is_last) {
        finish_reply(session, exchange);
    }
    return true;
}

/* The line of a challenge, but for a text that is repeated piece by piece: of
 * that the record has the beginning, and the output nothing yet. */
static void begin_challenge(struct sf_session *session,
                            struct sf_exchange *exchange,
                            const struct sf_action *action)
{
    const struct sf_template *text = &action->u.challenge;
    struct sf_slice sample = sample_text(session, exchange, text);
    struct sf_reply_line line = {
        .code = 334, .is_last = true, .has_text = true};
    struct sf_buf encoded;

    sf_buf_init(&encoded, 2 * exchange->text.limit);
    sf_report_fault(session, exchange, action, sample);
    sf_sasl_encode(sample, &encoded);
    sf_session_fail(session, encoded.failed);
    line.text = sf_buf_slice(&encoded);
    if (exchange->said_lines == 0) {
        exchange->reply_rule = get_ref(exchange, action);
    }
    exchange->cursor = (struct sf_cursor){.text = text};
    sf_say_line(session, exchange, &line, text->loop_count == 0);
    sf_buf_fini(&encoded);
    sf_buf_clear(&exchange->text);
}

/* Goes on with it.  Octets that make no group of three yet wait in the scratch
 * of the exchange. */
static bool continue_challenge(struct sf_session *session,
                               struct sf_exchange *exchange)
{
    struct sf_buf *output =
        sf_output_buf(&session->output, &session->run->spare);
    struct sf_buf *octets = &exchange->text;
    size_t len = 0;

    exchange->is_in_text =
        !sf_expand_more(session, exchange, sf_exchange_firing(exchange),
                        &exchange->cursor, octets, CHALLENGE_PART_BYTES);
    len = octets->len - (exchange->is_in_text ? octets->len % 3 : 0);
    sf_sasl_encode(sf_slice(octets->ptr, len), output);
    sf_session_fail(session, octets->failed);
    sf_session_fail(session, output->failed);
    sf_buf_consume(octets, len);
    return !exchange->is_in_text;
}

static bool do_challenge(struct sf_session *session,
                         struct sf_exchange *exchange,
                         const struct sf_action *action)
{
    if (!exchange->is_in_text) {
        begin_challenge(session, exchange, action);
    }
    if (action->u.challenge.loop_count > 0) {
        if (!continue_challenge(session, exchange)) {
            return false;
        }
        sf_say_line_end(session);
    }
    finish_reply(session, exchange);
    return true;
}

void sf_action_default(struct sf_session *session, struct sf_exchange *exchange)
{
    exchange->is_left = is_left_to_message(exchange);
    give_default(session, exchange, (struct sf_rule_ref){NULL, NULL, 0});
}

static bool do_reply_none(struct sf_session *session,
                          struct sf_exchange *exchange,
                          const struct sf_action *action)
{
    sf_report_fault(session, exchange, action, sf_slice_str("none"));
    return true;
}

/* Drawn from what the client did, not from a stream: the same conversation
 * waits the same time whatever else goes on. */
static uint64_t draw_delay(const struct sf_session *session,
                           struct sf_exchange *exchange,
                           const struct sf_action *action)
{
    const struct sf_firing *firing = sf_exchange_firing(exchange);
    uint64_t hash = sf_hash_u64(session->run->seed, firing->rule->identity);
    struct sf_subject subject;

    sf_expand_subject(session, exchange, &subject);
    hash = sf_hash_u64(hash, (uint64_t)(action - firing->rule->actions));
    hash = sf_hash_octets(hash, subject.client);
    hash = sf_hash_octets(hash, subject.sender);
    for (size_t i = 0; i < subject.recipient_count; i++) {
        hash = sf_hash_octets(hash, subject.recipients[i]);
    }
    hash = sf_hash_u64(hash, firing->tally.draw_attempt);
    hash = sf_hash_u64(hash, subject.nth);
    return sf_hash_draw(hash, action->u.delay.low_us, action->u.delay.high_us);
}

/* What the text of a `delay` says; where it is no duration, nothing is waited
 * for. */
static uint64_t read_delay(struct sf_session *session,
                           struct sf_exchange *exchange,
                           const struct sf_action *action)
{
    uint64_t us = 0;

    sf_buf_clear(&exchange->text);
    sf_expand(session, exchange, sf_exchange_firing(exchange),
              &action->u.delay.text, &exchange->text);
    sf_session_fail(session, exchange->text.failed);
    (void)!sf_text_parse_duration(sf_buf_slice(&exchange->text), &us);
    return us;
}

static void
wait_for(struct sf_session *session, struct sf_exchange *exchange, uint64_t us)
{
    if (us == SF_FOREVER_US) {
        exchange->wait = SF_WAIT_EVER;
        return;
    }
    exchange->wait = SF_WAIT_TIME;
    exchange->wait_us = session->now_us + sf_run_scale(session->run, us);
    sf_session_fail(session,
                    sf_output_cut(&session->output, exchange->wait_us));
}

static void report_duration(struct sf_session *session,
                            struct sf_exchange *exchange,
                            const struct sf_action *action,
                            uint64_t us)
{
    struct sf_buf value;

    sf_buf_init(&value, DURATION_LIMIT_BYTES);
    sf_text_put_duration(&value, us);
    sf_session_fail(session, value.failed);
    sf_report_fault(session, exchange, action, sf_buf_slice(&value));
    sf_buf_fini(&value);
}

static bool do_delay(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    uint64_t us = SF_FOREVER_US;

    switch (action->u.delay.kind) {
    case SF_DELAY_UNTIL_INPUT:
        exchange->wait = SF_WAIT_INPUT;
        sf_report_fault(session, exchange, action, sf_slice_str("until-input"));
        return true;
    case SF_DELAY_FOREVER:
        break;
    case SF_DELAY_RANGE:
        us = draw_delay(session, exchange, action);
        break;
    case SF_DELAY_TEXT:
        us = read_delay(session, exchange, action);
        break;
    }
    wait_for(session, exchange, us);
    report_duration(session, exchange, action, us);
    return true;
}

/* How the output leaves from here on. */
static bool do_pace(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    sf_session_fail(session, sf_output_pace(&session->output, &action->u.pace));
    sf_report_fault(session, exchange, action,
                    sf_slice_str(action->u.pace.text));
    return true;
}

static bool do_hold(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    sf_session_fail(
        session,
        sf_output_hold(&session->output, session->now_us + action->u.hold_us));
    report_duration(session, exchange, action, action->u.hold_us);
    return true;
}

static bool do_read(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    sf_reading_set(session, &action->u.read);
    sf_report_fault(session, exchange, action,
                    sf_slice_str(action->u.read.text));
    return true;
}

/* At DATA for this message, elsewhere for all that follow. */
static bool do_content(struct sf_session *session,
                       struct sf_exchange *exchange,
                       const struct sf_action *action)
{
    if (exchange->event == SF_EVENT_DATA) {
        exchange->has_content = true;
        exchange->is_lenient = action->u.is_lenient;
    } else {
        session->is_lenient = action->u.is_lenient;
    }
    sf_report_fault(session, exchange, action,
                    sf_slice_str(action->u.is_lenient ? "lenient" : "strict"));
    return true;
}

static bool do_close(struct sf_session *session,
                     struct sf_exchange *exchange,
                     const struct sf_action *action)
{
    static const char *const words[] = {
#define X(name, word) [SF_CLOSE_##name] = (word),
        SF_CLOSE_MAP(X)
#undef X
    };

    exchange->has_close = true;
    exchange->close = action->u.close;
    sf_report_fault(session, exchange, action,
                    sf_slice_str(words[action->u.close]));
    return true;
}

static bool do_accept(struct sf_session *session,
                      struct sf_exchange *exchange,
                      const struct sf_action *action)
{
    sf_report_fault(session, exchange, action,
                    sf_slice_str(action->u.accept ? "yes" : "no"));
    decide(session, exchange, action->u.accept);
    return true;
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

static bool do_extensions(struct sf_session *session,
                          struct sf_exchange *exchange,
                          const struct sf_action *action)
{
    const struct sf_extensions *edit = &action->u.extensions;
    struct sf_buf value;

    exchange->extensions = sf_exchange_firing(exchange)->rule;
    if (!sf_run_wants(session->run, SF_RECORD_FAULT)) {
        return true;
    }
    sf_buf_init(&value, VALUE_LIMIT_BYTES);
    put_items(&value, "-", edit->remove, edit->remove_count);
    put_items(&value, edit->is_full ? "" : "+", edit->add, edit->add_count);
    sf_report_fault(session, exchange, action, sf_buf_slice(&value));
    sf_session_fail(session, value.failed);
    sf_buf_fini(&value);
    return true;
}

static bool do_note(struct sf_session *session,
                    struct sf_exchange *exchange,
                    const struct sf_action *action)
{
    sf_buf_clear(&exchange->text);
    sf_expand(session, exchange, sf_exchange_firing(exchange), &action->u.note,
              &exchange->text);
    sf_session_fail(session, exchange->text.failed);
    sf_report_fault(session, exchange, action, sf_buf_slice(&exchange->text));
    return true;
}

/* The key is that of the event: the action may run when all has changed. */
static bool do_next_state(struct sf_session *session,
                          struct sf_exchange *exchange,
                          const struct sf_action *action)
{
    const char *state = action->u.next_state;
    struct sf_slice key = sf_decision_state_key(&exchange->decision,
                                                sf_exchange_firing(exchange));

    sf_session_fail(session,
                    sf_counters_set_state(&session->run->counters, key, state));
    sf_report_fault(session, exchange, action, sf_slice_str(state));
    return true;
}

static bool do_handshake(struct sf_session *session,
                         struct sf_exchange *exchange,
                         const struct sf_action *action)
{
    if (session->handshake == NULL) {
        session->handshake = sf_exchange_firing(exchange)->rule;
        sf_report_fault(session, exchange, action,
                        sf_slice_str(action->u.handshake.text));
    }
    return true;
}

struct row {
    bool (*run)(struct sf_session *,
                struct sf_exchange *,
                const struct sf_action *);
    bool is_first_only; /* of several rules with it the first counts */
};

static const struct row rows[SF_ACTION_COUNT] = {
    [SF_ACTION_REPLY] = {.run = do_reply},
    [SF_ACTION_REPLY_NONE] = {.run = do_reply_none},
    [SF_ACTION_REPLY_DEFAULT] = {.run = do_reply_default},
    [SF_ACTION_CHALLENGE] = {.run = do_challenge},
    [SF_ACTION_SEND] = {.run = do_send},
    [SF_ACTION_DELAY] = {.run = do_delay},
    [SF_ACTION_PACE] = {.run = do_pace, .is_first_only = true},
    [SF_ACTION_HOLD] = {.run = do_hold},
    [SF_ACTION_READ] = {.run = do_read, .is_first_only = true},
    [SF_ACTION_CONTENT] = {.run = do_content, .is_first_only = true},
    [SF_ACTION_CLOSE] = {.run = do_close},
    [SF_ACTION_ACCEPT] = {.run = do_accept, .is_first_only = true},
    [SF_ACTION_EXTENSIONS] = {.run = do_extensions, .is_first_only = true},
    [SF_ACTION_NOTE] = {.run = do_note},
    [SF_ACTION_NEXT_STATE] = {.run = do_next_state},
    [SF_ACTION_HANDSHAKE] = {.run = do_handshake},
};

bool sf_action_run(struct sf_session *session,
                   struct sf_exchange *exchange,
                   const struct sf_action *action)
{
    const struct row *row = &rows[action->kind];

    if (row->is_first_only && (exchange->seen & SF_ACTION_BIT(action->kind))) {
        return true;
    }
    return row->run(session, exchange, action);
}
