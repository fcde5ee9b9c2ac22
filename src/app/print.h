/* print.h - what commands print on standard output. */
#ifndef SF_APP_PRINT_H
#define SF_APP_PRINT_H

#include "app/status.h"
#include "base/buf.h"

/* Writes all of the text, which may have failed to grow, and releases it.  What
 * finds no room was told, and is status 3. */
enum sf_status sf_print(struct sf_buf *text);

#endif
