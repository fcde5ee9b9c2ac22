/* data.c - message data: dot-unstuffing and the end of data.
 *
 * A line begins after CR LF, and at the start of the data, which follows the
 * line end of the DATA command (RFC 5321 4.1.1.4).  Only at such a place does
 * a dot mean anything: with CR LF behind it, the end of data; with anything
 * else, it is deleted (RFC 5321 4.5.2).  A bare LF or CR begins no line and
 * ends none, since a server and a relay that disagree on that let a second
 * message be smuggled in.  Read leniently, as a rule may want it, a bare LF
 * does both.
 *
 * Everything goes out as soon as it is known to be content.  Held back are
 * only a dot that begins a line and one CR behind it; if they turn out to be
 * no end of data, the dot goes and the CR, whose octet may be gone by then,
 * comes from a constant. */
#include "smtp/data.h"

#include "base/slice.h"

enum data_state {
    LINE_START,
    TEXT,
    TEXT_CR, /* in a line, behind a CR that went out */
    DOT,     /* behind a dot that began the line, held back */
    DOT_CR,  /* and a CR, held back */
};

void sf_data_init(struct sf_data *data, bool is_lenient)
{
    data->state = LINE_START;
    data->is_lenient = is_lenient;
}

/* Goes on within a line, or several, as far as one run of content reaches:
 * to a dot that begins a line, or to the end.  Returns the run's length. */
static size_t scan_text(struct sf_data *data, struct sf_slice input)
{
    bool is_after_cr = data->state == TEXT_CR;
    size_t at = 0;

    while (at < input.len) {
        const struct sf_slice rest = sf_slice_skip(input, at);
        const size_t lf = at + sf_slice_find(rest, '\n');

        if (lf > 0) {
            is_after_cr = input.ptr[lf - 1] == '\r';
        }
        if (lf == input.len) {
            data->state = is_after_cr ? TEXT_CR : TEXT;
            return input.len;
        }
        at = lf + 1;
        is_after_cr |= data->is_lenient;
        data->state = is_after_cr ? LINE_START : TEXT;
        if (is_after_cr && at < input.len && input.ptr[at] == '.') {
            return at;
        }
    }
    return at;
}

/* Moves over a dot that begins a line and what may end it.  Returns how many
 * octets that are. */
static size_t skip_dot(struct sf_data *data, struct sf_slice input)
{
    size_t at = 0;

    if (data->state == LINE_START && input.len > 0) {
        data->state = input.ptr[0] == '.' ? DOT : TEXT;
        at = data->state == DOT;
    }
    if (data->state == DOT && at < input.len) {
        if (input.ptr[at] == '\r') {
            data->state = DOT_CR;
            at++;
        } else if (input.ptr[at] != '\n' || !data->is_lenient) {
            data->state = TEXT;
        }
    }
    return at;
}

size_t sf_data_feed(struct sf_data *data,
                    struct sf_slice input,
                    struct sf_slice *out_content,
                    bool *out_is_done)
{
    const size_t at = skip_dot(data, input);
    const struct sf_slice rest = sf_slice_skip(input, at);

    *out_content = sf_slice(rest.ptr, 0);
    *out_is_done = false;
    if (rest.len == 0) {
        return at;
    }
    /* Fault: the end of data that a smuggler counts on. */
    if (data->state == DOT && data->is_lenient && rest.ptr[0] == '\n') {
        *out_is_done = true;
        return at + 1;
    }
    if (data->state == DOT_CR) {
        if (rest.ptr[0] == '\n') {
            *out_is_done = true;
            return at + 1;
        }
        data->state = TEXT;
        *out_content = sf_slice("\r", 1);
        return at;
    }
    out_content->len = scan_text(data, rest);
    return at + out_content->len;
}
