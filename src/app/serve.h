/* serve.h - serving: from the loaded scenario to the verdict. */
#ifndef SF_APP_SERVE_H
#define SF_APP_SERVE_H

#include "app/options.h"
#include "app/status.h"

/* Serves until a signal or a limit ends it.  Everything was told. */
enum sf_status sf_serve(const struct sf_options *options);

#endif
