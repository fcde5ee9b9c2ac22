/* identity.h - who the server is to TLS clients: the certificate of the command
 * line, and the file that tells which authority to trust. */
#ifndef SF_APP_IDENTITY_H
#define SF_APP_IDENTITY_H

#include "app/options.h"
#include "net/server.h"

/* --tls-cert and --tls-key, PEM, NUL behind them; ptr NULL: not given. */
struct sf_identity {
    struct sf_slice certificate;
    struct sf_slice key;
    char *certificate_text; /* owned, as the next */
    char *key_text;
    char *authority; /* the file to trust: --ca-file, or a temporary one; owned;
                        NULL: none was written */
    bool is_temporary;
};

/* Reads the files and looks whether they belong together.  Call fini in any
 * case.  Returns 0 or SF_ENOMEM, or with "what was wrong: what to do about it"
 * in error: SF_EREAD for the files, SF_ESYNTAX for the options. */
SF_MUST_CHECK int sf_identity_read(struct sf_identity *identity,
                                   const struct sf_options *options,
                                   char *error,
                                   size_t error_size);

/* Removes the temporary file. */
void sf_identity_fini(struct sf_identity *identity);

/* Writes --ca-file, if it is asked for, whole and by rename; or, if it is not
 * and a command under test that is_wanted says can use it, a temporary file.
 * Returns 0, SF_ENOMEM, or SF_EIO with the same in error. */
SF_MUST_CHECK int sf_identity_write_authority(struct sf_identity *identity,
                                              struct sf_net_server *server,
                                              const struct sf_options *options,
                                              bool is_wanted,
                                              char *error,
                                              size_t error_size);

#endif
