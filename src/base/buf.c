/* buf.c - a growing run of octets with a limit. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MIN_BYTES 64

void sf_buf_init(struct sf_buf *buf, size_t limit)
{
    *buf = (struct sf_buf){.limit = limit};
}

void sf_buf_init_secret(struct sf_buf *buf, size_t limit)
{
    *buf = (struct sf_buf){.limit = limit, .is_secret = true};
}

static void give_back(struct sf_buf *buf)
{
    if (buf->is_secret) {
        sf_wipe(buf->ptr, buf->size);
    }
    free(buf->ptr);
}

void sf_buf_fini(struct sf_buf *buf)
{
    give_back(buf);
    *buf = (struct sf_buf){.limit = buf->limit, .is_secret = buf->is_secret};
}

void sf_buf_clear(struct sf_buf *buf)
{
    buf->len = 0;
    buf->failed = 0;
}

/* As realloc(), which leaves behind what it moves away from. */
static char *resize(struct sf_buf *buf, size_t size)
{
    char *ptr = NULL;

    if (!buf->is_secret) {
        return realloc(buf->ptr, size);
    }
    ptr = malloc(size);
    if (ptr != NULL && buf->size > 0) {
        memcpy(ptr, buf->ptr, buf->len);
        give_back(buf);
    }
    return ptr;
}

/* Makes room for `count` more octets and `spare` that may lie beyond the
 * limit; false sets `failed`. */
static bool reserve_room(struct sf_buf *buf, size_t count, size_t spare)
{
    size_t size = buf->size < SIZE_MIN_BYTES ? SIZE_MIN_BYTES : buf->size;
    size_t wanted = 0;
    char *ptr = NULL;

    if (buf->failed != 0) {
        return false;
    }
    if (count > buf->limit - buf->len || buf->len + count > SIZE_MAX / 4) {
        buf->failed = SF_ETOOBIG;
        return false;
    }
    wanted = buf->len + count + spare;
    if (wanted <= buf->size) {
        return true;
    }
    while (size < wanted) {
        size *= 2;
    }
    ptr = resize(buf, size);
    if (ptr == NULL) {
        buf->failed = SF_ENOMEM;
        return false;
    }
    buf->ptr = ptr;
    buf->size = size;
    return true;
}

void sf_buf_append(struct sf_buf *buf, const void *data, size_t len)
{
    if (len == 0 || !reserve_room(buf, len, 0)) {
        return;
    }
    memcpy(buf->ptr + buf->len, data, len);
    buf->len += len;
}

void sf_buf_puts(struct sf_buf *buf, const char *text)
{
    sf_buf_append(buf, text, strlen(text));
}

void sf_buf_putc(struct sf_buf *buf, char c)
{
    sf_buf_append(buf, &c, 1);
}

void sf_buf_put_slice(struct sf_buf *buf, struct sf_slice slice)
{
    sf_buf_append(buf, slice.ptr, slice.len);
}

void sf_buf_put_u64(struct sf_buf *buf, uint64_t number)
{
    char digits[20];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    sf_buf_append(buf, digits + first, sizeof(digits) - first);
}

void sf_buf_printf(struct sf_buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    int len = 0;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = buf->failed != 0 ? buf->failed : SF_EINVAL;
    } else if (reserve_room(buf, (size_t)len, 1)) {
        /* One octet is spare for the NUL, which is not counted in len. */
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void sf_buf_consume(struct sf_buf *buf, size_t count)
{
    if (count >= buf->len) {
        buf->len = 0;
    } else if (count > 0) {
        buf->len -= count;
        memmove(buf->ptr, buf->ptr + count, buf->len);
    }
}

/* A compiler may leave out writes that nobody reads, but not these. */
void sf_wipe(void *ptr, size_t len)
{
    /* A call that the compiler cannot see through is not left out. */
    static void *(*const volatile set)(void *, int, size_t) = memset;

    if (len > 0) {
        (void)set(ptr, 0, len);
    }
}

void sf_wipe_slice(struct sf_slice octets)
{
    void *own = NULL;

    memcpy(&own, &octets.ptr, sizeof(own));
    sf_wipe(own, octets.len);
}

void sf_buf_wipe_spare(struct sf_buf *buf)
{
    if (buf->size > buf->len) {
        sf_wipe(buf->ptr + buf->len, buf->size - buf->len);
    }
}

void sf_buf_wipe(struct sf_buf *buf)
{
    sf_wipe(buf->ptr, buf->size);
    sf_buf_clear(buf);
}

struct sf_slice sf_buf_slice(const struct sf_buf *buf)
{
    return (struct sf_slice){buf->ptr, buf->len};
}
