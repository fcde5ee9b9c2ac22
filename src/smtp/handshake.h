/* handshake.h - how the handshake of TLS can go. */
#ifndef SF_SMTP_HANDSHAKE_H
#define SF_SMTP_HANDSHAKE_H

#include "smtpfault.h"

/* What the server does where the profile cuts the handshake off. */
enum sf_handshake_then {
    SF_HANDSHAKE_HANG, /* nothing, until the client leaves */
    SF_HANDSHAKE_CLOSE,
    SF_HANDSHAKE_RESET,
    SF_HANDSHAKE_ALERT,     /* sends that alert and closes */
    SF_HANDSHAKE_GARBAGE,   /* sends octets that are no record */
    SF_HANDSHAKE_PLAINTEXT, /* sends a reply */
};

struct sf_handshake {
    const char *text; /* as written */
    struct sf_tls_profile profile;
    enum sf_handshake_then then;
    unsigned alert; /* ALERT: its number */
};

#endif
