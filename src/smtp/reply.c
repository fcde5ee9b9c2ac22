/* reply.c - the octets of a reply line. */
#include "smtp/reply.h"

#include "base/slice.h"

#define ENHANCED_DIGITS_MAX 3

void sf_reply_put_head(struct sf_buf *buf, const struct sf_reply_line *line)
{
    const unsigned code = (unsigned)line->code;
    const char head[4] = {
        (char)('0' + code / 100 % 10),
        (char)('0' + code / 10 % 10),
        (char)('0' + code % 10),
        (char)(line->is_last ? ' ' : '-'),
    };
    const bool has_separator = line->has_text || !line->is_last;

    sf_buf_append(buf, head, has_separator ? 4 : 3);
}

void sf_reply_put_end(struct sf_buf *buf)
{
    sf_buf_append(buf, "\r\n", 2);
}

void sf_reply_put_line(struct sf_buf *buf, const struct sf_reply_line *line)
{
    sf_reply_put_head(buf, line);
    if (line->has_text) {
        sf_buf_put_slice(buf, line->text);
    }
    sf_reply_put_end(buf);
}

/* The length of "." and one to three digits at `at`, or 0. */
static size_t measure_field(struct sf_slice text, size_t at)
{
    size_t len = 1;

    if (at >= text.len || text.ptr[at] != '.') {
        return 0;
    }
    while (at + len < text.len && sf_ascii_is_digit(text.ptr[at + len])) {
        len++;
    }
    return len > 1 && len <= 1 + ENHANCED_DIGITS_MAX ? len : 0;
}

struct sf_slice sf_reply_enhanced(struct sf_slice text)
{
    const struct sf_slice none = {text.ptr, 0};
    size_t subject = 0;
    size_t detail = 0;
    size_t len = 0;

    if (text.len == 0 ||
        (text.ptr[0] != '2' && text.ptr[0] != '4' && text.ptr[0] != '5')) {
        return none;
    }
    subject = measure_field(text, 1);
    detail = measure_field(text, 1 + subject);
    len = 1 + subject + detail;
    if (subject == 0 || detail == 0 ||
        (len < text.len && text.ptr[len] != ' ')) {
        return none;
    }
    return sf_slice(text.ptr, len);
}

int sf_reply_class(int code)
{
    return code / 100;
}
