/* page.h - plain text for people: a title, fields and items, wrapped at 80
 * columns. */
#ifndef SF_APP_PAGE_H
#define SF_APP_PAGE_H

#include "base/buf.h"

#define SF_PAGE_COLUMNS 80

/* `head  text` and an empty line. */
void sf_page_title(struct sf_buf *page, struct sf_slice head, const char *text);

/* `label      text`; a label "" goes on below the field before. */
void sf_page_field(struct sf_buf *page,
                   const char *label,
                   struct sf_slice text);

/* `label      key  text`, what follows below the text. */
void sf_page_item(struct sf_buf *page,
                  const char *label,
                  const char *key,
                  struct sf_slice text);

/* `label      line`, as it is, however long. */
void sf_page_verbatim(struct sf_buf *page,
                      const char *label,
                      struct sf_slice line);

#endif
