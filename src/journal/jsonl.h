/* jsonl.h - a record as one line of JSON (docs/JOURNAL.md). */
#ifndef SF_JOURNAL_JSONL_H
#define SF_JOURNAL_JSONL_H

#include "base/buf.h"
#include "journal/record.h"

/* Appends the line with its newline.  If it does not fit, buf->failed says so
 * and the contents are as they were. */
void sf_jsonl_put(struct sf_buf *buf, const struct sf_record *record);

#endif
