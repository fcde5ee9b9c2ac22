/* alert.h - the alerts of TLS by name. */
#ifndef SF_SMTP_ALERT_H
#define SF_SMTP_ALERT_H

#include "smtpfault.h"

/* "unknown" for a number that has no name. */
const char *sf_alert_name(unsigned number);

/* Looks up a name, whatever its case, with `_` or `-`.  Returns -1 if there is
 * no such alert. */
int sf_alert_find(struct sf_slice name);

/* The names, in the order of their numbers; NULL ends them. */
const char *const *sf_alert_names(void);

#endif
