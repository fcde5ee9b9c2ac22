/* announce.c - tells where the server listens. */
#include "app/announce.h"

#include <errno.h>
#include <string.h>

#include "app/file.h"
#include "app/say.h"
#include "base/buf.h"

/* A listener's lines are far below this. */
#define TEXT_LIMIT 1048576

int sf_announce_to_file(const struct sf_net_server *server,
                        const char *path,
                        char *error,
                        size_t error_size)
{
    const struct sf_file_use use = {.verb = "write",
                                    .noun = "port file",
                                    .path = path,
                                    .option = "--port-file"};
    struct sf_buf text;
    int err;

    sf_buf_init(&text, TEXT_LIMIT);
    for (size_t i = 0; i < sf_net_server_listener_count(server); i++) {
        sf_buf_printf(&text, "%s %s\n", sf_net_server_listener_name(server, i),
                      sf_net_server_listener_url(server, i));
    }
    if (text.failed != 0) {
        sf_file_explain(&use, ENOMEM, error, error_size);
        err = SF_EIO;
    } else {
        err = sf_file_replace(&use, sf_buf_slice(&text), error, error_size);
    }
    sf_buf_fini(&text);
    return err;
}

int sf_announce_ready(const struct sf_net_server *server,
                      int fd,
                      char *error,
                      size_t error_size)
{
    for (size_t i = 0; i < sf_net_server_listener_count(server); i++) {
        char line[SF_URL_TEXT_SIZE + 40];
        int len = snprintf(line, sizeof(line), "smtpfault: listening on %s\n",
                           sf_net_server_listener_url(server, i));

        /* Who closed it, or the other end of the pipe, does not wait. */
        if (sf_file_write(fd, line, (size_t)len) < (size_t)len &&
            errno != EPIPE && errno != EBADF) {
            (void)snprintf(error, error_size,
                           "cannot write the ready line: %s: send it elsewhere",
                           strerror(errno));
            return SF_EIO;
        }
    }
    return 0;
}

void sf_announce_exposed(const struct sf_net_server *server,
                         const struct sf_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (!sf_url_is_loopback(&listeners->list[i].url)) {
            sf_say(
                "%s can be reached from other machines: listen on "
                "127.0.0.1 or [::1] unless that is wanted",
                sf_net_server_listener_url(server, i));
        }
    }
}
