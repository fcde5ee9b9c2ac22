/* buf.h - a growing run of octets with a limit.
 *
 * An append that would pass the limit or finds no memory leaves the contents
 * as they were and sets `failed`; later appends do nothing.  A writer may so
 * append many times and look once. */
#ifndef SF_BASE_BUF_H
#define SF_BASE_BUF_H

#include "smtpfault.h"

struct sf_buf {
    char *ptr;
    size_t len;
    size_t size;  /* allocated */
    size_t limit; /* of len, in octets */
    int failed;   /* 0, SF_ENOMEM or SF_ETOOBIG; sticky until clear */
    bool is_secret;
};

void sf_buf_init(struct sf_buf *buf, size_t limit);
/* One that overwrites the memory that it gives back. */
void sf_buf_init_secret(struct sf_buf *buf, size_t limit);
void sf_buf_fini(struct sf_buf *buf);  /* releases; the buf may be reused */
void sf_buf_clear(struct sf_buf *buf); /* len = 0, failed = 0; keeps memory */

void sf_buf_append(struct sf_buf *buf, const void *data, size_t len);
void sf_buf_puts(struct sf_buf *buf, const char *text);
void sf_buf_putc(struct sf_buf *buf, char c);
void sf_buf_put_slice(struct sf_buf *buf, struct sf_slice slice);
void sf_buf_put_u64(struct sf_buf *buf, uint64_t number);
void sf_buf_printf(struct sf_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops the first `count` octets. */
void sf_buf_consume(struct sf_buf *buf, size_t count);

/* Overwrites octets that held a secret, also where nobody reads them again;
 * sf_wipe_slice() borrowed ones of memory that may be written to,
 * sf_buf_wipe() all that the buf has room for, sf_buf_wipe_spare() what it has
 * room for and does not use. */
void sf_wipe(void *ptr, size_t len);
void sf_wipe_slice(struct sf_slice octets);
void sf_buf_wipe(struct sf_buf *buf);
void sf_buf_wipe_spare(struct sf_buf *buf);

struct sf_slice sf_buf_slice(const struct sf_buf *buf);

#endif
