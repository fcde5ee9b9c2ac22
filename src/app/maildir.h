/* maildir.h - accepted messages as files, for --save.
 *
 * DIR gets the directories tmp, new and cur; a message is written into tmp and
 * moved into new when it is complete, so that no reader sees half of one.  The
 * envelope stands before the message, which follows octet by octet as it was
 * received:
 *
 *     Return-Path: <reverse-path>
 *     X-Envelope-To: forward-path        one line for each recipient taken
 *     Received: from HELO ([127.0.0.1])
 *             by smtpfault with ESMTP id 1.1; Sun, 22 Nov 2026 01:50:45 +0000
 *
 * These lines end in CRLF, as those of the message do.  Control characters in
 * what the client sent become "?", so that it cannot add lines of its own. */
#ifndef SF_APP_MAILDIR_H
#define SF_APP_MAILDIR_H

#include <time.h>

#include "journal/record.h"

struct sf_maildir;

/* Makes what is missing (mode 0700: it is mail).  On failure returns SF_EIO or
 * SF_ENOMEM and writes one line, "what was wrong: what to do about it". */
SF_MUST_CHECK int sf_maildir_open(const char *dir,
                                  struct sf_maildir **out_maildir,
                                  char *error,
                                  size_t error_size);
void sf_maildir_free(struct sf_maildir *maildir); /* accepts NULL */

/* Keeps a record of type MESSAGE with its content.  `now` is for the name and
 * the trace line.  *out_path is borrowed from the maildir until its next use.
 * On failure no file is left; results and error as above. */
SF_MUST_CHECK int sf_maildir_save(struct sf_maildir *maildir,
                                  const struct sf_record *record,
                                  time_t now,
                                  const char **out_path,
                                  char *error,
                                  size_t error_size);

#endif
