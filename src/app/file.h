/* file.h - whole writes, and what is said when a file cannot be used. */
#ifndef SF_APP_FILE_H
#define SF_APP_FILE_H

#include "smtpfault.h"

/* Writes all of it: goes on after short writes and signals, and waits where
 * the descriptor does not block but is full.  Returns how many octets were
 * written; if fewer than len, errno says why. */
size_t sf_file_write(int fd, const char *data, size_t len);

/* What was to be done to which file, and the option that named it. */
struct sf_file_use {
    const char *verb; /* "open" */
    const char *noun; /* "journal" */
    const char *path;
    const char *option; /* "--journal" */
};

/* Writes `cannot open the journal /x/y: No such file or directory: make the
 * directory or choose another --journal` into out, cut to size. */
void sf_file_explain(const struct sf_file_use *use,
                     int error_number,
                     char *out,
                     size_t size);

/* Writes the file whole: another one takes its name by rename.  A link, a
 * device or a pipe is written into, and is an error if nobody reads it. SF_EIO,
 * with the text of sf_file_explain() in error.
 */
SF_MUST_CHECK int sf_file_replace(const struct sf_file_use *use,
                                  struct sf_slice text,
                                  char *error,
                                  size_t error_size);

/* Whether sf_file_replace() would find a place, without touching it: known
 * before a run, not only behind it.  SF_EIO as above. */
SF_MUST_CHECK int
sf_file_check(const struct sf_file_use *use, char *error, size_t error_size);

#endif
