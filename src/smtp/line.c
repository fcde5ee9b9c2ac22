/* line.c - finds the end of a command line. */
#include "smtp/line.h"

#include <string.h>

#include "base/slice.h"

enum sf_line_status sf_line_find(struct sf_slice input,
                                 size_t scanned,
                                 size_t limit,
                                 struct sf_slice *out_line,
                                 size_t *out_taken)
{
    const size_t end = input.len < limit ? input.len : limit;
    const char *at = NULL;
    size_t len = 0;

    if (scanned < end) {
        at = memchr(input.ptr + scanned, '\n', end - scanned);
    }
    if (at == NULL) {
        /* A line end that comes later would lie beyond the limit, so waiting
         * for it could not change the answer. */
        if (input.len < limit) {
            return SF_LINE_MORE;
        }
        *out_taken = 0;
        return SF_LINE_TOO_LONG;
    }
    len = (size_t)(at - input.ptr);
    *out_taken = len + 1;
    if (len > 0 && input.ptr[len - 1] == '\r') {
        *out_line = sf_slice(input.ptr, len - 1);
        return SF_LINE_DONE;
    }
    *out_line = sf_slice(input.ptr, len);
    return SF_LINE_BARE_LF;
}

size_t sf_line_skip(struct sf_slice input, bool *out_is_done)
{
    const size_t at = sf_slice_find(input, '\n');

    *out_is_done = at < input.len;
    return *out_is_done ? at + 1 : input.len;
}
