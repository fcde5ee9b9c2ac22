/* expand.c - what is known at an event: for rules, and for texts. */
#include "session/expand.h"

#include <stdlib.h>

#include "base/slice.h"
#include "base/text.h"
#include "session/auth.h"
#include "session/report.h"

#define US_PER_S 1000000u

/* Subject. */

/* At RCPT the command's own recipient, else the accepted ones. */
static void find_recipients(const struct sf_session *session,
                            struct sf_exchange *exchange,
                            struct sf_subject *subject)
{
    struct sf_transaction *transaction = session->transaction;

    if (exchange->event == SF_EVENT_RCPT) {
        if (exchange->command.has_path) {
            subject->recipients = &exchange->command.path.mailbox;
            subject->recipient_count = 1;
        }
        return;
    }
    if (transaction == NULL || transaction->recipient_count == 0) {
        return;
    }
    if (exchange->event == SF_EVENT_MESSAGE &&
        session->protocol == SF_PROTOCOL_LMTP) {
        exchange->one =
            sf_transaction_recipient(transaction, exchange->recipient);
        subject->recipients = &exchange->one;
        subject->recipient_count = 1;
        return;
    }
    subject->recipients =
        sf_transaction_recipients(transaction, &subject->recipient_count);
}

static struct sf_slice find_sender(const struct sf_session *session,
                                   const struct sf_exchange *exchange,
                                   bool *out_has_sender)
{
    *out_has_sender = true;
    /* MAIL, and SEND, SOML, SAML (RFC 5321 F.6). */
    if (exchange->event != SF_EVENT_RCPT && exchange->command.has_path) {
        return exchange->command.path.mailbox;
    }
    if (exchange->event != SF_EVENT_MAIL && session->transaction != NULL) {
        return sf_transaction_sender(session->transaction);
    }
    *out_has_sender = false;
    return sf_slice("", 0);
}

static struct sf_slice find_helo(const struct sf_session *session,
                                 const struct sf_exchange *exchange)
{
    if (sf_event_is_hello(exchange->event)) {
        return exchange->command.argument;
    }
    return sf_slice_str(session->helo);
}

/* EHLO, HELO and LHLO say it themselves. */
static bool is_esmtp(const struct sf_session *session, enum sf_event event)
{
    if (sf_event_is_hello(event)) {
        return event != SF_EVENT_HELO;
    }
    return session->has_greeted && session->is_esmtp;
}

static void find_mechanism(const struct sf_session *session,
                           const struct sf_exchange *exchange,
                           struct sf_subject *subject)
{
    struct sf_slice argument = exchange->command.argument;

    if (exchange->event == SF_EVENT_AUTH) {
        subject->mechanism = sf_slice_cut_word(&argument);
    } else if (exchange->event == SF_EVENT_AUTH_RESPONSE) {
        subject->mechanism = sf_slice_str(session->mechanism);
    }
    subject->has_mechanism = subject->mechanism.len > 0;
}

/* Where `nth` counts: in the transaction, the AUTH exchange or the session. */
static uint64_t find_scope(const struct sf_session *session,
                           enum sf_event event)
{
    if (sf_event_get(event)->flags & SF_EVENT_IN_TRANSACTION) {
        return sf_session_transaction_number(session);
    }
    return event == SF_EVENT_AUTH_RESPONSE ? session->nth[SF_EVENT_AUTH] : 0;
}

/* What MAIL declared; at MESSAGE what was received.  False: it is not known. */
static bool find_size(const struct sf_session *session,
                      const struct sf_exchange *exchange,
                      uint64_t *out_size)
{
    const struct sf_transaction *transaction = session->transaction;

    if (exchange->event == SF_EVENT_MAIL) {
        *out_size = exchange->command.size;
        return exchange->command.has_size;
    }
    if (transaction == NULL) {
        return false;
    }
    if (exchange->event == SF_EVENT_MESSAGE) {
        *out_size = transaction->octets;
        return true;
    }
    *out_size = transaction->declared_size;
    return transaction->has_declared_size;
}

static void find_content(struct sf_transaction *transaction,
                         struct sf_subject *subject)
{
    if (transaction->wants & SF_CONTENT_HEADER) {
        subject->header = &transaction->fields;
    }
    subject->has_body = (transaction->wants & SF_CONTENT_BODY) != 0;
    subject->body = sf_buf_slice(&transaction->body);
}

/* The ids of what the event's octets broke. */
static void find_violations(struct sf_exchange *exchange,
                            struct sf_subject *subject)
{
    if (exchange->broken_ids == NULL) {
        exchange->broken_ids =
            calloc(SF_CONDUCT_COUNT, sizeof(*exchange->broken_ids));
    }
    if (exchange->broken_ids == NULL) {
        return; /* without memory nothing is known */
    }
    subject->violations = exchange->broken_ids;
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const enum sf_conduct_id id = (enum sf_conduct_id)i;

        if (sf_conduct_set_has(&exchange->broken, id)) {
            exchange->broken_ids[subject->violation_count++] =
                sf_slice_str(sf_conduct_get(id)->id);
        }
    }
}

void sf_expand_subject(const struct sf_session *session,
                       struct sf_exchange *exchange,
                       struct sf_subject *out_subject)
{
    bool is_line = sf_event_is_line(exchange->event);

    *out_subject = (struct sf_subject){
        .event = exchange->event,
        .now_us = session->now_us,
        .client = sf_slice_str(session->client),
        .listener = sf_slice_str(session->listener),
        .has_helo = sf_event_is_hello(exchange->event) || session->helo != NULL,
        .helo = find_helo(session, exchange),
        .has_argument = is_line,
        .argument = exchange->command.argument,
        .length = is_line ? exchange->line_bytes : 0,
        .is_esmtp = is_esmtp(session, exchange->event),
        .is_authenticated = session->is_authenticated,
        .is_tls = session->is_tls,
        .is_secret = sf_report_is_secret(session, exchange),
        .user = sf_auth_user(session),
        .session = session->number,
        .transaction = session->transactions,
        .nth = session->nth[exchange->event],
        .at_bytes = exchange->threshold,
        .after_us = exchange->threshold,
        .scope = find_scope(session, exchange->event),
    };
    if (session->run->scenario->rules.needs_concurrent) {
        sf_census_count(&session->run->census, session->client,
                        session->listener, out_subject->concurrent);
    }
    if (session->run->scenario->rules.needs_violations) {
        find_violations(exchange, out_subject);
    }
    out_subject->has_user = out_subject->user.len > 0;
    find_mechanism(session, exchange, out_subject);
    out_subject->sender =
        find_sender(session, exchange, &out_subject->has_sender);
    find_recipients(session, exchange, out_subject);
    out_subject->has_size = find_size(session, exchange, &out_subject->size);
    if (exchange->event == SF_EVENT_MESSAGE) {
        find_content(session->transaction, out_subject);
        out_subject->message = sf_transaction_identity(session->transaction);
    }
}

/* Dynamic names. */

static struct sf_slice find_recipient(const struct sf_session *session,
                                      const struct sf_exchange *exchange)
{
    const struct sf_transaction *transaction = session->transaction;

    if (exchange->event == SF_EVENT_RCPT) {
        return exchange->command.path.mailbox;
    }
    if (transaction == NULL || transaction->recipient_count == 0) {
        return sf_slice("", 0);
    }
    return sf_transaction_recipient(transaction, exchange->recipient);
}

/* Whole seconds, rounded up: a client that waits so long is late enough. */
static void put_remaining(const struct sf_session *session,
                          const struct sf_firing *firing,
                          struct sf_buf *buf)
{
    uint64_t end_us = 0;
    uint64_t left_us = 0;

    if (firing != NULL) {
        end_us = sf_run_scale(session->run, firing->rule->age_end_us);
        left_us =
            end_us > firing->tally.age_us ? end_us - firing->tally.age_us : 0;
    }
    sf_buf_put_u64(buf, left_us / US_PER_S + (left_us % US_PER_S != 0));
    sf_buf_puts(buf, " s");
}

void sf_expand_queue_id(const struct sf_session *session, struct sf_buf *buf)
{
    sf_buf_put_u64(buf, session->number);
    sf_buf_putc(buf, '.');
    sf_buf_put_u64(buf, sf_session_transaction_number(session));
}

static void put_group(const struct sf_exchange *exchange,
                      const struct sf_firing *firing,
                      enum sf_name name,
                      struct sf_buf *buf)
{
    unsigned number = (unsigned)(name - SF_NAME_GROUP_1) + 1;

    if (firing != NULL) {
        sf_text_put_clean(
            buf, sf_decision_group(&exchange->decision, firing, number));
    }
}

static void put_name(const struct sf_session *session,
                     const struct sf_exchange *exchange,
                     const struct sf_firing *firing,
                     enum sf_name name,
                     struct sf_buf *buf)
{
    uint64_t size = 0;
    bool has_sender;

    switch (name) {
    case SF_NAME_CLIENT:
        sf_buf_puts(buf, session->client);
        break;
    case SF_NAME_HELO:
        sf_text_put_clean(buf, find_helo(session, exchange));
        break;
    case SF_NAME_SENDER:
        sf_text_put_clean(buf, find_sender(session, exchange, &has_sender));
        break;
    case SF_NAME_RECIPIENT:
        sf_text_put_clean(buf, find_recipient(session, exchange));
        break;
    case SF_NAME_DOMAIN:
        sf_text_put_clean(buf,
                          sf_path_domain(find_recipient(session, exchange)));
        break;
    case SF_NAME_HOSTNAME:
        sf_buf_puts(buf, session->server->hostname);
        break;
    case SF_NAME_SESSION:
        sf_buf_put_u64(buf, session->number);
        break;
    case SF_NAME_TRANSACTION:
        sf_buf_put_u64(buf, session->transactions);
        break;
    case SF_NAME_ATTEMPT:
        sf_buf_put_u64(buf, firing == NULL ? 0 : firing->tally.attempt);
        break;
    case SF_NAME_REMAINING:
        put_remaining(session, firing, buf);
        break;
    case SF_NAME_MESSAGE:
        if (session->transaction != NULL) {
            sf_text_put_clean(buf,
                              sf_transaction_identity(session->transaction));
        }
        break;
    case SF_NAME_QUEUE_ID:
        sf_expand_queue_id(session, buf);
        break;
    case SF_NAME_SIZE:
        (void)find_size(session, exchange, &size);
        sf_buf_put_u64(buf, size);
        break;
    case SF_NAME_USER:
        sf_text_put_clean(buf, sf_auth_user(session));
        break;
    case SF_NAME_GROUP_1:
    case SF_NAME_GROUP_2:
    case SF_NAME_GROUP_3:
    case SF_NAME_GROUP_4:
    case SF_NAME_GROUP_5:
    case SF_NAME_GROUP_6:
    case SF_NAME_GROUP_7:
    case SF_NAME_GROUP_8:
    case SF_NAME_GROUP_9:
        put_group(exchange, firing, name, buf);
        break;
    case SF_NAME_COUNT:
        break;
    }
}

static void put_piece(const struct sf_session *session,
                      const struct sf_exchange *exchange,
                      const struct sf_firing *firing,
                      const struct sf_piece *piece,
                      struct sf_buf *buf)
{
    if (piece->is_name) {
        put_name(session, exchange, firing, piece->name, buf);
    } else {
        sf_buf_put_slice(buf, piece->literal);
    }
}

void sf_expand(const struct sf_session *session,
               const struct sf_exchange *exchange,
               const struct sf_firing *firing,
               const struct sf_template *template,
               struct sf_buf *buf)
{
    for (size_t i = 0; i < template->count; i++) {
        put_piece(session, exchange, firing, &template->pieces[i], buf);
    }
}

/* A round of a loop is complete.  One that added nothing, because its names
 * are empty, would go round for ever. */
static void end_round(const struct sf_loop *loop, struct sf_cursor *cursor)
{
    cursor->round++;
    if (cursor->round < loop->count && cursor->has_grown) {
        cursor->piece = loop->first;
    } else {
        cursor->loop++;
        cursor->round = 0;
    }
    cursor->has_grown = false;
}

bool sf_expand_more(const struct sf_session *session,
                    const struct sf_exchange *exchange,
                    const struct sf_firing *firing,
                    struct sf_cursor *cursor,
                    struct sf_buf *buf,
                    size_t limit)
{
    const struct sf_template *template = cursor->text;

    while (cursor->piece < template->count && buf->failed == 0) {
        const struct sf_loop *loop = cursor->loop < template->loop_count
                                         ? &template->loops[cursor->loop]
                                         : NULL;
        size_t len = buf->len;

        if (len >= limit) {
            return false;
        }
        put_piece(session, exchange, firing, &template->pieces[cursor->piece],
                  buf);
        cursor->piece++;
        cursor->has_grown |= buf->len > len;
        if (loop != NULL && cursor->piece == loop->end) {
            end_round(loop, cursor);
        }
    }
    return true;
}
