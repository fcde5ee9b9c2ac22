/* catalog.h - the commands `list` and `show`: the scenarios in the binary. */
#ifndef SF_APP_CATALOG_H
#define SF_APP_CATALOG_H

#include "app/options.h"
#include "app/status.h"

/* A name and title a line, of the scenarios that have every tag asked for. */
enum sf_status sf_catalog_list(const struct sf_options *options);

/* One scenario, octet for octet. */
enum sf_status sf_catalog_show(const struct sf_options *options);

#endif
