/* status.h - how the program ends; the only place that turns a result code
 * into an exit status. */
#ifndef SF_APP_STATUS_H
#define SF_APP_STATUS_H

enum sf_status {
    SF_STATUS_OK = 0,
    SF_STATUS_FAILED = 1,     /* an expectation failed */
    SF_STATUS_USAGE = 2,      /* usage error, or a scenario with errors */
    SF_STATUS_CANNOT_RUN = 3, /* address in use, journal not writable, ... */
    SF_STATUS_UNPROVED = 4,   /* nothing failed, but not all was reached */
    SF_STATUS_INTERNAL = 70,
};

/* Of 0 or an SF_E... value. */
enum sf_status sf_status_of(int err);

#endif
