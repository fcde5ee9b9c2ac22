/* diag.c - a list of findings, and how one of them is shown. */
#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/text.h"

#define SEVERITY_COUNT 2

static const char *const severity_names[SEVERITY_COUNT] = {
    [SF_SEVERITY_ERROR] = "error",
    [SF_SEVERITY_WARNING] = "warning",
};

struct sf_diags {
    struct sf_arena arena;
    size_t len;
    size_t counts[SEVERITY_COUNT];
    bool is_incomplete;
    /* Blocks of the arena do not move, so a caller may keep the pointer that
     * sf_diags_get() gave while more findings come. */
    struct sf_diag *kept[SF_DIAGS_MAX];
};

struct sf_diags *sf_diags_new(void)
{
    struct sf_diags *diags = calloc(1, sizeof(*diags));

    if (diags != NULL) {
        sf_arena_init(&diags->arena);
    }
    return diags;
}

void sf_diags_free(struct sf_diags *diags)
{
    if (diags != NULL) {
        sf_arena_fini(&diags->arena);
        free(diags);
    }
}

size_t sf_diags_len(const struct sf_diags *diags)
{
    return diags->len;
}

const struct sf_diag *sf_diags_get(const struct sf_diags *diags, size_t index)
{
    return index < diags->len ? diags->kept[index] : NULL;
}

size_t sf_diags_count(const struct sf_diags *diags, enum sf_severity severity)
{
    return diags->counts[severity];
}

/* Copies a text that may be NULL; false without memory. */
static bool
copy_text(struct sf_arena *arena, const char *text, const char **out_copy)
{
    *out_copy = text == NULL ? NULL : sf_arena_strdup(arena, text);
    return text == NULL || *out_copy != NULL;
}

static struct sf_diag *copy_diag(struct sf_arena *arena,
                                 const struct sf_diag *diag)
{
    struct sf_diag *copy = sf_arena_alloc(arena, sizeof(*copy));

    if (copy == NULL) {
        return NULL;
    }
    *copy = *diag;
    if (!copy_text(arena, diag->path, &copy->path) ||
        !copy_text(arena, diag->text, &copy->text) ||
        !copy_text(arena, diag->source, &copy->source) ||
        !copy_text(arena, diag->hint, &copy->hint)) {
        return NULL;
    }
    return copy;
}

void sf_diags_add(struct sf_diags *diags, const struct sf_diag *diag)
{
    struct sf_diag *copy = NULL;

    /* Counted first: an error that finds no memory is an error still. */
    diags->counts[diag->severity]++;
    if (diags->len == SF_DIAGS_MAX) {
        return;
    }
    copy = copy_diag(&diags->arena, diag);
    if (copy == NULL) {
        diags->is_incomplete = true;
        return;
    }
    diags->kept[diags->len++] = copy;
}

bool sf_diags_is_incomplete(const struct sf_diags *diags)
{
    return diags->is_incomplete;
}

/* Writes as snprintf() does: counts all, keeps what fits. */
struct writer {
    char *ptr;
    size_t size;
    size_t len;
};

static void write_octets(struct writer *writer, const char *text, size_t len)
{
    if (writer->len < writer->size) {
        const size_t room = writer->size - writer->len;

        memcpy(writer->ptr + writer->len, text, len < room ? len : room);
    }
    writer->len += len;
}

static void write_text(struct writer *writer, const char *text)
{
    write_octets(writer, text, strlen(text));
}

/* Unlike sf_text_put_printable() this keeps tabs and single backslashes: a
 * line is shown as its author wrote it. */
static void write_printable(struct writer *writer, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    struct sf_slice rest = sf_slice_str(text);

    while (rest.len > 0) {
        const unsigned char octet = (unsigned char)rest.ptr[0];
        size_t len = octet == '\t' ? 1 : sf_text_printable_len(rest);

        if (len > 0) {
            write_octets(writer, rest.ptr, len);
        } else {
            const char escape[4] = {'\\', 'x', digits[octet >> 4],
                                    digits[octet & 15]};

            write_octets(writer, escape, sizeof(escape));
            len = 1;
        }
        rest = sf_slice_skip(rest, len);
    }
}

size_t sf_diag_format(const struct sf_diag *diag, char *buf, size_t size)
{
    struct writer writer = {buf, size, 0};
    char number[16] = "";

    if (diag->line > 0) {
        snprintf(number, sizeof(number), ":%u", diag->line);
    }
    write_printable(&writer, diag->path);
    write_text(&writer, number);
    write_text(&writer, ": ");
    write_text(&writer, severity_names[diag->severity]);
    write_text(&writer, ": ");
    write_printable(&writer, diag->text);
    write_text(&writer, "\n");
    if (diag->source != NULL) {
        write_text(&writer, "    ");
        write_printable(&writer, diag->source);
        write_text(&writer, "\n");
    }
    if (diag->hint != NULL) {
        write_text(&writer, "hint: ");
        write_printable(&writer, diag->hint);
        write_text(&writer, "\n");
    }
    if (size > 0) {
        buf[writer.len < size ? writer.len : size - 1] = '\0';
    }
    return writer.len;
}
