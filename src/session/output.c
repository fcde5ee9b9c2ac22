/* output.c - the output queue: segments, boundaries, deadlines. */
#include "session/output.h"

#include <stdlib.h>
#include <string.h>

void sf_output_spare_init(struct sf_output_spare *spare)
{
    sf_buf_init(&spare->buf, SF_OUTPUT_LIMIT_BYTES);
}

void sf_output_spare_fini(struct sf_output_spare *spare)
{
    sf_buf_fini(&spare->buf);
}

void sf_output_init(struct sf_output *output)
{
    *output = (struct sf_output){0};
    sf_buf_init(&output->pending, SF_OUTPUT_LIMIT_BYTES);
}

void sf_output_fini(struct sf_output *output)
{
    sf_buf_fini(&output->pending);
    free(output->cuts);
    sf_output_init(output);
}

struct sf_buf *sf_output_buf(struct sf_output *output,
                             struct sf_output_spare *spare)
{
    if (output->pending.ptr == NULL && spare->buf.ptr != NULL) {
        output->pending = spare->buf;
        sf_buf_clear(&output->pending);
        sf_buf_init(&spare->buf, SF_OUTPUT_LIMIT_BYTES);
    }
    return &output->pending;
}

int sf_output_cut(struct sf_output *output, uint64_t due_us)
{
    if (output->cut_count == output->cut_size) {
        size_t size = output->cut_size == 0 ? 4 : output->cut_size * 2;
        struct sf_cut *grown = realloc(output->cuts, size * sizeof(*grown));

        if (grown == NULL) {
            return SF_ENOMEM;
        }
        output->cuts = grown;
        output->cut_size = size;
    }
    output->cuts[output->cut_count++] = (struct sf_cut){
        .at = output->pending.len,
        .due_us = due_us,
    };
    return 0;
}

/* Forgets cuts that stand before the first octet: there is nothing left to
 * part, but what they hold back stays held back. */
static void absorb_cuts(struct sf_output *output)
{
    size_t count = 0;

    while (count < output->cut_count && output->cuts[count].at == 0) {
        output->due_us = output->cuts[count].due_us;
        count++;
    }
    if (count > 0) {
        output->cut_count -= count;
        memmove(output->cuts, output->cuts + count,
                output->cut_count * sizeof(*output->cuts));
    }
}

static void shift_cuts(struct sf_output *output, size_t len)
{
    for (size_t i = 0; i < output->cut_count; i++) {
        output->cuts[i].at -= len;
    }
}

/* Moves the last octets out and leaves the session without memory. */
static struct sf_slice take_all(struct sf_output *output,
                                struct sf_output_spare *spare)
{
    sf_buf_fini(&spare->buf);
    spare->buf = output->pending;
    sf_buf_init(&output->pending, SF_OUTPUT_LIMIT_BYTES);
    shift_cuts(output, spare->buf.len);
    return sf_buf_slice(&spare->buf);
}

/* Copies the first segment out, for what follows it has to wait. */
static struct sf_slice take_first(struct sf_output *output,
                                  struct sf_output_spare *spare)
{
    size_t len = output->cuts[0].at;

    sf_buf_clear(&spare->buf);
    sf_buf_append(&spare->buf, output->pending.ptr, len);
    if (spare->buf.failed) {
        output->pending.failed = spare->buf.failed;
        return (struct sf_slice){NULL, 0};
    }
    sf_buf_consume(&output->pending, len);
    shift_cuts(output, len);
    return sf_buf_slice(&spare->buf);
}

struct sf_slice sf_output_take(struct sf_output *output,
                               struct sf_output_spare *spare,
                               uint64_t now_us)
{
    absorb_cuts(output);
    if (output->pending.len == 0 || output->due_us > now_us) {
        return (struct sf_slice){NULL, 0};
    }
    output->due_us = 0;
    if (output->cut_count == 0 || output->cuts[0].at == output->pending.len) {
        return take_all(output, spare);
    }
    return take_first(output, spare);
}

bool sf_output_is_empty(const struct sf_output *output)
{
    return output->pending.len == 0;
}

bool sf_output_is_high(const struct sf_output *output)
{
    return output->pending.len >= SF_OUTPUT_HIGH_BYTES;
}

uint64_t sf_output_deadline(const struct sf_output *output)
{
    if (output->pending.len == 0) {
        return UINT64_MAX;
    }
    if (output->cut_count > 0 && output->cuts[0].at == 0) {
        return output->cuts[0].due_us;
    }
    return output->due_us;
}
