/* json.c - appends JSON: keys, values, lists. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"

#define US_PER_S UINT64_C(1000000)

static const struct sf_text_escape string_escapes[] = {
    {'"', "\\\""}, {'\\', "\\\\"}, {'\0', NULL}};

/* Nothing but an opening bracket ends in one, and only a key in a colon:
 * strings end in their quote.  A newline ends the object before. */
static void put_comma(struct sf_buf *buf)
{
    if (buf->len > 0 && strchr("{[:\n", buf->ptr[buf->len - 1]) == NULL) {
        sf_buf_putc(buf, ',');
    }
}

void sf_json_open(struct sf_buf *buf, char bracket)
{
    put_comma(buf);
    sf_buf_putc(buf, bracket);
}

void sf_json_put_key(struct sf_buf *buf, const char *key)
{
    put_comma(buf);
    sf_buf_putc(buf, '"');
    sf_buf_puts(buf, key);
    sf_buf_puts(buf, "\":");
}

void sf_json_put_octets(struct sf_buf *buf,
                        const char *key,
                        struct sf_slice octets)
{
    sf_json_put_key(buf, key);
    sf_text_put_json(buf, octets);
}

void sf_json_put_text(struct sf_buf *buf, const char *key, const char *text)
{
    if (text != NULL) {
        sf_json_put_octets(buf, key, sf_slice_str(text));
    }
}

void sf_json_put_number(struct sf_buf *buf, const char *key, uint64_t number)
{
    sf_json_put_key(buf, key);
    sf_buf_put_u64(buf, number);
}

void sf_json_put_bool(struct sf_buf *buf, const char *key, bool value)
{
    sf_json_put_key(buf, key);
    sf_buf_puts(buf, value ? "true" : "false");
}

void sf_json_put_seconds(struct sf_buf *buf, const char *key, uint64_t us)
{
    sf_json_put_key(buf, key);
    sf_buf_printf(buf, "%" PRIu64 ".%06" PRIu64, us / US_PER_S, us % US_PER_S);
}

void sf_json_put_factor(struct sf_buf *buf, const char *key, double factor)
{
    sf_json_put_key(buf, key);
    sf_buf_printf(buf, "%.15g", factor);
}

void sf_json_put_list(struct sf_buf *buf,
                      const char *key,
                      const struct sf_slice *items,
                      size_t count)
{
    sf_json_put_key(buf, key);
    sf_buf_putc(buf, '[');
    for (size_t i = 0; i < count; i++) {
        put_comma(buf);
        sf_text_put_json(buf, items[i]);
    }
    sf_buf_putc(buf, ']');
}

void sf_json_put_string(struct sf_buf *buf, struct sf_slice text)
{
    sf_buf_putc(buf, '"');
    sf_text_put_escaped(buf, text, string_escapes);
    sf_buf_putc(buf, '"');
}
