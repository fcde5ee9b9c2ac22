/* page.c - wraps what people read. */
#include "app/page.h"

#include <string.h>

#include "base/slice.h"

#define LABEL_COLUMNS 12

static void put_blanks(struct sf_buf *page, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sf_buf_putc(page, ' ');
    }
}

/* Puts words; the first stands at column `column`, those of later lines at
 * `indent`. */
static void put_words(struct sf_buf *page, struct sf_slice text, size_t indent)
{
    size_t column = indent;
    bool is_first = true;

    for (;;) {
        struct sf_slice word;

        text = sf_slice_skip_blanks(text);
        if (text.len == 0) {
            break;
        }
        word = sf_slice_cut_word(&text);
        if (!is_first && column + 1 + word.len > SF_PAGE_COLUMNS) {
            sf_buf_putc(page, '\n');
            put_blanks(page, indent);
            column = indent;
        } else if (!is_first) {
            sf_buf_putc(page, ' ');
            column++;
        }
        sf_buf_put_slice(page, word);
        column += word.len;
        is_first = false;
    }
    sf_buf_putc(page, '\n');
}

static void put_label(struct sf_buf *page, const char *label)
{
    const size_t len = strlen(label);

    sf_buf_puts(page, label);
    put_blanks(page, len < LABEL_COLUMNS ? LABEL_COLUMNS - len : 1);
}

void sf_page_title(struct sf_buf *page, struct sf_slice head, const char *text)
{
    sf_buf_put_slice(page, head);
    sf_buf_puts(page, "  ");
    put_words(page, sf_slice_str(text), head.len + 2);
    sf_buf_putc(page, '\n');
}

void sf_page_field(struct sf_buf *page, const char *label, struct sf_slice text)
{
    put_label(page, label);
    put_words(page, text, LABEL_COLUMNS);
}

void sf_page_item(struct sf_buf *page,
                  const char *label,
                  const char *key,
                  struct sf_slice text)
{
    put_label(page, label);
    sf_buf_puts(page, key);
    sf_buf_puts(page, "  ");
    put_words(page, text, LABEL_COLUMNS + strlen(key) + 2);
}

void sf_page_verbatim(struct sf_buf *page,
                      const char *label,
                      struct sf_slice line)
{
    put_label(page, label);
    sf_buf_put_slice(page, line);
    sf_buf_putc(page, '\n');
}
