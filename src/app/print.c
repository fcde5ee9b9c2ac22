/* print.c - what commands print on standard output. */
#include "app/print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/say.h"

enum sf_status sf_print(struct sf_buf *text)
{
    enum sf_status status = SF_STATUS_OK;

    if (text->failed) {
        sf_say("cannot print: %s", sf_strerror(text->failed));
        status = sf_status_of(text->failed);
    } else if (sf_file_write(STDOUT_FILENO, text->ptr, text->len) < text->len) {
        sf_say("cannot write to standard output: %s: send it elsewhere",
               strerror(errno));
        status = SF_STATUS_CANNOT_RUN;
    }
    sf_buf_fini(text);
    return status;
}
