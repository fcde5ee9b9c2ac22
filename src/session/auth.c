/* auth.c - authentication.
 *
 * A SASL exchange (smtp/sasl.h) begins with AUTH, whatever rules answer, and
 * each line of the client leads it on: a rule whose 334 stands in the place of
 * the default's changes what is said, not where the exchange stands.  What a
 * rule began that no exchange stands behind is refused. */
#include "session/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "session/report.h"
#include "smtp/sasl.h"

static const struct sf_answer answers[SF_SASL_RESULT_COUNT] = {
    [SF_SASL_CHALLENGE] = {334, NULL, NULL},
    [SF_SASL_DONE] = {235, "2.7.0", "Authentication successful"},
    [SF_SASL_REFUSED] = {535, "5.7.8", "Authentication credentials invalid"},
    [SF_SASL_BAD_BASE64] = {501, "5.5.2", "This is no base64"},
    [SF_SASL_TOO_EARLY] = {501, "5.7.0",
                           "This mechanism has no initial response"},
    [SF_SASL_FAILED] = {454, "4.7.0", "Temporary authentication failure"},
};

static const struct sf_answer too_long = {500, "5.5.6",
                                          "Authentication line too long"};
static const struct sf_answer already = {503, "5.5.1", "Already authenticated"};
static const struct sf_answer not_offered = {504, "5.5.4",
                                             "This mechanism is not offered"};
static const struct sf_answer cancelled = {501, "5.7.0",
                                           "Authentication cancelled"};

static const char *find_password(const void *ctx, struct sf_slice user)
{
    return sf_scenario_find_password(ctx, user);
}

static void drop_sasl(struct sf_session *session)
{
    sf_sasl_free(session->sasl);
    session->sasl = NULL;
}

static enum sf_sasl_result begin(struct sf_session *session,
                                 struct sf_exchange *exchange,
                                 enum sf_mechanism mechanism,
                                 struct sf_slice initial)
{
    const struct sf_scenario *scenario = session->run->scenario;
    const struct sf_sasl_users users = {
        .find = scenario->has_users ? find_password : NULL,
        .ctx = scenario,
    };

    session->sasl = sf_sasl_new(mechanism, &users);
    if (session->sasl == NULL) {
        sf_session_fail(session, SF_ENOMEM);
        return SF_SASL_FAILED;
    }
    return sf_sasl_start(session->sasl, initial, &exchange->answer_text);
}

void sf_auth_check(struct sf_session *session, struct sf_exchange *exchange)
{
    struct sf_slice initial = exchange->command.argument;
    enum sf_mechanism mechanism =
        sf_mechanism_find(sf_slice_cut_word(&initial));

    drop_sasl(session);
    if (exchange->is_too_long) {
        exchange->answer = too_long;
    } else if (session->is_authenticated) {
        exchange->answer = already; /* RFC 4954 4 */
    } else if (mechanism == SF_MECHANISM_COUNT ||
               !(session->mechanisms & SF_MECHANISM_BIT(mechanism))) {
        exchange->answer = not_offered;
    } else {
        exchange->answer = answers[begin(session, exchange, mechanism,
                                         sf_slice_trim(initial))];
    }
}

void sf_auth_check_response(struct sf_session *session,
                            struct sf_exchange *exchange)
{
    enum sf_sasl_result result = SF_SASL_REFUSED;

    if (exchange->is_too_long) {
        exchange->answer = too_long;
    } else if (sf_slice_eq_str(exchange->command.argument, "*")) {
        exchange->answer = cancelled; /* RFC 4954 4 */
        drop_sasl(session);
    } else {
        if (session->sasl != NULL) {
            result = sf_sasl_step(session->sasl, exchange->command.argument,
                                  &exchange->answer_text);
        }
        exchange->answer = answers[result];
    }
}

static void keep_user(struct sf_session *session)
{
    struct sf_slice user = {NULL, 0};
    char *copy = NULL;

    if (session->sasl != NULL) {
        user = sf_sasl_user(session->sasl);
    }
    if (user.len > 0) {
        copy = malloc(user.len);
        if (copy == NULL) {
            sf_session_fail(session, SF_ENOMEM);
            return;
        }
        memcpy(copy, user.ptr, user.len);
    }
    free(session->user);
    session->user = copy;
    session->user_len = (uint16_t)user.len;
}

/* RFC 4954 4: a 334 goes on with the exchange; any other answer that lets AUTH
 * take effect logs in. */
void sf_auth_settle(struct sf_session *session,
                    const struct sf_exchange *exchange)
{
    bool is_accepted = exchange->effect == SF_EFFECT_ACCEPTED;
    bool goes_on = is_accepted && exchange->code == 334;

    if (!goes_on) {
        sf_report_auth(session, exchange, is_accepted);
    }
    if (is_accepted && !goes_on) {
        session->is_authenticated = true;
        keep_user(session);
    }
    if (!goes_on) {
        drop_sasl(session);
    }
    session->has_tried_auth = true;
    sf_session_set_phase(session, goes_on ? SF_PHASE_AUTH : SF_PHASE_COMMAND);
}

struct sf_slice sf_auth_user(const struct sf_session *session)
{
    struct sf_slice user = {NULL, 0};

    if (session->sasl != NULL) {
        user = sf_sasl_user(session->sasl);
    }
    return user.len > 0 ? user : sf_slice(session->user, session->user_len);
}

void sf_auth_put_mechanisms(const struct sf_session *session,
                            struct sf_buf *buf)
{
    bool has_users = session->run->scenario->has_users;

    for (int i = 0; i < SF_MECHANISM_COUNT; i++) {
        enum sf_mechanism mechanism = (enum sf_mechanism)i;
        enum sf_mechanism_kind kind = sf_mechanism_kind(mechanism);

        if (kind == SF_MECHANISM_IS_SHOWS ||
            (kind == SF_MECHANISM_IS_HIDES && has_users)) {
            sf_buf_putc(buf, ' ');
            sf_buf_puts(buf, sf_mechanism_name(mechanism));
        }
    }
}

void sf_auth_fini(struct sf_session *session)
{
    drop_sasl(session);
    free(session->user);
    session->user = NULL;
}
