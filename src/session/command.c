/* command.c - the commands of a correct server, one row each.
 *
 * A row says what has to be true before the command, what it answers when all
 * is well, what else may be wrong (check), and what it does (apply).  Rules
 * stand between check and apply: they may change what is answered and whether
 * the command takes effect. */
#include "session/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "session/auth.h"
#include "session/envelope.h"
#include "session/expand.h"
#include "session/secure.h"
#include "smtp/reply.h"

enum argument_form { ARGUMENT_ANY, ARGUMENT_NONE, ARGUMENT_REQUIRED };

enum need {
    NEEDS_HELO = 1,           /* EHLO, HELO or LHLO came before */
    NEEDS_NO_TRANSACTION = 2, /* no mail transaction is open */
    NEEDS_SMTP = 4,           /* not on an LMTP listener */
    NEEDS_LMTP = 8,           /* only on an LMTP listener */
    IS_FOR_REFUSED = 16,      /* answered even if CONNECT was refused */
    NEEDS_AUTH = 32,          /* where `require-auth` says so */
    NEEDS_TLS = 64,           /* where `require-tls` says so */
};

struct row {
    struct sf_answer ok;
    enum argument_form argument;
    unsigned needs;
    sf_capability_set capability; /* 0: need not be offered */
    void (*check)(struct sf_session *, struct sf_exchange *);
    void (*apply)(struct sf_session *, struct sf_exchange *);
    void (*refuse)(struct sf_session *, struct sf_exchange *);
};

#define NOT_IMPLEMENTED                                                        \
    {                                                                          \
        502, "5.5.1", "Command not implemented"                                \
    }

static const struct sf_answer bad_sequence = {503, "5.5.1",
                                              "Bad sequence of commands"};
static const struct sf_answer hello_first = {503, "5.5.1",
                                             "Say EHLO or HELO first"};
static const struct sf_answer lhlo_first = {503, "5.5.1", "Say LHLO first"};
static const struct sf_answer session_refused = {
    503, "5.5.1", "This session was refused: only QUIT is left"};
static const struct sf_answer not_there = NOT_IMPLEMENTED;
static const struct sf_answer auth_not_offered = {
    503, "5.5.1", "Authentication is not offered"};
static const struct sf_answer auth_first = {530, "5.7.0",
                                            "Authentication required"};
static const struct sf_answer not_in_transaction = {
    503, "5.5.1", "Not during a mail transaction"};
static const struct sf_answer wrong_protocol = {500, "5.5.1",
                                                "Command not recognized"};
static const struct sf_answer tls_first = {530, "5.7.0", "Say STARTTLS first"};
static const struct sf_answer argument_missing = {501, "5.5.4",
                                                  "An argument is missing"};
static const struct sf_answer argument_not_allowed = {
    501, "5.5.4", "No argument is allowed here"};
static const struct sf_answer line_too_long = {500, "5.5.2", "Line too long"};

static void check_connect(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    const struct sf_server *server = session->server;
    struct sf_buf *text = &exchange->answer_text;

    if (server->banner.count > 0) {
        sf_expand(session, exchange, NULL, &server->banner, text);
    } else {
        sf_buf_puts(text, server->hostname);
        sf_buf_puts(text, sf_session_is_lmtp(session) ? " LMTP" : " ESMTP");
        sf_buf_puts(text, " smtpfault");
    }
}

static void refuse_connect(struct sf_session *session,
                           struct sf_exchange *exchange)
{
    (void)exchange;
    session->is_refused = true;
}

static void check_hello(struct sf_session *session,
                        struct sf_exchange *exchange)
{
    static const struct sf_answer bad_name = {501, NULL, "Bad name"};

    for (size_t i = 0; i < exchange->command.argument.len; i++) {
        unsigned char c = (unsigned char)exchange->command.argument.ptr[i];

        if (c < ' ' || c == 0x7f) {
            exchange->answer = bad_name;
            return;
        }
    }
    sf_buf_puts(&exchange->answer_text, session->server->hostname);
}

static void apply_hello(struct sf_session *session,
                        struct sf_exchange *exchange)
{
    struct sf_slice name = exchange->command.argument;
    char *helo = malloc(name.len + 1);

    if (helo == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return;
    }
    if (name.len > 0) {
        memcpy(helo, name.ptr, name.len);
    }
    helo[name.len] = '\0';
    free(session->helo);
    session->helo = helo;
    /* RFC 5321 4.1.4: a second EHLO clears everything as RSET does. */
    sf_session_end_transaction(session);
    session->has_greeted = true;
    session->is_esmtp = exchange->event != SF_EVENT_HELO;
}

static void check_starttls(struct sf_session *session,
                           struct sf_exchange *exchange)
{
    static const struct sf_answer already = {503, "5.5.1",
                                             "TLS is active already"};
    static const struct sf_answer unavailable = {454, "4.7.0",
                                                 "TLS is not available"};

    session->handshake = NULL;
    if (session->is_tls) {
        exchange->answer = already;
    } else if (!session->has_tls) {
        exchange->answer = unavailable;
    }
}

/* Where no handshake can be made nothing can follow the 220 of a rule. */
static void apply_starttls(struct sf_session *session,
                           struct sf_exchange *exchange)
{
    if (session->has_tls && !session->is_tls) {
        sf_secure_accept(session, exchange);
    } else {
        exchange->wants_close = true;
    }
}

static void apply_tls(struct sf_session *session, struct sf_exchange *exchange)
{
    (void)exchange;
    session->wants_tls = true;
}

static void refuse_tls(struct sf_session *session, struct sf_exchange *exchange)
{
    (void)exchange;
    session->wants_tls = false;
}

static void apply_rset(struct sf_session *session, struct sf_exchange *exchange)
{
    (void)exchange;
    sf_session_end_transaction(session);
}

static void check_burl(struct sf_session *session, struct sf_exchange *exchange)
{
    if (session->transaction == NULL) {
        exchange->answer = bad_sequence;
    }
}

static void check_xclient(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    check_connect(session, exchange);
}

/* XCLIENT puts the session back to where the greeting left it. */
static void apply_xclient(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    (void)exchange;
    sf_session_end_transaction(session);
    session->has_greeted = false;
    session->offered = 0;
}

static void check_unknown(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    (void)session;
    if (exchange->is_too_long) {
        exchange->answer = line_too_long;
    }
}

#define CAP(name) SF_CAPABILITY_BIT(SF_CAPABILITY_##name)

/* Answers without a text take it from check. */
static const struct row rows[SF_EVENT_COUNT] = {
    [SF_EVENT_CONNECT] = {.ok = {220, NULL, NULL},
                          .check = check_connect,
                          .refuse = refuse_connect},
    [SF_EVENT_EHLO] = {.ok = {250, NULL, NULL},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_SMTP,
                       .check = check_hello,
                       .apply = apply_hello},
    [SF_EVENT_HELO] = {.ok = {250, NULL, NULL},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_SMTP,
                       .check = check_hello,
                       .apply = apply_hello},
    [SF_EVENT_LHLO] = {.ok = {250, NULL, NULL},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_LMTP,
                       .check = check_hello,
                       .apply = apply_hello},
    [SF_EVENT_STARTTLS] = {.ok = {220, "2.0.0", "Ready to start TLS"},
                           .argument = ARGUMENT_NONE,
                           .needs = NEEDS_NO_TRANSACTION,
                           .capability = CAP(STARTTLS),
                           .check = check_starttls,
                           .apply = apply_starttls},
    /* No answer, but the handshake. */
    [SF_EVENT_TLS] = {.apply = apply_tls, .refuse = refuse_tls},
    [SF_EVENT_AUTH] =
        {
            .ok = {235, "2.7.0", NULL},
            .argument = ARGUMENT_REQUIRED,
            .needs = NEEDS_HELO | NEEDS_NO_TRANSACTION | NEEDS_TLS,
            .capability = CAP(AUTH),
            .check = sf_auth_check,
        },
    [SF_EVENT_AUTH_RESPONSE] =
        {
            .ok = {235, "2.7.0", NULL},
            .check = sf_auth_check_response,
        },
    [SF_EVENT_MAIL] = {.ok = {250, "2.1.0", "Ok"},
                       .needs = NEEDS_HELO | NEEDS_NO_TRANSACTION | NEEDS_TLS |
                                NEEDS_AUTH,
                       .check = sf_envelope_check_mail,
                       .apply = sf_envelope_apply_mail},
    [SF_EVENT_RCPT] = {.ok = {250, "2.1.5", "Ok"},
                       .needs = NEEDS_HELO,
                       .check = sf_envelope_check_rcpt,
                       .apply = sf_envelope_apply_rcpt},
    [SF_EVENT_DATA] = {.ok = {354, NULL, "End data with <CR><LF>.<CR><LF>"},
                       .argument = ARGUMENT_NONE,
                       .needs = NEEDS_HELO,
                       .check = sf_envelope_check_data,
                       .apply = sf_envelope_apply_data},
    [SF_EVENT_BDAT] = {.ok = {250, "2.0.0", NULL},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_HELO,
                       .capability = CAP(CHUNKING),
                       .check = sf_envelope_check_bdat,
                       .apply = sf_envelope_apply_bdat,
                       .refuse = sf_envelope_refuse_bdat},
    [SF_EVENT_MESSAGE] = {.ok = {250, "2.0.0", NULL},
                          .check = sf_envelope_check_message,
                          .apply = sf_envelope_apply_message},
    [SF_EVENT_RSET] = {.ok = {250, "2.0.0", "Ok"},
                       .argument = ARGUMENT_NONE,
                       .apply = apply_rset},
    [SF_EVENT_NOOP] = {.ok = {250, "2.0.0", "Ok"}},
    [SF_EVENT_QUIT] = {.ok = {221, "2.0.0", "Bye"},
                       .argument = ARGUMENT_NONE,
                       .needs = IS_FOR_REFUSED},
    [SF_EVENT_VRFY] = {.ok = {252, "2.5.0", "Not verified; mail is tried"},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_TLS},
    [SF_EVENT_EXPN] = {.ok = {252, "2.5.0", "Not expanded; mail is tried"},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_TLS,
                       .capability = CAP(EXPN)},
    [SF_EVENT_HELP] = {.ok = {214, "2.0.0", "See RFC 5321"}},
    [SF_EVENT_ETRN] = {.ok = {251, "2.0.0", "No messages waiting"},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_HELO | NEEDS_NO_TRANSACTION | NEEDS_TLS,
                       .capability = CAP(ETRN)},
    [SF_EVENT_BURL] = {.ok = {554, "5.6.6", "The URL cannot be resolved"},
                       .argument = ARGUMENT_REQUIRED,
                       .needs = NEEDS_HELO,
                       .capability = CAP(BURL),
                       .check = check_burl},
    [SF_EVENT_XCLIENT] = {.ok = {220, NULL, NULL},
                          .argument = ARGUMENT_REQUIRED,
                          .needs = NEEDS_HELO | NEEDS_NO_TRANSACTION,
                          .capability = CAP(XCLIENT),
                          .check = check_xclient,
                          .apply = apply_xclient},
    [SF_EVENT_XFORWARD] = {.ok = {250, "2.0.0", "Ok"},
                           .argument = ARGUMENT_REQUIRED,
                           .needs = NEEDS_HELO | NEEDS_NO_TRANSACTION,
                           .capability = CAP(XFORWARD)},
    /* RFC 5321 F.1, F.6: obsolete, recognized, not implemented. */
    [SF_EVENT_SEND] = {.ok = NOT_IMPLEMENTED, .apply = sf_envelope_apply_mail},
    [SF_EVENT_SOML] = {.ok = NOT_IMPLEMENTED, .apply = sf_envelope_apply_mail},
    [SF_EVENT_SAML] = {.ok = NOT_IMPLEMENTED, .apply = sf_envelope_apply_mail},
    [SF_EVENT_TURN] = {.ok = NOT_IMPLEMENTED},
    [SF_EVENT_ATRN] = {.ok = NOT_IMPLEMENTED},
    [SF_EVENT_UNKNOWN] = {.ok = {500, "5.5.1", "Command not recognized"},
                          .check = check_unknown},
};

static bool has_bad_argument(const struct row *row,
                             const struct sf_command *command)
{
    return (row->argument == ARGUMENT_NONE && command->argument.len > 0) ||
           (row->argument == ARGUMENT_REQUIRED && command->argument.len == 0);
}

/* What the row itself refuses; NULL if nothing. */
static const struct sf_answer *check_row(const struct row *row,
                                         const struct sf_session *session,
                                         const struct sf_exchange *exchange)
{
    if (session->is_refused && !(row->needs & IS_FOR_REFUSED)) {
        return &session_refused; /* RFC 5321 3.1 */
    }
    if ((row->needs & NEEDS_SMTP && sf_session_is_lmtp(session)) ||
        (row->needs & NEEDS_LMTP && !sf_session_is_lmtp(session))) {
        return &wrong_protocol; /* RFC 2033 4.1 */
    }
    if (row->needs & NEEDS_HELO && !session->has_greeted) {
        return sf_session_is_lmtp(session) ? &lhlo_first : &hello_first;
    }
    if (row->needs & NEEDS_TLS && session->server->require_tls &&
        !session->is_tls) {
        return &tls_first; /* RFC 3207 4 */
    }
    if ((row->capability & session->offered) != row->capability) {
        return row->capability == CAP(AUTH) ? &auth_not_offered : &not_there;
    }
    if (has_bad_argument(row, &exchange->command)) {
        return row->argument == ARGUMENT_NONE ? &argument_not_allowed
                                              : &argument_missing;
    }
    if (row->needs & NEEDS_NO_TRANSACTION && session->transaction != NULL) {
        return &not_in_transaction;
    }
    if (row->needs & NEEDS_AUTH && session->server->require_auth &&
        !session->is_authenticated) {
        return &auth_first; /* RFC 4954 6 */
    }
    return NULL;
}

void sf_command_check(struct sf_session *session, struct sf_exchange *exchange)
{
    const struct row *row = &rows[exchange->event];
    const struct sf_answer *refusal = check_row(row, session, exchange);

    sf_buf_clear(&exchange->answer_text);
    if (refusal != NULL) {
        exchange->answer = *refusal;
        return;
    }
    exchange->answer = row->ok;
    if (row->check != NULL) {
        row->check(session, exchange);
    }
}

void sf_command_apply(struct sf_session *session, struct sf_exchange *exchange)
{
    if (rows[exchange->event].apply != NULL) {
        rows[exchange->event].apply(session, exchange);
    }
}

void sf_command_refuse(struct sf_session *session, struct sf_exchange *exchange)
{
    if (rows[exchange->event].refuse != NULL) {
        rows[exchange->event].refuse(session, exchange);
    }
}

bool sf_command_accepts(enum sf_event event, int code)
{
    int class = sf_reply_class(code);

    if (event == SF_EVENT_DATA) {
        return class == 3;
    }
    if (event == SF_EVENT_AUTH || event == SF_EVENT_AUTH_RESPONSE) {
        return class == 2 || code == 334;
    }
    return class == 2;
}
