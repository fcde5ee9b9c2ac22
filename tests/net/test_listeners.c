/* test_listeners.c - where the server listens: addresses, ports, and what
 * becomes of connections there.  Real sockets on loopback. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/loopback.h"

static struct loopback server;
static char error[512];

static void begin(struct loopback_config config)
{
    cr_assert_eq(loopback_begin(&server, &config, error, sizeof(error)), 0,
                 "%s", error);
}

TestSuite(listeners, .timeout = 120);

Test(listeners, an_address_in_use_is_told_with_its_url)
{
    static struct loopback second;
    struct loopback_config config = {0};
    const char *url;

    begin(config);
    url = sf_net_server_listener_url(server.server, 0);
    config.urls[0] = "smtp://127.0.0.1:0";
    config.urls[1] = url;
    cr_assert_eq(loopback_begin(&second, &config, error, sizeof(error)),
                 SF_EADDRINUSE);
    cr_assert(strstr(error, url), "%s", error);
    loopback_end(&server);
}

Test(listeners, several_listeners_speak_their_own_protocol)
{
    static const char *const hellos[] = {"EHLO x\r\n", "LHLO x\r\n"};
    struct loopback_config config = {0};

    config.urls[0] = "smtp://127.0.0.1:0";
    config.urls[1] = "lmtp://127.0.0.1:0";
    begin(config);
    for (size_t i = 0; i < 2; i++) {
        int fd = client_connect(&server, i, 0);

        client_expect(fd, "220 ");
        client_send(fd, hellos[1 - i]);
        client_expect(fd, "50");
        client_send(fd, hellos[i]);
        client_expect(fd, "250");
        close(fd);
    }
    loopback_end(&server);
}

Test(listeners, ipv6_is_served_where_there_is_ipv6)
{
    struct loopback_config config = {0};
    int fd;

    config.urls[0] = "smtp://[::1]:0";
    if (loopback_begin(&server, &config, error, sizeof(error)) != 0) {
        cr_skip_test("no IPv6 here: %s", error);
    }
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    close(fd);
    loopback_end(&server);
}

static char directory[] = "/tmp/smtpfault-test-XXXXXX";
static char socket_path[64];
static char socket_url[96];

static void make_directory(void)
{
    cr_assert_not_null(mkdtemp(directory));
    snprintf(socket_path, sizeof(socket_path), "%s/sock", directory);
    snprintf(socket_url, sizeof(socket_url), "lmtp+unix://%s", socket_path);
}

static void remove_directory(void)
{
    (void)unlink(socket_path);
    (void)rmdir(directory);
}

Test(listeners,
     a_unix_socket_is_served_and_goes_away,
     .init = make_directory,
     .fini = remove_directory)
{
    struct loopback_config config = {.urls = {socket_url}};
    size_t count;
    int fd;

    begin(config);
    cr_assert_str_eq(sf_net_server_listener_url(server.server, 0), socket_url);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "LHLO x\r\nQUIT\r\n");
    cr_assert_eq(client_drain(fd, "221", &count), 0);
    cr_assert_eq(count, 1);
    close(fd);
    loopback_end(&server);
    cr_assert_neq(access(socket_path, F_OK), 0, "the socket is left behind");
}

Test(listeners,
     a_socket_that_nobody_listens_at_is_replaced,
     .init = make_directory,
     .fini = remove_directory)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct loopback_config config = {.urls = {socket_url}};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(address.sun_path, socket_path, strlen(socket_path));
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    begin(config);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    close(fd);
    loopback_end(&server);
}

Test(listeners,
     a_socket_in_use_stays,
     .init = make_directory,
     .fini = remove_directory)
{
    static struct loopback second;
    struct loopback_config config = {.urls = {socket_url}};
    int fd;

    begin(config);
    cr_assert_eq(loopback_begin(&second, &config, error, sizeof(error)),
                 SF_EADDRINUSE);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    close(fd);
    loopback_end(&server);
}

Test(listeners,
     a_file_that_is_no_socket_stays,
     .init = make_directory,
     .fini = remove_directory)
{
    struct loopback_config config = {.urls = {socket_url}};
    int fd = open(socket_path, O_WRONLY | O_CREAT, 0600);

    cr_assert_geq(fd, 0);
    close(fd);
    cr_assert_eq(loopback_begin(&server, &config, error, sizeof(error)),
                 SF_EADDRINUSE);
    cr_assert_eq(access(socket_path, F_OK), 0);
}

Test(listeners,
     a_socket_in_no_directory_is_told_so,
     .init = make_directory,
     .fini = remove_directory)
{
    struct loopback_config config = {0};
    char url[128];

    snprintf(url, sizeof(url), "%s/in/it", socket_url);
    config.urls[0] = url;
    cr_assert_eq(loopback_begin(&server, &config, error, sizeof(error)),
                 SF_EIO);
    cr_assert(strstr(error, url), "%s", error);
    cr_assert(strstr(error, "no such file or directory"), "%s", error);
}

/* Listeners of the scenario; loopback calls them one, two, three, four. */

/* Connects without waiting; returns 0 or errno. */
static int try_to_connect(size_t listener, int *out_fd)
{
    struct sf_url url;
    struct pollfd ready = {.events = POLLOUT};
    int err = 0;
    socklen_t size = sizeof(err);

    cr_assert_null(sf_url_parse(
        sf_net_server_listener_url(server.server, listener), &url));
    ready.fd =
        socket(url.address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    cr_assert_geq(ready.fd, 0);
    *out_fd = ready.fd;
    if (connect(ready.fd, &url.address.any, sf_url_address_size(&url)) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (poll(&ready, 1, 300) == 0) {
        return EINPROGRESS;
    }
    cr_assert_eq(getsockopt(ready.fd, SOL_SOCKET, SO_ERROR, &err, &size), 0);
    return err;
}

Test(listeners, a_listener_that_refuses_keeps_its_port)
{
    struct loopback_config config = {
        .scenario = "[listen one]\nrefuse = yes\n",
        .urls = {"smtp://127.0.0.1:0", "smtp://127.0.0.1:0"}};
    struct sf_url url;
    int fd;

    begin(config);
    cr_assert_eq(try_to_connect(0, &fd), ECONNREFUSED);
    close(fd);
    cr_assert_null(
        sf_url_parse(sf_net_server_listener_url(server.server, 0), &url));
    for (int may_share = 0; may_share < 2; may_share++) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &may_share, sizeof(int));
        cr_assert_eq(bind(fd, &url.address.any, sf_url_address_size(&url)), -1);
        cr_assert_eq(errno, EADDRINUSE);
        close(fd);
    }
    fd = client_connect(&server, 1, 0);
    client_expect(fd, "220 ");
    close(fd);
    loopback_end(&server);
}

Test(listeners,
     a_listener_that_stalls_completes_as_many_handshakes_as_its_backlog)
{
    static const unsigned backlogs[] = {1, 3};

    for (size_t i = 0; i < 2; i++) {
        char scenario[64];
        struct pollfd ready = {.events = POLLIN};
        int fds[5];

        snprintf(scenario, sizeof(scenario),
                 "[listen one]\nstall = yes\nbacklog = %u\n", backlogs[i]);
        begin((struct loopback_config){.scenario = scenario});
        for (unsigned k = 0; k < backlogs[i] + 2; k++) {
            cr_assert_eq(try_to_connect(0, &fds[k]),
                         k < backlogs[i] ? 0 : EINPROGRESS, "%u of %u", k,
                         backlogs[i]);
        }
        ready.fd = fds[0];
        cr_assert_eq(poll(&ready, 1, 100), 0, "it was greeted");
        for (unsigned k = 0; k < backlogs[i] + 2; k++) {
            close(fds[k]);
        }
        loopback_end(&server);
        cr_assert_null(loopback_note(&server, SF_RECORD_CONNECT, 0));
    }
}

Test(listeners,
     a_unix_socket_can_refuse_and_stall,
     .init = make_directory,
     .fini = remove_directory)
{
    static const char *const scenarios[] = {
        "[listen one]\nrefuse = yes\n",
        "[listen one]\nstall = yes\nbacklog = 1\n"};
    static const int ends[][2] = {{ECONNREFUSED, ECONNREFUSED}, {0, EAGAIN}};

    for (size_t i = 0; i < 2; i++) {
        int fds[2];

        begin((struct loopback_config){.scenario = scenarios[i],
                                       .urls = {socket_url}});
        for (size_t k = 0; k < 2; k++) {
            cr_assert_eq(try_to_connect(0, &fds[k]), ends[i][k], "%zu %zu", i,
                         k);
        }
        close(fds[0]);
        close(fds[1]);
        loopback_end(&server);
        cr_assert_neq(access(socket_path, F_OK), 0);
    }
}

static unsigned port_of(size_t listener)
{
    struct sf_url url;

    cr_assert_null(sf_url_parse(
        sf_net_server_listener_url(server.server, listener), &url));
    return sf_url_port(&url);
}

Test(listeners, port_0_is_the_same_port_on_every_host)
{
    begin((struct loopback_config){
        .scenario = "[listen two]\nrefuse = yes\n",
        .urls = {"smtp://127.0.0.1:0", "smtp://127.0.0.2:0",
                 "lmtp://127.0.0.1:0", "smtp://127.0.0.2:0"}});
    cr_assert_neq(port_of(0), 0);
    cr_assert_eq(port_of(1), port_of(0), "the first of each");
    cr_assert_neq(port_of(2), port_of(0), "two of one host");
    cr_assert_eq(port_of(3), port_of(2), "the second of each");
    loopback_end(&server);
}

Test(listeners, port_0_of_every_address_is_another_one_than_that_of_one)
{
    begin((struct loopback_config){.urls = {"smtp://127.0.0.1:0",
                                            "smtp://0.0.0.0:0",
                                            "smtp://127.0.0.2:0"}});
    cr_assert_neq(port_of(1), port_of(0));
    cr_assert_eq(port_of(2), port_of(0));
    loopback_end(&server);
}

Test(listeners, a_limit_of_connections_is_that_of_each_listener)
{
    struct loopback_config config = {
        .scenario =
            "[server]\nmax-connections = 1\n"
            "[listen two]\nmax-connections = 2\n",
        .urls = {"smtp://127.0.0.1:0", "smtp://127.0.0.1:0"}};
    static const struct {
        size_t listener;
        const char *greeting;
    } clients[] = {
        {0, "220 "}, {1, "220 "}, {0, "421 "}, {1, "220 "}, {1, "421 "}};
    int fds[5];

    begin(config);
    for (size_t i = 0; i < 5; i++) {
        fds[i] = client_connect(&server, clients[i].listener, 0);
        client_expect(fds[i], clients[i].greeting);
    }
    for (size_t i = 0; i < 5; i++) {
        close(fds[i]);
    }
    loopback_end(&server);
}

/* How much of what a client sends arrives where nobody reads. */
static size_t fill_window(size_t listener)
{
    static const char block[65536];
    int fd = client_connect(&server, listener, 0);
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    size_t sent = 0;
    int waiting = 0;

    while (poll(&ready, 1, 200) == 1) {
        ssize_t count =
            send(fd, block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT);

        cr_assert_gt(count, 0);
        sent += (size_t)count;
    }
    cr_assert_eq(ioctl(fd, SIOCOUTQ, &waiting), 0);
    close(fd);
    return sent - (size_t)waiting;
}

Test(listeners, a_small_receive_buffer_closes_the_window_early)
{
    begin((struct loopback_config){
        .scenario = "[listen one]\nstall = yes\nreceive-buffer = 4K\n"
                    "[listen two]\nstall = yes\n",
        .urls = {"smtp://127.0.0.1:0", "smtp://127.0.0.1:0"}});
    cr_assert_leq(fill_window(0), 8192);
    cr_assert_geq(fill_window(1), 32768);
    loopback_end(&server);
}
