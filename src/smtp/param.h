/* param.h - the parameters of MAIL and RCPT (RFC 5321 4.1.2). */
#ifndef SF_SMTP_PARAM_H
#define SF_SMTP_PARAM_H

#include "smtp/command.h"

/* Takes apart what follows the path.  `event` is SF_EVENT_MAIL or
 * SF_EVENT_RCPT, whose parameters are known there.  Sets params, fault and
 * what single parameters say in *command, whose fault has to be OK before;
 * parameters behind a fault are still noted.  The first fault counts. */
void sf_param_parse(struct sf_slice text,
                    enum sf_event event,
                    sf_capability_set offered,
                    struct sf_command *command);

#endif
