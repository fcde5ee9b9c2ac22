/* say.c - replies: from what is to be said to octets and records. */
#include "session/say.h"

#include "base/slice.h"
#include "session/auth.h"
#include "session/report.h"

/* The texts of the default extensions, in octets. */
#define OFFER_LIMIT_BYTES 1024

/* Of a reply that is too long for its record the first lines are kept. */
static void record_line(struct sf_exchange *exchange,
                        const struct sf_reply_line *line)
{
    size_t len = exchange->reply.len;

    if (exchange->reply_lines + 1 < exchange->said_lines) {
        return; /* an earlier line did not fit */
    }
    sf_reply_put_line(&exchange->reply, line);
    if (exchange->reply.failed) {
        exchange->reply.failed = 0;
        exchange->reply.len = len;
    } else {
        exchange->reply_lines++;
    }
}

void sf_say_line(struct sf_session *session,
                 struct sf_exchange *exchange,
                 const struct sf_reply_line *line,
                 bool is_whole)
{
    struct sf_buf *output = NULL;

    sf_conduct_say_line(session, exchange, line);
    output = sf_output_buf(&session->output, &session->run->spare);
    if (is_whole) {
        sf_reply_put_line(output, line);
    } else {
        sf_reply_put_head(output, line);
    }
    sf_session_fail(session, output->failed);
    if (exchange->said_lines > 0) {
        exchange->offered |= sf_capability_of_line(line->text);
        exchange->mechanisms |= sf_mechanism_of_line(line->text);
    }
    exchange->said_lines++;
    if (sf_run_wants(session->run, SF_RECORD_REPLY)) {
        record_line(exchange, line);
    }
    exchange->code = line->code;
}

void sf_say_line_end(struct sf_session *session)
{
    struct sf_buf *output =
        sf_output_buf(&session->output, &session->run->spare);

    sf_reply_put_end(output);
    sf_session_fail(session, output->failed);
}

void sf_say_end(struct sf_session *session, struct sf_exchange *exchange)
{
    sf_report_reply(session, exchange);
    sf_buf_clear(&exchange->reply);
    exchange->reply_lines = 0;
    exchange->said_lines = 0;
    exchange->has_replied = true;
    if (exchange->code == 421 || exchange->code == 521) {
        exchange->wants_close = true;
    }
}

/* RFC 2034 4: never in a greeting, an EHLO answer or a 3yz; and, what last was
 * offered being what there is, not to a client that was offered none. */
static bool has_enhanced(const struct sf_session *session,
                         enum sf_event event,
                         const struct sf_answer *answer)
{
    sf_capability_set bit =
        SF_CAPABILITY_BIT(SF_CAPABILITY_ENHANCEDSTATUSCODES);

    return answer->enhanced != NULL && !sf_event_is_hello(event) &&
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
    if (has_enhanced(session, exchange->event, answer)) {
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
    sf_say_line(session, exchange, &line, true);
}

void sf_say_unasked(struct sf_session *session, const struct sf_answer *answer)
{
    struct sf_exchange *exchange = sf_run_get_exchange(session->run);

    if (exchange == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return;
    }
    exchange->event = SF_EVENT_COUNT;
    exchange->transaction =
        session->transaction == NULL ? 0 : session->transaction->number;
    say_answer(session, exchange, answer, true);
    sf_say_end(session, exchange);
    sf_run_put_exchange(session->run, exchange);
}

/* The extensions of the default server; texts borrow from `buf`. */
static void list_offer(const struct sf_session *session,
                       struct sf_buf *buf,
                       struct sf_capability_list *list)
{
    static const char *const fixed[] = {
        "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING"};
    const struct sf_server *server = session->server;
    size_t size_len;
    size_t limits_len;

    sf_buf_puts(buf, "SIZE");
    if (server->max_size_bytes > 0) {
        sf_buf_putc(buf, ' ');
        sf_buf_put_u64(buf, server->max_size_bytes);
    }
    size_len = buf->len;
    sf_buf_puts(buf, "LIMITS RCPTMAX=");
    sf_buf_put_u64(buf, server->max_recipients);
    limits_len = buf->len - size_len;
    sf_buf_puts(buf, "AUTH");
    sf_auth_put_mechanisms(session, buf);

    sf_capability_list_add(list, sf_slice_str("PIPELINING"));
    sf_capability_list_add(list, sf_slice(buf->ptr, size_len));
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        sf_capability_list_add(list, sf_slice_str(fixed[i]));
    }
    if (server->has_max_recipients) { /* RFC 9422 */
        sf_capability_list_add(list, sf_slice(buf->ptr + size_len, limits_len));
    }
    if (server->auth_in_clear || session->is_tls) {
        sf_capability_list_add(
            list, sf_slice_skip(sf_buf_slice(buf), size_len + limits_len));
    }
}

/* In the clear; a line of the scenario's own stands for ours. */
static void offer_starttls(const struct sf_session *session,
                           const struct sf_rule *rule,
                           struct sf_capability_list *list)
{
    const struct sf_extensions *own = &session->server->extensions;
    bool has_own = sf_extensions_add(own, SF_CAPABILITY_STARTTLS);

    for (size_t i = 0; rule != NULL && i < rule->action_count; i++) {
        has_own |= rule->actions[i].kind == SF_ACTION_EXTENSIONS &&
                   sf_extensions_add(&rule->actions[i].u.extensions,
                                     SF_CAPABILITY_STARTTLS);
    }
    if (session->has_tls && !session->is_tls && !has_own) {
        sf_capability_list_add(list, sf_slice_str("STARTTLS"));
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

/* The list of the default answer, with every edit; texts borrow from `buf`. */
static void make_offer(const struct sf_session *session,
                       const struct sf_exchange *exchange,
                       struct sf_buf *buf,
                       struct sf_capability_list *list)
{
    static const struct sf_slice starttls = {"STARTTLS", 8};
    const struct sf_extensions without = {.remove = &starttls,
                                          .remove_count = 1};

    list_offer(session, buf, list);
    offer_starttls(session, exchange->extensions, list);
    sf_capability_list_edit(list, &session->server->extensions);
    if (session->is_tls) { /* RFC 3207 4.2 */
        sf_capability_list_edit(list, &without);
    }
    edit_offer(exchange->extensions, list);
}

static void say_offer(struct sf_session *session, struct sf_exchange *exchange)
{
    struct sf_capability_list list = {.count = 0};
    struct sf_buf buf;

    sf_buf_init(&buf, OFFER_LIMIT_BYTES);
    make_offer(session, exchange, &buf, &list);
    say_answer(session, exchange, &exchange->answer, list.count == 0);
    for (size_t i = 0; i < list.count; i++) {
        struct sf_reply_line line = {
            .code = exchange->answer.code,
            .is_last = i + 1 == list.count,
            .has_text = true,
            .text = list.lines[i],
        };

        sf_say_line(session, exchange, &line, true);
    }
    sf_session_fail(session, buf.failed);
    sf_buf_fini(&buf);
}

void sf_say_default_offer(const struct sf_session *session,
                          const struct sf_exchange *exchange,
                          sf_capability_set *out_offered,
                          sf_mechanism_set *out_mechanisms)
{
    struct sf_capability_list list = {.count = 0};
    struct sf_buf buf;

    *out_offered = 0;
    *out_mechanisms = 0;
    sf_buf_init(&buf, OFFER_LIMIT_BYTES);
    make_offer(session, exchange, &buf, &list);
    for (size_t i = 0; i < list.count; i++) {
        *out_offered |= sf_capability_of_line(list.lines[i]);
        *out_mechanisms |= sf_mechanism_of_line(list.lines[i]);
    }
    sf_buf_fini(&buf);
}

void sf_say_default(struct sf_session *session,
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
}
