/* help.h - what --help and --version print. */
#ifndef SF_APP_HELP_H
#define SF_APP_HELP_H

#include "app/options.h"
#include "app/status.h"
#include "base/buf.h"

enum sf_status sf_help_print(const struct sf_options *options);
enum sf_status sf_help_print_version(const struct sf_options *options);

/* Appends the text of --help. */
void sf_help_put(struct sf_buf *out);

#endif
