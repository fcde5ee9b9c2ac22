/* json.h - appends JSON: keys, values, lists.
 *
 * Commas come by themselves: one stands before whatever is not the first in its
 * object or list.  Keys are written as they are, so they hold nothing that JSON
 * wants escaped. */
#ifndef SF_BASE_JSON_H
#define SF_BASE_JSON_H

#include "base/buf.h"
#include "smtpfault.h"

/* An object or list as an item of a list, or on its own: `{` or `[`.  The
 * caller closes it. */
void sf_json_open(struct sf_buf *buf, char bracket);

/* The key with its colon; any value may follow. */
void sf_json_put_key(struct sf_buf *buf, const char *key);

/* A key and its value.  Octets go through sf_text_put_json(); so does text,
 * which is left out with its key if it is NULL. */
void sf_json_put_octets(struct sf_buf *buf,
                        const char *key,
                        struct sf_slice octets);
void sf_json_put_text(struct sf_buf *buf, const char *key, const char *text);
void sf_json_put_number(struct sf_buf *buf, const char *key, uint64_t number);
void sf_json_put_bool(struct sf_buf *buf, const char *key, bool value);
void sf_json_put_seconds(struct sf_buf *buf, const char *key, uint64_t us);
void sf_json_put_factor(struct sf_buf *buf, const char *key, double factor);
void sf_json_put_list(struct sf_buf *buf,
                      const char *key,
                      const struct sf_slice *items,
                      size_t count);

/* A string of text that was made printable before: a backslash in it stays
 * one.  What is not printable all the same becomes \xNN. */
void sf_json_put_string(struct sf_buf *buf, struct sf_slice text);

#endif
