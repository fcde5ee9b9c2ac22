/* identity.c - who the server is to TLS clients. */
#include "app/identity.h"

#include <stdlib.h>
#include <string.h>

#include "app/file.h"
#include "app/reader.h"
#include "base/slice.h"
#include "net/tls_config.h"

static int read_pem(const char *option,
                    const char *path,
                    struct sf_slice *out_text,
                    char **out_owned,
                    char *error,
                    size_t error_size)
{
    struct sf_reader reader = {0};
    char *text = NULL;
    size_t len = 0;
    int err = 0;

    if (path != NULL) {
        err = sf_reader_read(&reader, path, &text, &len);
        sf_reader_fini(&reader);
    }
    if (err != 0 && err != SF_ENOMEM) {
        (void)snprintf(error, error_size, "%s %s: %s: name a PEM file", option,
                       path,
                       err == SF_ENOTFOUND ? "there is no such file"
                                           : "the file cannot be read");
        err = SF_EREAD;
    }
    *out_owned = text;
    *out_text = sf_slice(text, len);
    return err;
}

int sf_identity_read(struct sf_identity *identity,
                     const struct sf_options *options,
                     char *error,
                     size_t error_size)
{
    const char *fault = NULL;
    int err;

    *identity = (struct sf_identity){0};
    if (options->tls_key != NULL && options->tls_cert == NULL) {
        (void)snprintf(error, error_size,
                       "--tls-key needs a certificate: add --tls-cert");
        return SF_ESYNTAX;
    }
    err = read_pem("--tls-cert", options->tls_cert, &identity->certificate,
                   &identity->certificate_text, error, error_size);
    if (err == 0) {
        err = read_pem("--tls-key", options->tls_key, &identity->key,
                       &identity->key_text, error, error_size);
    }
    if (err == 0 && identity->certificate.ptr != NULL) {
        fault =
            sf_tls_ability()->check_pair(identity->certificate, identity->key);
    }
    if (fault != NULL) {
        (void)snprintf(error, error_size,
                       "--tls-cert %s: %s: both are PEM files; --tls-key may "
                       "be left out where --tls-cert holds the key too",
                       options->tls_cert, fault);
        return SF_EREAD;
    }
    return err;
}

void sf_identity_fini(struct sf_identity *identity)
{
    free(identity->certificate_text);
    free(identity->key_text);
    *identity = (struct sf_identity){0};
}

int sf_identity_write_authority(struct sf_net_server *server,
                                const struct sf_options *options,
                                char *error,
                                size_t error_size)
{
    const struct sf_file_use use = {.verb = "write",
                                    .noun = "CA file",
                                    .path = options->ca_file,
                                    .option = "--ca-file"};
    const char *authority = NULL;

    if (options->ca_file == NULL) {
        return 0;
    }
    authority = sf_net_server_authority(server);
    if (authority == NULL) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    return sf_file_replace(&use, sf_slice_str(authority), error, error_size);
}
