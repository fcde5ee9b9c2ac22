/* announce.h - tells where the server listens: ready lines, port file and a
 * warning. */
#ifndef SF_APP_ANNOUNCE_H
#define SF_APP_ANNOUNCE_H

#include "app/listeners.h"

/* Writes `name url` a line, whole and by rename.  SF_EIO with "what was wrong:
 * what to do about it" in error. */
SF_MUST_CHECK int sf_announce_to_file(const struct sf_net_server *server,
                                      const char *path,
                                      char *error,
                                      size_t error_size);

/* One line a listener to the descriptor, in order.  A reader that has left is
 * no error; otherwise SF_EIO as above. */
SF_MUST_CHECK int sf_announce_ready(const struct sf_net_server *server,
                                    int fd,
                                    char *error,
                                    size_t error_size);

/* Says on stderr which listeners others can reach; `listeners` are those that
 * the server was made with. */
void sf_announce_exposed(const struct sf_net_server *server,
                         const struct sf_listeners *listeners);

#endif
