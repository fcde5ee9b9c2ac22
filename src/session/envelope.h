/* envelope.h - the commands of a mail transaction: rows of the table in
 * command.c. */
#ifndef SF_SESSION_ENVELOPE_H
#define SF_SESSION_ENVELOPE_H

#include "session/session.h"

#define SF_ENVELOPE_FUNCTION(name)                                             \
    void sf_envelope_##name(struct sf_session *session,                        \
                            struct sf_exchange *exchange)

SF_ENVELOPE_FUNCTION(check_mail);
SF_ENVELOPE_FUNCTION(apply_mail);
SF_ENVELOPE_FUNCTION(check_rcpt);
SF_ENVELOPE_FUNCTION(apply_rcpt);
SF_ENVELOPE_FUNCTION(check_data);
SF_ENVELOPE_FUNCTION(apply_data);
SF_ENVELOPE_FUNCTION(check_bdat);
SF_ENVELOPE_FUNCTION(check_message);
SF_ENVELOPE_FUNCTION(apply_message);
SF_ENVELOPE_FUNCTION(apply_bdat);
SF_ENVELOPE_FUNCTION(refuse_bdat);

#endif
