/* judge.h - the command `judge`: the verdict from a saved journal. */
#ifndef SF_APP_JUDGE_H
#define SF_APP_JUDGE_H

#include "app/options.h"
#include "app/status.h"

/* Judges each run of the journal that the operand names by the scenario of the
 * options.  A last line that a crash cut off is passed over. */
enum sf_status sf_judge_journal(const struct sf_options *options);

#endif
