/* say.c - what people are told on stderr: one line a message. */
#include "app/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "app/file.h"

void sf_say(const char *format, ...)
{
    char line[1024] = "smtpfault: ";
    const size_t start = 11;
    const size_t room = sizeof(line) - start - 1;
    va_list arguments;
    size_t len;
    int wanted;

    va_start(arguments, format);
    wanted = vsnprintf(line + start, room, format, arguments);
    va_end(arguments);
    if (wanted < 0) {
        return;
    }
    len = (size_t)wanted < room ? (size_t)wanted : room - 1;
    line[start + len] = '\n';
    /* Nobody is left to be told that stderr cannot be written. */
    (void)!sf_file_write(STDERR_FILENO, line, start + len + 1);
}
