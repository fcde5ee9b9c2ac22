/* secure.c - what TLS means to a session.
 *
 * The driver makes the handshake, with the profile that the session gives it.
 * It lasts for idle-timeout at most, and when it is complete what was said in
 * the clear is forgotten.  What stands in the place of a record is said by the
 * session, in the clear, once the driver came to where the profile cuts it
 * off. */
#include "session/secure.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "rule/action.h"
#include "session/auth.h"
#include "session/report.h"
#include "smtp/alert.h"

#define GARBAGE_BYTES 64

/* RFC 5246 7.2: a record of its own, of level fatal. */
#define RECORD_ALERT 21
#define LEVEL_FATAL  2

void sf_secure_init(struct sf_session *session, enum sf_tls_mode mode)
{
    session->is_tls_first = mode == SF_TLS_AT_ONCE;
    session->has_tls =
        mode != SF_TLS_IF_ASKED || session->run->scenario->speaks_tls;
}

/* How the handshake goes, by the rule; NULL: well. */
static const struct sf_handshake *read_handshake(const struct sf_rule *rule)
{
    static const struct sf_handshake right;

    for (size_t i = 0; rule != NULL && i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_HANDSHAKE) {
            return &rule->actions[i].u.handshake;
        }
    }
    return &right;
}

static const struct sf_handshake *
get_handshake(const struct sf_session *session)
{
    return read_handshake(session->handshake);
}

/* The rule that says how the handshake goes, or will once its action is done;
 * NULL: none does. */
static const struct sf_rule *find_rule(const struct sf_session *session,
                                       const struct sf_exchange *exchange)
{
    const struct sf_rule *rule = session->handshake;

    for (size_t i = 0; rule == NULL && i < exchange->decision.count; i++) {
        if (sf_rule_has_action(exchange->decision.firings[i].rule,
                               SF_ACTION_HANDSHAKE)) {
            rule = exchange->decision.firings[i].rule;
        }
    }
    return rule;
}

/* RFC 3207 4.2: what stands behind STARTTLS in the clear must not be there
 * afterwards. */
void sf_secure_accept(struct sf_session *session,
                      const struct sf_exchange *exchange)
{
    session->wants_tls = true;
    session->wants_discard |=
        !read_handshake(find_rule(session, exchange))->profile.keeps_input;
}

bool sf_secure_begin(struct sf_session *session, struct sf_exchange *exchange)
{
    if (!session->wants_tls) {
        return false;
    }
    sf_session_set_phase(session, SF_PHASE_HANDSHAKE);
    sf_exchange_begin(session, exchange, SF_EVENT_TLS);
    return true;
}

bool sf_secure_is_wanted(const struct sf_session *session,
                         const struct sf_exchange *exchange)
{
    return (exchange->event == SF_EVENT_STARTTLS ||
            exchange->event == SF_EVENT_TLS) &&
           find_rule(session, exchange) != NULL;
}

static void spoil(struct sf_session *session)
{
    sf_session_set_phase(session, SF_PHASE_SPOILED);
    session->active_us = session->now_us;
}

void sf_secure_settle(struct sf_session *session)
{
    if (!session->wants_tls) {
        sf_report_tls(session, session->tls_info, false);
        spoil(session);
    }
}

const struct sf_tls_profile *sf_secure_start(struct sf_session *session)
{
    if (session->phase != SF_PHASE_HANDSHAKE || !session->wants_tls ||
        session->exchange != NULL || !sf_output_is_empty(&session->output)) {
        return NULL;
    }
    session->wants_tls = false;
    session->active_us = session->now_us;
    return &get_handshake(session)->profile;
}

/* RFC 3207 4.2. */
void sf_secure_finish(struct sf_session *session)
{
    sf_report_tls(session, session->tls_info, true);
    sf_conduct_begin_tls(session, get_handshake(session)->profile.certificate !=
                                      SF_TLS_RIGHT);
    sf_session_end_transaction(session);
    sf_auth_fini(session);
    free(session->helo);
    session->helo = NULL;
    session->handshake = NULL;
    session->is_tls = true;
    session->has_greeted = false;
    session->is_esmtp = false;
    session->is_authenticated = false;
    session->has_tried_auth = false;
    session->has_early = false;
    session->is_mid_line = false;
    session->mechanism[0] = '\0';
    session->offered = 0;
    session->mechanisms = 0;
    session->scanned = 0;
    session->active_us = session->now_us;
}

static void put_alert(struct sf_buf *buf, unsigned alert)
{
    const char record[] = {RECORD_ALERT, 3, 3, 0, 2, LEVEL_FATAL, (char)alert};

    sf_buf_append(buf, record, sizeof(record));
}

/* The same in each run with this seed.  No record begins with such an octet. */
static void put_garbage(const struct sf_session *session, struct sf_buf *buf)
{
    uint64_t hash = sf_hash_u64(session->run->seed, session->number);

    for (int i = 0; i < GARBAGE_BYTES; i++) {
        hash = sf_hash_u64(hash, (uint64_t)i);
        sf_buf_putc(buf, (char)((hash & 0x3f) | 0x40));
    }
}

static void report_cut(struct sf_session *session,
                       const struct sf_handshake *handshake)
{
    struct sf_tls_info info = {0};

    if (session->tls_info != NULL) {
        info = *session->tls_info;
    }
    if (handshake->then == SF_HANDSHAKE_ALERT) {
        info.alert = sf_alert_name(handshake->alert);
    }
    sf_report_tls(session, &info, false);
}

void sf_secure_cut(struct sf_session *session)
{
    const struct sf_handshake *handshake = get_handshake(session);
    struct sf_buf *output =
        sf_output_buf(&session->output, &session->run->spare);

    report_cut(session, handshake);
    spoil(session);
    switch (handshake->then) {
    case SF_HANDSHAKE_HANG:
        break;
    case SF_HANDSHAKE_CLOSE:
        sf_session_close(session, SF_END_BY_SERVER, SF_END_FIN,
                         SF_CONTROL_CLOSE);
        break;
    case SF_HANDSHAKE_RESET:
        sf_session_close(session, SF_END_BY_SERVER, SF_END_RESET,
                         SF_CONTROL_RESET);
        break;
    case SF_HANDSHAKE_ALERT:
        put_alert(output, handshake->alert);
        sf_session_close(session, SF_END_BY_SERVER, SF_END_FIN,
                         SF_CONTROL_CLOSE);
        break;
    case SF_HANDSHAKE_GARBAGE:
        put_garbage(session, output);
        break;
    case SF_HANDSHAKE_PLAINTEXT:
        sf_buf_puts(output, "500 5.5.1 Command not recognized\r\n");
        break;
    }
    sf_session_fail(session, output->failed);
}

static bool is_hanging(const struct sf_session *session)
{
    const struct sf_handshake *handshake = get_handshake(session);

    return session->phase == SF_PHASE_SPOILED &&
           handshake->profile.cut != SF_TLS_NOWHERE &&
           handshake->then == SF_HANDSHAKE_HANG;
}

const struct sf_rule *sf_secure_waiting(const struct sf_session *session)
{
    return is_hanging(session) ? session->handshake : NULL;
}

uint64_t sf_secure_deadline(const struct sf_session *session)
{
    uint64_t timeout_us = session->server->idle_timeout_us;
    bool is_under_way =
        (session->phase == SF_PHASE_HANDSHAKE && !session->wants_tls) ||
        session->phase == SF_PHASE_SPOILED;

    if (!is_under_way || is_hanging(session) || session->exchange != NULL ||
        timeout_us == SF_FOREVER_US) {
        return UINT64_MAX;
    }
    return session->active_us + sf_run_scale(session->run, timeout_us);
}
