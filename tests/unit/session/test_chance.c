/* test_chance.c - the same seed gives the same faults, in whatever order the
 * sessions of a run go on. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "smtpfault.h"

#define CLIENTS 50
#define LINES   6

static const char scenario_text[] =
    "[CONNECT]\nchance = 10%\nreply = 421 4.3.2 Not now\n"
    "[EHLO]\nattempt = 1-\ndelay = 1ms..9ms\n"
    "[MAIL]\nchance = 30%\nreply = 451 4.3.0 Chance\n"
    "[RCPT flaky]\nper = sender, recipient\nchance = 40%\nreply = 450 4.2.1 "
    "Flaky ${attempt}\n"
    "[RCPT]\nper = client\nchance = 0.5%\nreply = 550 5.1.1 Rare\n"
    "[MESSAGE]\nchance = 50%\ndelay = 1ms..9ms\nreply = 451 4.3.0 Later\n"
    "[MESSAGE]\nreply = 250 2.0.0 Ok, without a number\n";

/* One client of the run and all that it was told, with the time. */
struct client {
    struct sf_session *session;
    uint64_t now_us;
    unsigned line;
    char heard[2048];
};

/* The octets that client `number` sends in its turn `line`. */
static void put_line(char *text, size_t size, unsigned number, unsigned line)
{
    static const char *const lines[LINES][2] = {
        {"EHLO client", ".test\r\n"},
        {"MAIL FROM:<from@client", ".test>\r\n"},
        {"RCPT TO:<a@client", ".test>\r\n"},
        {"RCPT TO:<a@client", ".test>\r\n"},
        {"DATA\r\nSubject: ", "\r\n\r\n.\r\n"},
        {"RSET\r\nNOOP ", "\r\n"},
    };

    snprintf(text, size, "%s%u%s", lines[line][0], number, lines[line][1]);
}

static void take_step(struct client *client, struct sf_step step)
{
    struct sf_effects effects = {0};
    size_t len = strlen(client->heard);

    step.now_us = client->now_us;
    cr_assert_eq(sf_session_step(client->session, &step, &effects), 0);
    cr_assert_lt(len + effects.output_len, sizeof(client->heard));
    if (effects.output_len > 0) {
        memcpy(client->heard + len, effects.output, effects.output_len);
    }
    client->heard[len + effects.output_len] = '\0';
}

/* Serves what is due, noting how long it took. */
static void wait_for_answer(struct client *client)
{
    uint64_t deadline_us = sf_session_deadline(client->session);

    while (deadline_us < client->now_us + 60000000) {
        size_t len = strlen(client->heard);

        client->now_us =
            deadline_us > client->now_us ? deadline_us : client->now_us;
        snprintf(client->heard + len, sizeof(client->heard) - len, "+%d\n",
                 (int)(client->now_us % 1000000));
        take_step(client, (struct sf_step){.kind = SF_STEP_TIME});
        deadline_us = sf_session_deadline(client->session);
    }
}

static void
open_client(struct client *client, struct sf_run *run, unsigned number)
{
    char address[32];
    struct sf_session_config config = {.listener = "default",
                                       .client = address};

    snprintf(address, sizeof(address), "192.0.2.%u", number);
    client->session = sf_session_new(run, &config);
    take_step(client, (struct sf_step){.kind = SF_STEP_OPEN});
    wait_for_answer(client);
}

/* The next step of a client: it connects, or sends a line. */
static void go_on(struct client *client, struct sf_run *run, unsigned number)
{
    char text[128];
    struct sf_step step = {.kind = SF_STEP_INPUT, .data = text};

    if (client->session == NULL) {
        open_client(client, run, number);
        return;
    }
    put_line(text, sizeof(text), number, client->line++);
    step.len = strlen(text);
    take_step(client, step);
    wait_for_answer(client);
}

/* Who goes on at each turn: one client after the other, all in step, the other
 * way round in step. */
static unsigned pick(unsigned order, unsigned turn)
{
    const unsigned steps = LINES + 1;

    switch (order) {
    case 0:
        return turn / steps;
    case 1:
        return turn % CLIENTS;
    default:
        return CLIENTS - 1 - turn % CLIENTS;
    }
}

/* Plays all clients in that order.  Each is told the same in its own time. */
static void play(struct client *clients, unsigned order, uint64_t seed)
{
    struct loaded loaded = load_text(scenario_text);
    struct sf_run_config config = {
        .scenario = loaded.scenario, .seed = seed, .speed = 1};
    struct sf_run *run = NULL;

    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    run = sf_run_new(&config);
    memset(clients, 0, CLIENTS * sizeof(*clients));
    for (unsigned turn = 0; turn < CLIENTS * (LINES + 1); turn++) {
        unsigned number = pick(order, turn);

        go_on(&clients[number], run, number);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        sf_session_free(clients[i].session);
    }
    sf_run_free(run);
    loaded_fini(&loaded);
}

static struct client first[CLIENTS];
static struct client again[CLIENTS];

static size_t count_equal(void)
{
    size_t count = 0;

    for (size_t i = 0; i < CLIENTS; i++) {
        count += strcmp(first[i].heard, again[i].heard) == 0;
    }
    return count;
}

Test(chance, fifty_sessions_meet_the_same_faults_in_any_order)
{
    size_t with_faults = 0;

    play(first, 0, 1);
    for (size_t i = 0; i < CLIENTS; i++) {
        with_faults += strstr(first[i].heard, "Flaky") != NULL;
    }
    cr_assert(with_faults > 5 && with_faults < 45, "%zu", with_faults);
    for (unsigned order = 1; order < 3; order++) {
        play(again, order, 1);
        for (size_t i = 0; i < CLIENTS; i++) {
            cr_assert_str_eq(again[i].heard, first[i].heard, "order %u: %zu",
                             order, i);
        }
    }
}

Test(chance, another_seed_gives_others)
{
    play(first, 0, 1);
    play(again, 0, 2);
    cr_assert_lt(count_equal(), CLIENTS / 2);
}
