/* test_actions.c - what rules do to a connection beside replying, with real
 * sockets on loopback. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../support/loopback.h"

#define MANY 100000

static struct loopback server;

static int begin(const char *scenario, uint64_t stall_us)
{
    const struct loopback_config config = {.scenario = scenario,
                                           .stall_us = stall_us};
    char error[512];
    int fd;

    cr_assert_eq(loopback_begin(&server, &config, error, sizeof(error)), 0,
                 "%s", error);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    return fd;
}

/* The end of the only session, and who ended it. */
static const struct loopback_note *end_by(enum sf_end_by by)
{
    const struct loopback_note *note;

    loopback_wait(&server, 1);
    loopback_end(&server);
    note = loopback_note(&server, SF_RECORD_DISCONNECT, 0);
    cr_assert_not_null(note);
    cr_assert_eq(note->by, (int)by, "by %d", note->by);
    return note;
}

/* The same, and how. */
static const struct loopback_note *end(enum sf_end_by by, enum sf_end_how how)
{
    const struct loopback_note *note = end_by(by);

    cr_assert_eq(note->how, (int)how, "how %d", note->how);
    return note;
}

static void expect_fin(int fd)
{
    size_t count;

    cr_assert_eq(client_drain(fd, "", &count), 0);
    cr_assert_eq(count, 0);
}

static void send_many_octets(int fd)
{
    char text[MANY + 1];

    memset(text, 'x', MANY);
    text[MANY] = '\0';
    client_send(fd, text);
}

TestSuite(actions, .timeout = 120);

/* Half close. */

static const char half[] = "[NOOP]\nreply = 250 2.0.0 Bye\nclose = half\n";

Test(actions, half_a_close_takes_all_that_comes_until_the_client_leaves)
{
    int fd = begin(half, 0);

    client_send(fd, "NOOP\r\n");
    client_expect(fd, "250 2.0.0 Bye");
    expect_fin(fd);
    send_many_octets(fd);
    close(fd);
    cr_assert_eq(end(SF_END_BY_SERVER, SF_END_FIN)->unread, MANY);
}

Test(actions, half_a_close_of_a_client_that_resets_is_still_ours)
{
    int fd = begin(half, 0);

    client_send(fd, "NOOP\r\n");
    client_expect(fd, "250 2.0.0 Bye");
    expect_fin(fd);
    client_reset(fd);
    end(SF_END_BY_SERVER, SF_END_FIN);
}

Test(actions, half_a_close_of_a_client_that_has_left_ends_at_once)
{
    int fd = begin("[NOOP]\ndelay = 20ms\nclose = half\n", 0);

    client_send(fd, "NOOP\r\n");
    close(fd);
    end(SF_END_BY_CLIENT, SF_END_FIN);
}

Test(actions, half_a_close_ends_when_the_client_is_silent_for_too_long)
{
    int fd = begin(half, 1000);

    client_send(fd, "NOOP\r\n");
    client_expect(fd, "250 2.0.0 Bye");
    expect_fin(fd);
    end(SF_END_BY_SERVER, SF_END_TIMEOUT);
    close(fd);
}

Test(actions, half_a_close_ends_with_the_run)
{
    int fd = begin(half, 0);

    client_send(fd, "NOOP\r\n");
    client_expect(fd, "250 2.0.0 Bye");
    expect_fin(fd);
    loopback_renew(&server);
    end(SF_END_BY_SERVER, SF_END_FIN);
    close(fd);
}

/* Reading. */

Test(actions, discard_drops_what_was_pipelined_and_goes_on)
{
    const struct loopback_note *note;
    int fd = begin(
        "[NOOP]\ndelay = until-input\nread = discard\n"
        "reply = 250 2.0.0 Alone\n",
        0);

    client_send(fd, "NOOP\r\nHELP\r\nHELP\r\n");
    client_expect(fd, "250 2.0.0 Alone");
    client_send(fd, "QUIT\r\n");
    client_expect(fd, "221 ");
    expect_fin(fd);
    close(fd);
    note = end(SF_END_BY_SERVER, SF_END_QUIT);
    cr_assert_eq(note->unread, 12);
    cr_assert_eq(note->bytes_in, 24);
}

Test(actions, a_client_that_is_not_read_loses_nothing)
{
    int fd = begin(
        "[NOOP]\nread = stop\ndelay = 50ms\nread = resume\n"
        "reply = 250 2.0.0 Resumed\n",
        0);

    client_send(fd, "NOOP\r\n");
    send_many_octets(fd);
    client_send(fd, "\r\nQUIT\r\n");
    client_expect(fd, "250 2.0.0 Resumed");
    client_expect(fd, "500 ");
    client_expect(fd, "221 ");
    expect_fin(fd);
    close(fd);
    cr_assert_eq(end(SF_END_BY_SERVER, SF_END_QUIT)->unread, 0);
}

Test(actions, a_client_that_is_read_slowly_loses_nothing)
{
    int fd = begin("[NOOP]\nread = 1/1ms\n", 0);

    client_send(fd, "NOOP\r\nNOOP\r\nQUIT\r\n");
    client_expect(fd, "250 ");
    client_expect(fd, "250 ");
    client_expect(fd, "221 ");
    expect_fin(fd);
    close(fd);
    cr_assert_eq(end(SF_END_BY_SERVER, SF_END_QUIT)->unread, 0);
}

/* Time. */

Test(actions, a_timer_ends_output_that_nobody_reads)
{
    int fd = begin(
        "[NOOP]\nsend = \"A\" * forever\n"
        "[TIMER]\nafter = 100ms\nclose = reset\n",
        0);

    client_send(fd, "NOOP\r\n");
    end(SF_END_BY_SERVER, SF_END_RESET);
    close(fd);
}

Test(actions, output_without_end_ends_with_the_run)
{
    int fd = begin("[NOOP]\nsend = \"A\" * forever\n", 0);

    client_send(fd, "NOOP\r\n");
    cr_assert_eq(recv(fd, (char[1]){0}, 1, 0), 1);
    loopback_renew(&server);
    close(fd);
    /* With FIN if the kernel had room for what was sent so far. */
    end_by(SF_END_BY_SERVER);
}
