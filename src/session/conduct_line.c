/* conduct_line.c - command lines against what the session knows, one row for
 * each rule. */
#include "base/hash.h"
#include "base/slice.h"
#include "session/conduct_offer.h"
#include "session/report.h"
#include "session/session.h"

/* A line and where it came. */
struct scene {
    const struct sf_session *session;
    const struct sf_conduct *conduct;
    const struct sf_transaction *transaction; /* NULL: none is open */
    const struct sf_exchange *exchange;
    const struct sf_command *command;
    enum sf_event event;
    bool is_apart; /* the answer before it had left */
    bool waited;   /* and was waited for: no group can have been on its way */
};

static bool follows(const struct scene *scene, enum sf_event event)
{
    return scene->waited && scene->conduct->event == event;
}

static bool was_refused(const struct scene *scene)
{
    const int class = sf_reply_class(scene->conduct->code);

    return class == 4 || class == 5;
}

/* The greeting, and what comes first. */

static bool ignores_554(const struct scene *scene)
{
    return scene->conduct->greeting == SF_GREETING_554;
}

static bool ignores_521(const struct scene *scene)
{
    return scene->conduct->greeting == SF_GREETING_521;
}

static bool ignores_421_greeting(const struct scene *scene)
{
    return scene->conduct->greeting == SF_GREETING_421;
}

static bool ignores_421(const struct scene *scene)
{
    return scene->waited && scene->conduct->code == 421 &&
           scene->conduct->greeting == SF_GREETING_OK;
}

/* RFC 3207 4.2 has a rule of its own for the first command inside TLS. */
static bool is_tls_rule(const struct scene *scene)
{
    return scene->conduct->is_fresh_tls && !scene->session->is_tls_first;
}

static bool lacks_hello(const struct scene *scene)
{
    return !scene->session->has_greeted && !is_tls_rule(scene) &&
           scene->conduct->greeting == SF_GREETING_OK;
}

static bool prefers_helo(const struct scene *scene)
{
    return !scene->conduct->has_tried_ehlo &&
           !scene->session->run->has_refused_ehlo &&
           !sf_session_is_lmtp(scene->session) && !is_tls_rule(scene);
}

static bool lacks_helo(const struct scene *scene)
{
    return follows(scene, SF_EVENT_EHLO) &&
           (scene->conduct->code == 500 || scene->conduct->code == 502);
}

static bool is_wrong_protocol(const struct scene *scene)
{
    return sf_session_is_lmtp(scene->session);
}

/* Transactions. */

static bool is_nested(const struct scene *scene)
{
    return scene->transaction != NULL;
}

/* What is no command, behind a DATA that was refused. */
static bool is_unwanted_data(const struct scene *scene)
{
    return scene->conduct->event == SF_EVENT_DATA && was_refused(scene);
}

static bool has_nobody(const struct scene *scene)
{
    return scene->waited && scene->transaction != NULL &&
           scene->transaction->recipient_count == 0 &&
           scene->transaction->refused_count > 0 &&
           sf_reply_class(scene->conduct->code) <= 5 &&
           scene->conduct->code >= 200;
}

static bool passes_over(const struct scene *scene)
{
    const int class = sf_reply_class(scene->conduct->code);

    return scene->waited && scene->conduct->code > 0 &&
           (class < 2 || class > 5);
}

static bool passes_over_452(const struct scene *scene)
{
    return follows(scene, SF_EVENT_MAIL) &&
           (scene->conduct->code == 452 || scene->conduct->code == 552);
}

static bool is_over_size(const struct scene *scene)
{
    return scene->conduct->size_max > 0 && scene->command->has_size &&
           scene->command->size > scene->conduct->size_max;
}

static bool is_utf8_recipient(const struct scene *scene)
{
    return scene->command->has_path && !scene->command->path.is_ascii &&
           scene->transaction != NULL && !scene->transaction->is_smtputf8;
}

/* TLS and AUTH. */

static bool is_tls_again(const struct scene *scene)
{
    return scene->session->is_tls;
}

static bool lacks_ehlo_in_tls(const struct scene *scene)
{
    return is_tls_rule(scene);
}

static bool trusts_anything(const struct scene *scene)
{
    return scene->conduct->is_uncertain_tls;
}

static bool requires_tls_in_clear(const struct scene *scene)
{
    const struct sf_command *command = scene->command;

    for (size_t i = 0; i < command->param_count; i++) {
        if (sf_slice_eq_str_nocase(command->params[i].keyword, "REQUIRETLS")) {
            return !scene->session->is_tls;
        }
    }
    return false;
}

static enum sf_mechanism get_mechanism(const struct scene *scene)
{
    return sf_mechanism_find(sf_slice_str(scene->session->mechanism));
}

static bool is_unlisted(const struct scene *scene)
{
    const enum sf_mechanism mechanism = get_mechanism(scene);

    return (scene->session->offered & SF_CAPABILITY_BIT(SF_CAPABILITY_AUTH)) &&
           (mechanism == SF_MECHANISM_COUNT ||
            !(scene->session->mechanisms & SF_MECHANISM_BIT(mechanism)));
}

static bool is_auth_misplaced(const struct scene *scene)
{
    return scene->transaction != NULL || scene->session->is_authenticated;
}

/* The second part that LOGIN takes is the password, the only one of PLAIN. */
static bool shows_password(const struct scene *scene)
{
    const enum sf_mechanism mechanism = get_mechanism(scene);
    const unsigned part = mechanism == SF_MECHANISM_LOGIN ? 2 : 1;

    return !scene->session->is_tls &&
           (mechanism == SF_MECHANISM_LOGIN ||
            mechanism == SF_MECHANISM_PLAIN) &&
           scene->conduct->auth_parts == part &&
           !sf_slice_eq_str(scene->command->argument, "*");
}

static bool shows_password_unasked(const struct scene *scene)
{
    return shows_password(scene) && scene->session->has_tls &&
           !(scene->session->offered &
             SF_CAPABILITY_BIT(SF_CAPABILITY_STARTTLS));
}

static bool is_form(const struct scene *scene, enum sf_conduct_id id)
{
    return scene->conduct->form == id + 1;
}

/* Only the first challenge asks for the first response. */
static bool leaves_challenge(const struct scene *scene)
{
    return is_form(scene, SF_CONDUCT_AUT_05) &&
           scene->conduct->auth_parts == 1 &&
           (sf_slice_eq_str(scene->command->argument, "*") ||
            (scene->command->argument.len == 0 &&
             (get_mechanism(scene) == SF_MECHANISM_PLAIN ||
              get_mechanism(scene) == SF_MECHANISM_LOGIN)));
}

static bool answers_nonsense(const struct scene *scene)
{
    return is_form(scene, SF_CONDUCT_AUT_06) &&
           !sf_slice_eq_str(scene->command->argument, "*");
}

static bool fears_length(const struct scene *scene)
{
    return is_form(scene, SF_CONDUCT_LEN_11) &&
           sf_slice_eq_str(scene->command->argument, "*");
}

/* After 534 another mechanism, after 538 TLS, after 432 PLAIN (RFC 4954 6). */
static bool learns_nothing(const struct scene *scene)
{
    const enum sf_mechanism mechanism = get_mechanism(scene);
    const bool is_same = mechanism == scene->conduct->auth_mechanism;

    switch (scene->conduct->auth_code) {
    case 534:
        return is_same;
    case 538:
        return is_same && !scene->session->is_tls;
    case 432:
        return mechanism != SF_MECHANISM_PLAIN;
    default:
        return false;
    }
}

/* Chunks. */

/* The octets of a chunk were more than it said. */
static bool is_of_chunk(const struct scene *scene)
{
    return scene->conduct->command == SF_EVENT_BDAT &&
           (scene->session->offered &
            SF_CAPABILITY_BIT(SF_CAPABILITY_CHUNKING));
}

static bool goes_on_after_chunk(const struct scene *scene)
{
    return scene->waited && scene->transaction != NULL &&
           scene->transaction->has_failed;
}

static bool is_mixed(const struct scene *scene)
{
    return scene->transaction != NULL && scene->transaction->is_chunked;
}

static bool is_binary(const struct scene *scene)
{
    return scene->transaction != NULL && scene->transaction->is_binary;
}

/* RFC 5321 4.5.2: a dot that was not doubled has ended the message. */
static bool is_of_message(const struct scene *scene)
{
    return !scene->is_apart && scene->conduct->command == SF_EVENT_DATA &&
           scene->conduct->event == SF_EVENT_MESSAGE;
}

/* Limits. */

static bool is_over(const struct scene *scene, enum sf_limit limit, uint64_t n)
{
    return scene->conduct->limits[limit] > 0 &&
           n > scene->conduct->limits[limit];
}

static bool is_over_any(const struct scene *scene)
{
    const struct sf_transaction *transaction = scene->transaction;

    if (scene->event == SF_EVENT_MAIL) {
        return is_over(scene, SF_LIMIT_MAIL, scene->session->transactions);
    }
    return transaction != NULL &&
           (is_over(scene, SF_LIMIT_RCPT, transaction->rcpt_count) ||
            is_over(scene, SF_LIMIT_DOMAIN, transaction->domain_count));
}

static bool is_over_limit(const struct scene *scene)
{
    return is_over_any(scene) && !scene->conduct->has_odd_limits &&
           !scene->conduct->has_new_limits;
}

static bool is_over_new_limit(const struct scene *scene)
{
    return is_over_any(scene) && scene->conduct->has_new_limits;
}

static bool is_over_odd_limit(const struct scene *scene)
{
    return is_over_any(scene) && scene->conduct->has_odd_limits &&
           !scene->conduct->has_new_limits;
}

/* How what was sent ends, when the client's turn has not come. */

static bool is_amid_reply(const struct scene *scene)
{
    return scene->waited && (scene->conduct->tail == SF_TAIL_MORE ||
                             scene->conduct->tail == SF_TAIL_PIECE);
}

static bool is_behind_bare_lf(const struct scene *scene)
{
    return scene->waited && scene->conduct->tail == SF_TAIL_BARE_LF;
}

#define E(name) SF_EVENT_BIT(SF_EVENT_##name)

#define ANY_LINE  (SF_EVENT_BIT(SF_EVENT_COUNT) - 1)
#define NOT_QUIT  (ANY_LINE & ~E(QUIT))
#define MAIL_PART (E(MAIL) | E(RCPT) | E(DATA) | E(BDAT))
#define CONTENT   (E(DATA) | E(BDAT))

static const struct {
    enum sf_conduct_id id;
    sf_event_set events;
    bool (*is_broken)(const struct scene *);
} checks[] = {
    {SF_CONDUCT_REP_02, ANY_LINE, is_amid_reply},
    {SF_CONDUCT_REP_07, E(RCPT) | CONTENT, passes_over},
    {SF_CONDUCT_REP_13, ANY_LINE, is_behind_bare_lf},
    {SF_CONDUCT_SEQ_02, NOT_QUIT, ignores_554},
    {SF_CONDUCT_SEQ_03, NOT_QUIT, ignores_521},
    {SF_CONDUCT_SEQ_04, NOT_QUIT, ignores_421_greeting},
    {SF_CONDUCT_SEQ_05, E(MAIL) | E(AUTH) | E(STARTTLS), lacks_hello},
    {SF_CONDUCT_SEQ_05, E(HELO), prefers_helo},
    {SF_CONDUCT_SEQ_05, E(QUIT), lacks_helo},
    {SF_CONDUCT_SEQ_09, E(MAIL), is_nested},
    {SF_CONDUCT_SEQ_11, E(UNKNOWN), is_unwanted_data},
    {SF_CONDUCT_SEQ_16, NOT_QUIT, ignores_421},
    {SF_CONDUCT_LEN_11, E(AUTH_RESPONSE), fears_length},
    {SF_CONDUCT_TLS_01, E(STARTTLS), is_tls_again},
    {SF_CONDUCT_TLS_03, ANY_LINE & ~(E(EHLO) | E(LHLO) | E(QUIT)),
     lacks_ehlo_in_tls},
    {SF_CONDUCT_TLS_11, E(AUTH) | E(AUTH_RESPONSE), shows_password_unasked},
    {SF_CONDUCT_TLS_14, E(MAIL), requires_tls_in_clear},
    {SF_CONDUCT_TLS_15, E(MAIL) | E(AUTH), trusts_anything},
    {SF_CONDUCT_AUT_01, E(AUTH), is_unlisted},
    {SF_CONDUCT_AUT_02, E(AUTH), is_auth_misplaced},
    {SF_CONDUCT_AUT_05, E(AUTH_RESPONSE), leaves_challenge},
    {SF_CONDUCT_AUT_06, E(AUTH_RESPONSE), answers_nonsense},
    {SF_CONDUCT_AUT_08, E(AUTH) | E(AUTH_RESPONSE), shows_password},
    {SF_CONDUCT_AUT_11, E(AUTH), learns_nothing},
    {SF_CONDUCT_CHK_01, E(UNKNOWN), is_of_chunk},
    {SF_CONDUCT_CHK_03, MAIL_PART, goes_on_after_chunk},
    {SF_CONDUCT_CHK_04, E(DATA), is_mixed},
    {SF_CONDUCT_CHK_06, E(DATA), is_binary},
    {SF_CONDUCT_DAT_01, E(UNKNOWN), is_of_message},
    {SF_CONDUCT_SIZ_01, E(MAIL), is_over_size},
    {SF_CONDUCT_SIZ_02, E(RCPT) | CONTENT, passes_over_452},
    {SF_CONDUCT_UTF_01, E(RCPT), is_utf8_recipient},
    {SF_CONDUCT_LIM_01, E(MAIL) | E(RCPT), is_over_limit},
    {SF_CONDUCT_LIM_02, E(MAIL) | E(RCPT), is_over_new_limit},
    {SF_CONDUCT_LIM_03, E(MAIL) | E(RCPT), is_over_odd_limit},
    {SF_CONDUCT_LMT_01, E(EHLO) | E(HELO), is_wrong_protocol},
};

/* A refusal that was taken for success: by its form, if it had one. */
static void check_refusal(const struct scene *scene,
                          struct sf_conduct_set *broken)
{
    const bool is_odd =
        is_form(scene, SF_CONDUCT_REP_05) || is_form(scene, SF_CONDUCT_REP_08);

    if (has_nobody(scene) && (SF_EVENT_BIT(scene->event) & CONTENT)) {
        sf_conduct_set_add(
            broken, is_odd ? (enum sf_conduct_id)(scene->conduct->form - 1)
                           : SF_CONDUCT_SEQ_14);
    } else if (is_odd && follows(scene, SF_EVENT_MAIL) && was_refused(scene) &&
               (SF_EVENT_BIT(scene->event) & (E(RCPT) | CONTENT))) {
        sf_conduct_set_add(broken,
                           (enum sf_conduct_id)(scene->conduct->form - 1));
    }
}

/* Where the client gives up what it began: the form of the answer before, or
 * that some recipients were refused. */
static void check_end(const struct scene *scene, struct sf_conduct_set *broken)
{
    const bool falls_back =
        scene->event == SF_EVENT_HELO && scene->conduct->event == SF_EVENT_EHLO;
    enum sf_conduct_id forsaken = SF_CONDUCT_COUNT;

    if (!falls_back && scene->event != SF_EVENT_QUIT &&
        scene->event != SF_EVENT_RSET) {
        return;
    }
    if (scene->is_apart && sf_conduct_gave_up(scene->session, falls_back)) {
        sf_conduct_set_add(broken,
                           (enum sf_conduct_id)(scene->conduct->form - 1));
        return;
    }
    forsaken = sf_conduct_forsaken(scene->session);
    if (forsaken != SF_CONDUCT_COUNT) {
        sf_conduct_set_add(broken, forsaken);
    }
}

/* Domains over SF_DOMAINS_TOLD are not counted. */
static void count_recipient(struct sf_transaction *transaction,
                            const struct sf_command *command)
{
    const struct sf_slice domain = sf_path_domain(command->path.mailbox);
    const uint64_t hash = sf_hash_octets(0, domain);

    transaction->rcpt_count++;
    for (size_t i = 0; i < transaction->domain_count; i++) {
        if (transaction->domains[i] == hash) {
            return;
        }
    }
    if (transaction->domain_count < SF_DOMAINS_TOLD) {
        transaction->domains[transaction->domain_count++] = hash;
    }
}

/* What the line changes, before it is looked at. */
static void note_before(struct sf_session *session,
                        const struct sf_exchange *exchange)
{
    const struct sf_command *command = &exchange->command;
    struct sf_conduct *conduct = &session->conduct;
    struct sf_slice initial = command->argument;

    switch (exchange->event) {
    case SF_EVENT_RCPT:
        if (session->transaction != NULL && command->has_path) {
            count_recipient(session->transaction, command);
        }
        break;
    case SF_EVENT_AUTH:
        sf_slice_cut_word(&initial);
        conduct->auth_parts = sf_slice_trim(initial).len > 0;
        break;
    case SF_EVENT_AUTH_RESPONSE:
        if (conduct->auth_parts < 3) {
            conduct->auth_parts++;
        }
        break;
    default:
        break;
    }
}

static void note_after(struct sf_session *session,
                       const struct sf_exchange *exchange)
{
    const sf_event_set event = SF_EVENT_BIT(exchange->event);
    struct sf_conduct *conduct = &session->conduct;

    conduct->has_quit |= exchange->event == SF_EVENT_QUIT;
    conduct->has_tried_ehlo |= exchange->event == SF_EVENT_EHLO;
    conduct->is_fresh_tls = false;
    conduct->has_told_early = false;
    conduct->has_long_reply &= exchange->is_pipelined;
    conduct->command = (unsigned char)exchange->event;
    if (event & (E(MAIL) | E(AUTH))) {
        conduct->is_uncertain_tls = false; /* told once */
    }
    if (exchange->event == SF_EVENT_AUTH) {
        conduct->auth_code = 0;
    }
    if (conduct->code == 421 && exchange->event != SF_EVENT_QUIT) {
        conduct->code = 0; /* likewise */
    }
    if ((event & CONTENT) && session->transaction != NULL) {
        session->transaction->has_tried_content = true;
    }
}

static void tell(struct sf_session *session, const struct sf_exchange *exchange)
{
    struct sf_buf shown;

    sf_buf_init(&shown, exchange->command.line.len + 8);
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        if (sf_conduct_set_has(&exchange->broken, (enum sf_conduct_id)i)) {
            sf_buf_clear(&shown);
            sf_conduct_break(session, (enum sf_conduct_id)i,
                             sf_report_line(session, exchange, &shown));
        }
    }
    sf_session_fail(session, shown.failed);
    sf_buf_fini(&shown);
}

void sf_conduct_take_line(struct sf_session *session,
                          struct sf_exchange *exchange)
{
    const struct sf_watch_line line = {&exchange->command, exchange->line_bytes,
                                       session->offered, exchange->is_bare_lf};
    const struct scene scene = {.session = session,
                                .conduct = &session->conduct,
                                .transaction = session->transaction,
                                .exchange = exchange,
                                .command = &exchange->command,
                                .event = exchange->event,
                                .is_apart = !exchange->is_pipelined,
                                .waited = !exchange->is_pipelined &&
                                          sf_conduct_has_to_wait(session)};

    if (!sf_conduct_is_watching(session)) {
        return;
    }
    note_before(session, exchange);
    sf_watch_line(&line, &exchange->broken);
    sf_conduct_use_offer(session, &exchange->command, &exchange->broken);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if ((checks[i].events & SF_EVENT_BIT(scene.event)) &&
            checks[i].is_broken(&scene)) {
            sf_conduct_set_add(&exchange->broken, checks[i].id);
        }
    }
    check_refusal(&scene, &exchange->broken);
    check_end(&scene, &exchange->broken);
    if (!sf_conduct_set_is_empty(&exchange->broken)) {
        tell(session, exchange);
    }
    note_after(session, exchange);
}
