/* topics.h - the command `explain`. */
#ifndef SF_APP_TOPICS_H
#define SF_APP_TOPICS_H

#include "app/options.h"
#include "app/status.h"

/* What is known about each operand, with an empty line between.  If one is not
 * known nothing is printed. */
enum sf_status sf_topics_explain(const struct sf_options *options);

#endif
