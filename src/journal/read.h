/* read.h - a line of a journal back into a record. */
#ifndef SF_JOURNAL_READ_H
#define SF_JOURNAL_READ_H

#include "base/arena.h"
#include "journal/record.h"

#define SF_READ_ERROR_SIZE 160

struct sf_journal_reader {
    struct sf_arena arena; /* of the record */
    char error[SF_READ_ERROR_SIZE];
};

void sf_journal_reader_init(struct sf_journal_reader *reader);
void sf_journal_reader_fini(struct sf_journal_reader *reader);

/* Reads one line, without its newline.  The record borrows from the reader and
 * is gone with the next call.  Keys that are not known are passed over. Returns
 * 0, SF_ENOTFOUND for a type that is not known, SF_ENOMEM, or SF_ESYNTAX with
 * what is wrong in reader->error. */
SF_MUST_CHECK int sf_journal_read(struct sf_journal_reader *reader,
                                  struct sf_slice line,
                                  struct sf_record *out_record);

#endif
