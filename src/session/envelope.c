/* envelope.c - MAIL, RCPT, DATA, BDAT and the end of the message, as a correct
 * server has them (RFC 5321 3.3, RFC 3030). */
#include "session/envelope.h"

#include "session/expand.h"
#include "session/report.h"

static const struct sf_answer mail_first = {503, "5.5.1", "Send MAIL first"};
static const struct sf_answer chunk_failed = {
    503, "5.5.1", "An earlier BDAT failed: RSET first"};
static const struct sf_answer bad_param = {501, "5.5.4",
                                           "Bad parameter or value"};
static const struct sf_answer unknown_param = {
    555, "5.5.4", "Parameter not recognized or not offered"};
static const struct sf_answer message_too_big = {
    552, "5.3.4", "Message is larger than this server takes"};
static const struct sf_answer no_recipients = {554, "5.5.1",
                                               "No valid recipients"};
static const struct sf_answer lmtp_no_recipients = {503, "5.5.1",
                                                    "No valid recipients"};

/* The answer to what is wrong with an argument; NULL if nothing is. */
static const struct sf_answer *find_fault(const struct sf_command *command,
                                          const struct sf_answer *bad_path)
{
    switch (command->fault) {
    case SF_ARGUMENT_NO_PATH:
        return bad_path;
    case SF_ARGUMENT_BAD_PARAM:
        return &bad_param;
    case SF_ARGUMENT_UNKNOWN_PARAM:
        return &unknown_param;
    case SF_ARGUMENT_OK:
        break;
    }
    return NULL;
}

void sf_envelope_check_mail(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    static const struct sf_answer bad_path = {
        501, "5.1.7", "Bad reverse-path: MAIL FROM:<address>"};
    static const struct sf_answer not_ascii = {
        550, "5.6.7", "This reverse-path needs SMTPUTF8"};
    const struct sf_command *command = &exchange->command;
    const struct sf_answer *fault = find_fault(command, &bad_path);
    uint64_t max = session->server->max_size_bytes;

    if (fault != NULL) {
        exchange->answer = *fault;
    } else if (!command->path.is_ascii && !command->is_smtputf8) {
        exchange->answer = not_ascii; /* RFC 6531 3.5 */
    } else if (command->has_size && max > 0 && command->size > max) {
        exchange->answer = message_too_big; /* RFC 1870 6.1 */
    }
}

/* A rule may open a transaction where a correct server has none; it is
 * numbered like one that MAIL began. */
static struct sf_transaction *open_transaction(struct sf_session *session,
                                               struct sf_exchange *exchange)
{
    const struct sf_run *run = session->run;
    struct sf_transaction *transaction = sf_run_get_transaction(session->run);
    uint64_t max = session->server->max_size_bytes;

    if (transaction == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return NULL;
    }
    transaction->size_limit_bytes =
        max == 0 || max > SF_MESSAGE_LIMIT_BYTES ? SF_MESSAGE_LIMIT_BYTES : max;
    transaction->wants = 0;
    if (sf_run_wants(run, SF_RECORD_MESSAGE) ||
        run->scenario->rules.needs_message) {
        transaction->wants |= SF_CONTENT_IDENTITY;
    }
    if (run->scenario->rules.needs_header) {
        transaction->wants |= SF_CONTENT_HEADER;
    }
    if (run->scenario->rules.needs_body) {
        transaction->wants |= SF_CONTENT_BODY;
    }
    if (run->sink.wants_content) {
        transaction->wants |= SF_CONTENT_OCTETS;
    }
    if (exchange->event != SF_EVENT_MAIL) {
        session->transactions++;
    }
    transaction->number = session->transactions;
    exchange->transaction = transaction->number;
    session->transaction = transaction;
    sf_session_restart_nth(session);
    return transaction;
}

/* The path as parsed; where a rule accepts a malformed one, what was sent. */
static struct sf_slice get_mailbox(const struct sf_command *command)
{
    return command->has_path ? command->path.mailbox : command->argument;
}

void sf_envelope_apply_mail(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    struct sf_transaction *transaction;

    sf_session_end_transaction(session);
    transaction = open_transaction(session, exchange);
    if (transaction == NULL) {
        return;
    }
    transaction->has_declared_size = exchange->command.has_size;
    transaction->declared_size = exchange->command.size;
    transaction->is_smtputf8 = exchange->command.is_smtputf8;
    transaction->is_8bit = exchange->command.is_8bit;
    transaction->is_binary = exchange->command.is_binary;
    sf_session_fail(session, sf_transaction_set_sender(
                                 transaction, get_mailbox(&exchange->command)));
}

void sf_envelope_check_rcpt(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    static const struct sf_answer bad_path = {
        501, "5.1.3", "Bad forward-path: RCPT TO:<address>"};
    static const struct sf_answer not_ascii = {
        553, "5.6.7", "This forward-path needs SMTPUTF8"};
    static const struct sf_answer too_many = {452, "4.5.3",
                                              "Too many recipients"};
    const struct sf_command *command = &exchange->command;
    const struct sf_answer *fault = find_fault(command, &bad_path);
    const struct sf_transaction *transaction = session->transaction;

    if (transaction == NULL) {
        exchange->answer = mail_first;
    } else if (command->path.mailbox.len == 0) {
        exchange->answer = bad_path;
    } else if (fault != NULL) {
        exchange->answer = *fault;
    } else if (!command->path.is_ascii && !transaction->is_smtputf8) {
        exchange->answer = not_ascii; /* RFC 6531 3.5 */
    } else if (transaction->recipient_count >=
               session->server->max_recipients) {
        exchange->answer = too_many; /* RFC 5321 4.5.3.1.10 */
    }
}

void sf_envelope_apply_rcpt(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    if (session->transaction != NULL) {
        sf_session_fail(session, sf_transaction_add_recipient(
                                     session->transaction,
                                     get_mailbox(&exchange->command)));
    }
}

void sf_envelope_check_data(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    static const struct sf_answer use_bdat = {
        503, "5.5.1", "This transaction goes on with BDAT"};
    const struct sf_transaction *transaction = session->transaction;

    if (transaction == NULL) {
        exchange->answer = mail_first;
    } else if (transaction->is_chunked || transaction->is_binary) {
        exchange->answer = use_bdat; /* RFC 3030 2, 3 */
    } else if (transaction->recipient_count == 0) {
        /* RFC 2033 4.2 demands 503 of LMTP. */
        exchange->answer =
            sf_session_is_lmtp(session) ? lmtp_no_recipients : no_recipients;
    }
}

void sf_envelope_apply_data(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    if (session->transaction != NULL ||
        open_transaction(session, exchange) != NULL) {
        sf_data_init(&session->data, exchange->has_content
                                         ? exchange->is_lenient
                                         : session->is_lenient);
        sf_session_set_phase(session, SF_PHASE_DATA);
    }
}

void sf_envelope_check_bdat(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    static const struct sf_answer bad_chunk = {
        501, "5.5.4", "Bad chunk size: BDAT octets [LAST]"};
    static const struct sf_answer chunk_ok = {250, "2.0.0", "Ok: chunk taken"};
    const struct sf_command *command = &exchange->command;
    const struct sf_transaction *transaction = session->transaction;

    exchange->answer = chunk_ok;
    if (!command->has_chunk) {
        exchange->answer = bad_chunk;
    } else if (transaction == NULL) {
        exchange->answer = mail_first;
    } else if (sf_session_is_lmtp(session) && command->is_last) {
        return; /* RFC 2033 4.3: each recipient is answered at MESSAGE */
    } else if (transaction->has_failed) {
        exchange->answer = chunk_failed; /* RFC 3030 2 */
    } else if (transaction->recipient_count == 0) {
        exchange->answer =
            sf_session_is_lmtp(session) ? lmtp_no_recipients : no_recipients;
    } else if (transaction->is_too_big) {
        exchange->answer = message_too_big;
    }
}

void sf_envelope_check_message(struct sf_session *session,
                               struct sf_exchange *exchange)
{
    const struct sf_transaction *transaction = session->transaction;

    if (transaction->recipient_count == 0) {
        exchange->answer = no_recipients;
    } else if (transaction->has_failed) {
        exchange->answer = chunk_failed;
    } else if (transaction->is_too_big) {
        exchange->answer = message_too_big;
    } else {
        sf_buf_puts(&exchange->answer_text, "Ok: queued as ");
        sf_expand_queue_id(session, &exchange->answer_text);
    }
}

/* What is over the limit, or lacks a chunk, was not kept: no rule can accept
 * it. */
void sf_envelope_apply_message(struct sf_session *session,
                               struct sf_exchange *exchange)
{
    struct sf_transaction *transaction = session->transaction;
    bool is_one =
        sf_session_is_lmtp(session) && exchange->event == SF_EVENT_MESSAGE;

    if (transaction == NULL || transaction->is_too_big ||
        transaction->has_failed) {
        return;
    }
    if (is_one) {
        transaction->recipients[exchange->recipient].is_accepted = true;
        return;
    }
    for (size_t i = 0; i < transaction->recipient_count; i++) {
        transaction->recipients[i].is_accepted = true;
    }
    sf_report_message(session);
}

void sf_envelope_apply_bdat(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    if (exchange->command.is_last) {
        sf_envelope_apply_message(session, exchange);
    }
}

void sf_envelope_refuse_bdat(struct sf_session *session,
                             struct sf_exchange *exchange)
{
    bool is_offered =
        session->offered & SF_CAPABILITY_BIT(SF_CAPABILITY_CHUNKING);

    if (session->transaction != NULL && is_offered &&
        !exchange->command.is_last) {
        session->transaction->has_failed = true;
    }
}
