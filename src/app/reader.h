/* reader.h - reads scenario files for the loader. */
#ifndef SF_APP_READER_H
#define SF_APP_READER_H

#include "smtpfault.h"

/* More is no scenario. */
#define SF_READER_FILE_BYTES (16u * 1024 * 1024)

/* {0} before its first use. */
struct sf_reader {
    bool is_bundle_only; /* finds no file at all */
    const char *bundled; /* finds no file of this name; NULL: none is meant */
    bool has_stdin;
    char *stdin_text; /* stdin can be read only once, but HUP asks again */
    size_t stdin_len;
};

/* A sf_read_fn; ctx is the reader.  The path "-" is stdin.  A directory without
 * a slash in its name is "not found": the bundle may have that name. */
int sf_reader_read(void *ctx,
                   const char *path,
                   char **out_text,
                   size_t *out_len);

void sf_reader_fini(struct sf_reader *reader);

#endif
