/* test_server.c - the server with real sockets on loopback. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/loopback.h"

static struct loopback server;
static char error[512];

static void begin(struct loopback_config config)
{
    cr_assert_eq(loopback_begin(&server, &config, error, sizeof(error)), 0,
                 "%s", error);
}

/* How the session (or, with 0, the refused connection) ended. */
static void assert_end(uint64_t session, enum sf_end_by by, enum sf_end_how how)
{
    const struct loopback_note *note;
    size_t n = 0;

    while ((note = loopback_note(&server, SF_RECORD_DISCONNECT, n++)) &&
           note->session != session) {
    }
    cr_assert_not_null(note, "session %d has no end", (int)session);
    cr_assert_eq(note->by, (int)by, "by %d", note->by);
    cr_assert_eq(note->how, (int)how, "how %d", note->how);
}

static char *repeat(const char *before, const char *text, size_t count)
{
    size_t len = strlen(text);
    char *all = malloc(strlen(before) + count * len + 1);

    cr_assert_not_null(all);
    strcpy(all, before);
    for (size_t i = 0; i < count; i++) {
        memcpy(all + strlen(before) + i * len, text, len);
    }
    all[strlen(before) + count * len] = '\0';
    return all;
}

TestSuite(server, .timeout = 120);

/* Conversations. */

Test(server, a_client_is_greeted_and_seen_off)
{
    int fd;
    size_t count;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "QUIT\r\n");
    client_expect(fd, "221 ");
    cr_assert_eq(client_drain(fd, "", &count), 0);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_QUIT);
}

Test(server, input_may_come_octet_by_octet)
{
    static const char text[] = "EHLO client.test\r\nNOOP\r\nQUIT\r\n";
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    for (size_t i = 0; text[i]; i++) {
        client_send(fd, (char[]){text[i], '\0'});
    }
    cr_assert_eq(client_drain(fd, "250 ", &count), 0);
    cr_assert_eq(count, 2);
    close(fd);
    loopback_end(&server);
}

Test(server, all_that_is_pipelined_is_answered)
{
    char *text = repeat("EHLO client.test\r\n", "NOOP\r\n", 5000);
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_send(fd, text);
    client_send(fd, "QUIT\r\n");
    cr_assert_eq(client_drain(fd, "250 2", &count), 0);
    cr_assert_eq(count, 5000);
    close(fd);
    loopback_end(&server);
    free(text);
}

Test(server, input_that_comes_while_a_rule_waits_is_kept_and_read_later)
{
    /* Far more than one connection keeps. */
    char *text = repeat("HELP\r\n", "NOOP\r\n", 50000);
    size_t count;
    int fd;

    begin((struct loopback_config){.scenario = "[HELP]\ndelay = 50ms\n"});
    fd = client_connect(&server, 0, 0);
    client_send(fd, text);
    client_send(fd, "QUIT\r\n");
    cr_assert_eq(client_drain(fd, "250 2", &count), 0);
    cr_assert_eq(count, 50000);
    close(fd);
    loopback_end(&server);
    free(text);
}

/* Sends until nothing more is taken: with nobody reading the answers, the
 * server has to stop reading the questions.  Returns how much was sent. */
static size_t send_until_full(int fd, const char *text, size_t len)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    size_t done = 0;

    while (done < len && poll(&ready, 1, 200) == 1) {
        ssize_t sent =
            send(fd, text + done, len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

        cr_assert_gt(sent, 0);
        done += (size_t)sent;
    }
    return done;
}

struct sender {
    int fd;
    const char *text;
};

static void *send_rest(void *ctx)
{
    const struct sender *sender = ctx;

    client_send(sender->fd, sender->text);
    client_send(sender->fd, "QUIT\r\n");
    return NULL;
}

Test(server, a_client_that_does_not_read_stops_the_server_and_loses_nothing)
{
    const size_t asked = 100000; /* 17 MB of answers */
    char *text = repeat("", "EHLO x\r\n", asked);
    struct sender sender;
    pthread_t thread;
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 4096);
    sender.fd = fd;
    sender.text = text + send_until_full(fd, text, strlen(text));
    cr_assert_eq(pthread_create(&thread, NULL, send_rest, &sender), 0);
    /* One EHLO answer ends in one such line. */
    cr_assert_eq(client_drain(fd, "250 ", &count), 0);
    cr_assert_eq(count, asked);
    pthread_join(thread, NULL);
    close(fd);
    loopback_end(&server);
    free(text);
}

Test(server, a_client_that_takes_no_output_is_given_up)
{
    char *text = repeat("", "EHLO x\r\n", 200000);
    int fd;

    begin((struct loopback_config){.stall_us = 1000});
    fd = client_connect(&server, 0, 4096);
    (void)send_until_full(fd, text, strlen(text));
    loopback_wait(&server, 1);
    close(fd);
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_TIMEOUT);
    free(text);
}

/* Ends. */

Test(server, a_client_that_sends_no_more_gets_its_answers)
{
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_send(fd, "EHLO client.test\r\nNOOP\r\nNOOP\r\n");
    shutdown(fd, SHUT_WR);
    cr_assert_eq(client_drain(fd, "250 2", &count), 0);
    cr_assert_eq(count, 2);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_CLIENT, SF_END_FIN);
}

Test(server, a_client_that_breaks_off_is_noticed_at_every_octet)
{
    static const char text[] =
        "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
        "DATA\r\nhello\r\n.\r\nQ";
    unsigned sessions = 0;

    begin((struct loopback_config){0});
    for (size_t len = 0; len < sizeof(text); len++) {
        char part[sizeof(text)];
        int fd = client_connect(&server, 0, 0);

        memcpy(part, text, len);
        part[len] = '\0';
        client_expect(fd, "220 ");
        client_send(fd, part);
        if (len % 2) {
            client_reset(fd);
        } else {
            close(fd);
        }
        loopback_wait(&server, ++sessions);
    }
    loopback_end(&server);
    cr_assert_null(loopback_note(&server, SF_RECORD_DISCONNECT, sessions));
}

Test(server, a_client_that_leaves_while_a_rule_stalls_is_noticed)
{
    int fd;

    begin((struct loopback_config){.scenario = "[NOOP]\ndelay = forever\n"});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "NOOP\r\nNOOP\r\n");
    close(fd);
    loopback_wait(&server, 1);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "NOOP\r\n");
    client_reset(fd);
    loopback_wait(&server, 2);
    loopback_end(&server);
    assert_end(2, SF_END_BY_CLIENT, SF_END_RESET);
}

Test(server, a_client_that_leaves_behind_more_than_is_kept_is_noticed)
{
    char *text = repeat("NOOP\r\n", "NOOP\r\n", 30000);

    begin((struct loopback_config){.scenario = "[NOOP]\ndelay = forever\n"});
    for (unsigned i = 0; i < 2; i++) {
        int fd = client_connect(&server, 0, 0);

        client_expect(fd, "220 ");
        client_send(fd, text);
        if (i == 0) {
            close(fd);
        } else {
            client_reset(fd);
        }
        loopback_wait(&server, i + 1);
    }
    loopback_end(&server);
    assert_end(1, SF_END_BY_CLIENT, SF_END_FIN);
    assert_end(2, SF_END_BY_CLIENT, SF_END_RESET);
    free(text);
}

Test(server, a_client_that_leaves_behind_more_than_the_window_takes_is_noticed)
{
    /* Its FIN cannot come: it stands behind octets that are not let in. */
    const size_t len = 64 << 20;
    char *text = malloc(len);
    int fd;

    cr_assert_not_null(text);
    memset(text, '\n', len);
    begin((struct loopback_config){.scenario = "[NOOP]\ndelay = forever\n"});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "NOOP\r\n");
    cr_assert_lt(send_until_full(fd, text, len), len);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_CLIENT, SF_END_FIN);
    free(text);
}

Test(server, a_connection_that_the_server_resets_was_not_reset_by_the_client)
{
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    loopback_reset(&server);
    cr_assert_eq(client_drain(fd, "", &count), ECONNRESET);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_RESET);
}

Test(server, a_rule_can_reset_the_connection_after_its_reply)
{
    size_t count;
    int fd;

    begin((struct loopback_config){
        .scenario = "[NOOP]\nreply = 250 2.0.0 Last words\nclose = reset\n"});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "NOOP\r\n");
    client_expect(fd, "250 2.0.0 Last words\r\n");
    cr_assert_eq(client_drain(fd, "", &count), ECONNRESET);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_RESET);
}

Test(server, what_comes_after_a_close_does_not_destroy_the_reply)
{
    char *text = repeat("QUIT\r\n", "NOOP\r\n", 20000);
    size_t count;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_send(fd, text);
    cr_assert_eq(client_drain(fd, "221 ", &count), 0);
    cr_assert_eq(count, 1);
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_QUIT);
    cr_assert_eq(loopback_note(&server, SF_RECORD_DISCONNECT, 0)->unread,
                 6 * 20000);
    free(text);
}

/* Limits. */

Test(server, too_many_connections_are_refused_and_recorded)
{
    const struct loopback_note *note;
    size_t count;
    int first;
    int second;

    begin((struct loopback_config){.scenario =
                                       "[server]\nmax-connections = 1\n"});
    first = client_connect(&server, 0, 0);
    client_expect(first, "220 ");
    second = client_connect(&server, 0, 0);
    client_send(second, "EHLO x\r\n");
    client_expect(second, "421 4.3.2 Too many connections\r\n");
    cr_assert_eq(client_drain(second, "", &count), 0);
    cr_assert_eq(count, 0);
    close(second);
    client_send(first, "QUIT\r\n");
    client_expect(first, "221 ");
    cr_assert_eq(client_drain(first, "", &count), 0);
    close(first);
    loopback_wait(&server, 1);
    second = client_connect(&server, 0, 0);
    client_expect(second, "220 ");
    close(second);
    loopback_end(&server);

    note = loopback_note(&server, SF_RECORD_CONNECT, 1);
    cr_assert_not_null(note);
    cr_assert_eq(note->session, 0);
    note = loopback_note(&server, SF_RECORD_REPLY, 1);
    cr_assert_eq(note->session, 0);
    cr_assert_eq(note->code, 421);
    assert_end(0, SF_END_BY_SERVER, SF_END_FIN);
    cr_assert_eq(loopback_note(&server, SF_RECORD_CONNECT, 2)->session, 2);
}

Test(server, no_more_sessions_are_accepted_than_asked_for)
{
    size_t count;
    int fds[3];

    begin((struct loopback_config){.max_sessions = 2});
    for (size_t i = 0; i < 3; i++) {
        fds[i] = client_connect(&server, 0, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        client_send(fds[i], "QUIT\r\n");
        client_expect(fds[i], "220 ");
        client_expect(fds[i], "221 ");
        close(fds[i]);
    }
    loopback_wait(&server, 2);
    loopback_end(&server);
    (void)client_drain(fds[2], "220 ", &count);
    cr_assert_eq(count, 0, "the third was served");
    close(fds[2]);
    cr_assert_null(loopback_note(&server, SF_RECORD_CONNECT, 2));
}

Test(server, a_record_that_cannot_be_written_ends_the_session_and_is_told)
{
    size_t count;
    int fd;

    begin((struct loopback_config){.failing_record = 1 + SF_RECORD_COMMAND});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    client_send(fd, "NOOP\r\n");
    (void)client_drain(fd, "250", &count);
    cr_assert_eq(count, 0, "answered without a record");
    close(fd);
    loopback_wait(&server, 1);
    loopback_end(&server);
    cr_assert_eq(server.error, SF_ESINK);
}

/* The run ends. */

Test(server, the_end_of_a_run_is_told_to_every_client)
{
    int fds[20];
    size_t count;

    begin((struct loopback_config){0});
    for (size_t i = 0; i < 20; i++) {
        fds[i] = client_connect(&server, 0, 0);
        client_expect(fds[i], "220 ");
    }
    loopback_renew(&server);
    for (size_t i = 0; i < 20; i++) {
        client_expect(fds[i], "421 4.3.2 ");
        (void)client_drain(fds[i], "", &count);
        cr_assert_eq(count, 0);
        close(fds[i]);
    }
    loopback_end(&server);
    assert_end(1, SF_END_BY_SERVER, SF_END_FIN);
    assert_end(20, SF_END_BY_SERVER, SF_END_FIN);
}

Test(server, the_next_run_begins_where_the_first_has_ended)
{
    const struct loopback_note *note;
    int fd;

    begin((struct loopback_config){0});
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    loopback_renew(&server);
    close(fd);
    fd = client_connect(&server, 0, 0);
    client_expect(fd, "220 ");
    close(fd);
    loopback_wait(&server, 2);
    loopback_end(&server);
    note = loopback_note(&server, SF_RECORD_CONNECT, 1);
    cr_assert_not_null(note);
    cr_assert_eq(note->session, 1, "numbers begin anew");
}

Test(server, a_server_without_connections_ends_at_once)
{
    begin((struct loopback_config){0});
    loopback_renew(&server);
    loopback_end(&server);
    cr_assert_eq(server.note_count, 0);
}
