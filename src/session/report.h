/* report.h - tells the sink what happened in a session.
 *
 * Nothing is put together that the sink does not want.  A sink that fails
 * makes the session fail. */
#ifndef SF_SESSION_REPORT_H
#define SF_SESSION_REPORT_H

#include "session/session.h"

void sf_report_connect(struct sf_session *session);
void sf_report_disconnect(struct sf_session *session, uint64_t unread);

/* How a handshake went; `info` may be NULL. */
void sf_report_tls(struct sf_session *session,
                   const struct sf_tls_info *info,
                   bool is_ok);
void sf_report_command(struct sf_session *session,
                       const struct sf_exchange *exchange,
                       bool is_pipelined);

/* The line without what may be a password, which `*` stands for; `buf` is for
 * that. */
struct sf_slice sf_report_line(const struct sf_session *session,
                               const struct sf_exchange *exchange,
                               struct sf_buf *buf);

/* The same for octets that are not looked at yet: all or nothing. */
struct sf_slice sf_report_hide(const struct sf_session *session,
                               struct sf_slice octets);

/* The client broke the rule by these octets, of which the first ones are
 * recorded. */
void sf_report_violation(struct sf_session *session,
                         const struct sf_conduct_rule *rule,
                         struct sf_slice octets);

/* Whether the line may hold a password: it is one of an AUTH exchange, or what
 * a client goes on to send as if it was not over, or resembles AUTH. */
bool sf_report_is_secret(const struct sf_session *session,
                         const struct sf_exchange *exchange);

/* An AUTH has come to its end, by the exchange's answer. */
void sf_report_auth(struct sf_session *session,
                    const struct sf_exchange *exchange,
                    bool is_accepted);

/* The lines gathered in the exchange; nothing if there are none. */
void sf_report_reply(struct sf_session *session, struct sf_exchange *exchange);
void sf_report_fired(struct sf_session *session,
                     const struct sf_exchange *exchange,
                     const struct sf_rule *rule);
void sf_report_fault(struct sf_session *session,
                     const struct sf_exchange *exchange,
                     const struct sf_action *action,
                     struct sf_slice value);

/* The open transaction's message, once; enters it into the ledger. */
void sf_report_message(struct sf_session *session);

#endif
