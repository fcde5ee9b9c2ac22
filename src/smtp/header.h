/* header.h - the header section of a message: its fields, unfolded
 * (RFC 5322 2.2). */
#ifndef SF_SMTP_HEADER_H
#define SF_SMTP_HEADER_H

#include "base/buf.h"

/* Cuts the next field off, with its folded lines, and takes it apart: the name
 * and, ptr NULL without a colon, the value, both without outer blanks and line
 * ends.  False at the end. */
bool sf_header_cut(struct sf_slice *rest,
                   struct sf_slice *out_name,
                   struct sf_slice *out_value);

struct sf_field {
    struct sf_slice name;
    struct sf_slice value; /* unfolded */
};

/* The fields of a section.  Zeroed is empty. */
struct sf_header {
    char *text; /* of the values */
    struct sf_field *fields;
    size_t count;
    struct sf_slice *found; /* scratch: the values asked for last */
};

void sf_header_fini(struct sf_header *header); /* may be used again */

/* Finds the fields of a section, from which their names are borrowed.  The
 * header is empty.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_header_parse(struct sf_header *header,
                                  struct sf_slice section);

/* The values of all fields of that name, in any case; borrowed until the next
 * call. */
const struct sf_slice *sf_header_find(struct sf_header *header,
                                      struct sf_slice name,
                                      size_t *out_count);

#endif
