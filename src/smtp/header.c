/* header.c - fields of the header section of a message. */
#include "smtp/header.h"

#include <stdlib.h>

#include "base/slice.h"

static bool is_space(char c)
{
    return sf_ascii_is_blank(c) || c == '\r' || c == '\n';
}

static struct sf_slice trim(struct sf_slice text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text = sf_slice_skip(text, 1);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* RFC 5322 2.2.3: a line that begins with a blank goes on with the one before
 * it. */
static struct sf_slice cut_lines(struct sf_slice *rest)
{
    struct sf_slice lines = {rest->ptr, 0};

    do {
        size_t len = sf_slice_find(*rest, '\n');

        len = len == rest->len ? len : len + 1;
        lines.len += len;
        *rest = sf_slice_skip(*rest, len);
    } while (rest->len > 0 && sf_ascii_is_blank(rest->ptr[0]));
    return lines;
}

bool sf_header_cut(struct sf_slice *rest,
                   struct sf_slice *out_name,
                   struct sf_slice *out_value)
{
    struct sf_slice value = {NULL, 0};
    struct sf_slice name = {NULL, 0};

    if (rest->len == 0) {
        return false;
    }
    value = cut_lines(rest);
    name = sf_slice_cut(&value, ':');
    *out_name = trim(name);
    *out_value = value.ptr == NULL ? value : trim(value);
    return true;
}

void sf_header_fini(struct sf_header *header)
{
    free(header->text);
    free(header->fields);
    free(header->found);
    *header = (struct sf_header){NULL, NULL, 0, NULL};
}

/* Copies a value without the line ends of its folds to `to`, where there is
 * room for all of it. */
static struct sf_slice unfold(struct sf_slice value, char *to)
{
    size_t len = 0;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool is_end = c == '\n' || (c == '\r' && i + 1 < value.len &&
                                    value.ptr[i + 1] == '\n');

        if (!is_end) {
            to[len++] = c;
        }
    }
    return sf_slice(to, len);
}

static size_t count_fields(struct sf_slice section)
{
    struct sf_slice name;
    struct sf_slice value;
    size_t count = 0;

    while (sf_header_cut(&section, &name, &value)) {
        count += value.ptr != NULL;
    }
    return count;
}

int sf_header_parse(struct sf_header *header, struct sf_slice section)
{
    size_t count = count_fields(section);
    struct sf_slice name;
    struct sf_slice value;
    char *text = NULL;

    header->text = malloc(section.len + 1);
    header->fields = malloc((count + 1) * sizeof(*header->fields));
    header->found = malloc((count + 1) * sizeof(*header->found));
    if (header->text == NULL || header->fields == NULL ||
        header->found == NULL) {
        sf_header_fini(header);
        return SF_ENOMEM;
    }
    text = header->text;
    while (sf_header_cut(&section, &name, &value)) {
        if (value.ptr != NULL) {
            value = unfold(value, text);
            text += value.len;
            header->fields[header->count++] = (struct sf_field){name, value};
        }
    }
    return 0;
}

const struct sf_slice *sf_header_find(struct sf_header *header,
                                      struct sf_slice name,
                                      size_t *out_count)
{
    *out_count = 0;
    for (size_t i = 0; i < header->count; i++) {
        if (sf_slice_eq_nocase(header->fields[i].name, name)) {
            header->found[(*out_count)++] = header->fields[i].value;
        }
    }
    return header->found;
}
