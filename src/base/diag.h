/* diag.h - how the scenario layers report findings (see smtpfault.h). */
#ifndef SF_BASE_DIAG_H
#define SF_BASE_DIAG_H

#include "smtpfault.h"

/* Copies everything.  source and hint may be NULL.  Findings beyond
 * SF_DIAGS_MAX are counted, but only the first SF_DIAGS_MAX are kept. */
#define SF_DIAGS_MAX 1000
void sf_diags_add(struct sf_diags *diags, const struct sf_diag *diag);

/* Whether an add found no memory; the list is then incomplete. */
bool sf_diags_is_incomplete(const struct sf_diags *diags);

#endif
