/* identity.c - who the server is to TLS clients. */
#include "app/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/reader.h"
#include "base/buf.h"
#include "base/slice.h"
#include "net/tls_config.h"

#define PATH_LIMIT 65536

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
    if (identity->is_temporary) {
        (void)unlink(identity->authority);
    }
    free(identity->authority);
    *identity = (struct sf_identity){0};
}

/* Makes an empty file of a new name. */
static int make_temporary(char **out_path, char *error, size_t error_size)
{
    const char *directory = getenv("TMPDIR");
    struct sf_buf path;
    int fd = -1;

    sf_buf_init(&path, PATH_LIMIT);
    sf_buf_puts(&path, directory && *directory ? directory : "/tmp");
    sf_buf_puts(&path, "/smtpfault-ca-XXXXXX");
    sf_buf_putc(&path, '\0');
    errno = ENOMEM;
    if (!path.failed) {
        fd = mkstemp(path.ptr);
    }
    if (fd < 0) {
        (void)snprintf(error, error_size,
                       "cannot make a temporary file for the CA: %s: name one "
                       "with --ca-file, or another directory in TMPDIR",
                       strerror(errno));
        sf_buf_fini(&path);
        return SF_EIO;
    }
    (void)close(fd);
    *out_path = path.ptr;
    return 0;
}

static int name_authority(struct sf_identity *identity, const char *path)
{
    identity->authority = strdup(path);
    return identity->authority ? 0 : SF_ENOMEM;
}

int sf_identity_write_authority(struct sf_identity *identity,
                                struct sf_net_server *server,
                                const struct sf_options *options,
                                bool is_wanted,
                                char *error,
                                size_t error_size)
{
    struct sf_file_use use = {
        .verb = "write", .noun = "CA file", .option = "--ca-file"};
    const char *authority = NULL;
    int err = 0;

    if (options->ca_file == NULL && !is_wanted) {
        return 0;
    }
    authority = sf_net_server_authority(server);
    if (options->ca_file != NULL) {
        err = name_authority(identity, options->ca_file);
    } else {
        err = make_temporary(&identity->authority, error, error_size);
        identity->is_temporary = err == 0;
    }
    if (authority == NULL || err == SF_ENOMEM) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    use.path = identity->authority;
    return err == 0 ? sf_file_replace(&use, sf_slice_str(authority), error,
                                      error_size)
                    : err;
}
