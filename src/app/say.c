/* say.c - what people are told on stderr: one line a message.
 *
 * Names of files, words of a journal and the like are in it, so that all of it
 * is made printable.  That takes no memory: there may be none. */
#include "app/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "base/slice.h"
#include "base/text.h"

#define TEXT_SIZE  1024
#define OCTET_SIZE 4 /* of \xNN */

/* Returns its length; `line` has room for OCTET_SIZE times the text. */
static size_t put_printable(char *line, struct sf_slice text)
{
    static const char digits[] = "0123456789abcdef";
    size_t end = 0;

    while (text.len > 0) {
        size_t len = sf_text_printable_len(text);
        unsigned char octet = (unsigned char)text.ptr[0];

        if (len > 0) {
            (void)memcpy(line + end, text.ptr, len);
            end += len;
        } else {
            line[end++] = '\\';
            line[end++] = 'x';
            line[end++] = digits[octet >> 4];
            line[end++] = digits[octet & 15];
            len = 1;
        }
        text = sf_slice_skip(text, len);
    }
    return end;
}

void sf_say(const char *format, ...)
{
    char text[TEXT_SIZE];
    char line[TEXT_SIZE * OCTET_SIZE] = "smtpfault: ";
    size_t len = strlen(line);
    va_list arguments;
    int wanted;

    va_start(arguments, format);
    wanted = vsnprintf(text, sizeof(text) - len, format, arguments);
    va_end(arguments);
    if (wanted < 0) {
        return;
    }
    len += put_printable(line + len, sf_slice_str(text));
    line[len++] = '\n';
    /* Nobody is left to be told that stderr cannot be written. */
    (void)!sf_file_write(STDERR_FILENO, line, len);
}
