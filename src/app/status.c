/* status.c - turns a result code into an exit status. */
#include "app/status.h"

#include "smtpfault.h"

enum sf_status sf_status_of(int err)
{
    switch (err) {
    case SF_OK:
        return SF_STATUS_OK;
    case SF_ESYNTAX:
    case SF_ESCENARIO:
        return SF_STATUS_USAGE;
    case SF_ENOTFOUND:
    case SF_EREAD:
    case SF_ESINK:
    case SF_EADDRINUSE:
    case SF_EIO:
        return SF_STATUS_CANNOT_RUN;
    default:
        return SF_STATUS_INTERNAL;
    }
}
