/* test_judge.c - records in, verdict out.
 *
 * A run is written as lines, each a session and what happens in it:
 *
 *   +5s                        time passes
 *   1 open | tls | quit | rset | starttls | hello
 *   1 junk FOO 500             a line that is no command
 *   1 mail a@c 250             MAIL, and the reply; `-`: none
 *   1 rcpt b@e 451             likewise
 *   1 data 354
 *   1 response * 235           of AUTH; `cancel`: it was cancelled
 *   1 answer DATA 354          the reply alone
 *   1 content <id> 250 b@e     the message, its reply, for whom it was taken
 *   1 copy <id> 250 b@e        the same, and it is a further copy
 *   1 auth PLAIN               an AUTH with credentials
 *   1 fired greylist           a rule fired
 *   1 reading greylist         it reads slowly
 *   1 breach DAT-03 MUST
 *   1 left [greylist]          the client closed; the rule was not done
 *   1 ended [greylist]         the server did
 *   0 exit 0 | timeout         of the command under test
 *
 * and the verdict as `key standing actual`, for what was written, with + for
 * met, - for failed and ? for not reached. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"
#include "base/text.h"
#include "verdict/judge.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define WAITED_MAX    8

struct play {
    struct sf_history history;
    uint64_t now_us;
    uint64_t line;
    uint64_t n;
    uint64_t transaction;
};

static void put(struct play *play, struct sf_record *record)
{
    record->t_us = play->now_us;
    cr_assert_eq(sf_history_add(&play->history, record, ++play->line), 0);
}

static void put_command(struct play *play,
                        uint64_t session,
                        const char *event,
                        const char *text)
{
    struct sf_record record = {.type = SF_RECORD_COMMAND, .session = session};

    record.transaction = play->transaction;
    record.u.command.n = ++play->n;
    record.u.command.event = event;
    record.u.command.line = sf_slice_str(text);
    record.u.command.is_cancelled = strcmp(text, "cancel") == 0;
    if (strcmp(event, "MAIL") == 0) {
        record.u.command.has_sender = true;
        record.u.command.sender = sf_slice_str(text);
    } else if (strcmp(event, "RCPT") == 0) {
        record.u.command.has_recipient = true;
        record.u.command.recipient = sf_slice_str(text);
    }
    put(play, &record);
}

static void put_reply(struct play *play,
                      uint64_t session,
                      const char *event,
                      const char *code)
{
    struct sf_slice line = sf_slice_str(code);
    struct sf_record record = {.type = SF_RECORD_REPLY, .session = session};

    if (strcmp(code, "-") == 0) {
        return;
    }
    record.u.reply.n = play->n;
    record.u.reply.event = event;
    record.u.reply.code = atoi(code);
    record.u.reply.lines = &line;
    record.u.reply.line_count = 1;
    put(play, &record);
}

static void put_exchange(struct play *play,
                         uint64_t session,
                         const char *event,
                         char words[4][64])
{
    put_command(play, session, event, words[0]);
    put_reply(play, session, event, words[1]);
}

static void put_content(struct play *play,
                        uint64_t session,
                        bool is_copy,
                        char words[4][64])
{
    const struct sf_slice recipient = sf_slice_str(words[2]);
    struct sf_record record = {.type = SF_RECORD_MESSAGE, .session = session};

    put_reply(play, session, "MESSAGE", words[1]);
    record.u.message.id = "1.1";
    record.u.message.message_id = sf_slice_str(words[0]);
    record.u.message.sha256 = "abc";
    record.u.message.octets = strlen(words[0]) * 10;
    record.u.message.recipients = &recipient;
    record.u.message.recipient_count = 1;
    record.u.message.accepted = &recipient;
    record.u.message.accepted_count = words[2][0] != '\0';
    record.u.message.duplicate_of = is_copy ? "1.0" : NULL;
    put(play, &record);
}

static void put_end(struct play *play,
                    uint64_t session,
                    enum sf_end_by by,
                    const char *waiting)
{
    struct sf_record record = {.type = SF_RECORD_DISCONNECT,
                               .session = session};

    record.u.disconnect.by = by;
    record.u.disconnect.how = SF_END_FIN;
    if (waiting[0] != '\0') {
        record.u.disconnect.waiting = (struct sf_rule_ref){waiting, "t.ini", 1};
    }
    put(play, &record);
}

static void put_exit(struct play *play, const char *word)
{
    struct sf_record record = {.type = SF_RECORD_EXIT};

    record.u.exit.status = atoi(word);
    record.u.exit.standard_output = sf_slice_str("sent 1\n");
    record.u.exit.standard_error = sf_slice_str("password: tiger\n");
    record.u.exit.duration_us = 3000000;
    record.u.exit.cpu_us = 1500000;
    record.u.exit.memory_bytes = 4096;
    record.u.exit.stop =
        strcmp(word, "timeout") == 0 ? SF_STOP_TIMEOUT : SF_STOP_NONE;
    put(play, &record);
}

/* What is not a whole exchange. */
static void put_other(struct play *play,
                      uint64_t session,
                      const char *verb,
                      char words[4][64])
{
    struct sf_record record = {.session = session};
    const struct sf_rule_ref rule = {words[0], "t.ini", 1};

    if (strcmp(verb, "open") == 0) {
        record.type = SF_RECORD_CONNECT;
        record.u.connect.peer = "127.0.0.1:1";
    } else if (strcmp(verb, "tls") == 0) {
        record.type = SF_RECORD_TLS;
        record.u.tls.ok = true;
    } else if (strcmp(verb, "fired") == 0) {
        record.type = SF_RECORD_FIRED;
        record.u.fired.rule = rule;
        record.u.fired.event = "RCPT";
    } else if (strcmp(verb, "reading") == 0) {
        record.type = SF_RECORD_FAULT;
        record.u.fault.rule = rule;
        record.u.fault.action = "read";
        record.u.fault.value = sf_slice_str("1K/1s");
    } else if (strcmp(verb, "silent") == 0) {
        record.type = SF_RECORD_FAULT;
        record.u.fault.rule = rule;
        record.u.fault.action = "reply";
        record.u.fault.value = sf_slice_str("none");
    } else if (strcmp(verb, "breach") == 0) {
        record.type = SF_RECORD_VIOLATION;
        record.u.violation.id = words[0];
        record.u.violation.level = words[1];
        record.u.violation.rfc = "RFC 5321";
        record.u.violation.text = "a rule";
    } else {
        cr_assert_fail("`%s` is no line of a run", verb);
    }
    put(play, &record);
}

static const struct {
    const char *verb;
    const char *event;
} exchanges[] = {{"mail", "MAIL"},    {"rcpt", "RCPT"},
                 {"data", "DATA"},    {"quit", "QUIT"},
                 {"rset", "RSET"},    {"hello", "EHLO"},
                 {"lhlo", "LHLO"},    {"starttls", "STARTTLS"},
                 {"junk", "UNKNOWN"}, {"response", "AUTH-RESPONSE"}};

static void play_line(struct play *play, const char *line)
{
    char verb[64] = "";
    char words[4][64] = {"", "", "", ""};
    unsigned long long session = 0;
    uint64_t us = 0;

    if (line[0] == '+') {
        cr_assert_eq(sf_text_parse_duration(sf_slice_str(line + 1), &us), 0);
        play->now_us += us;
        return;
    }
    cr_assert_geq(sscanf(line, "%llu %63s %63s %63s %63s", &session, verb,
                         words[0], words[1], words[2]),
                  2, "%s", line);
    play->transaction += strcmp(verb, "mail") == 0;
    for (size_t i = 0; i < LENGTH(exchanges); i++) {
        if (strcmp(verb, exchanges[i].verb) == 0) {
            if (strcmp(verb, "data") == 0) {
                memcpy(words[1], words[0], sizeof(words[1]));
            } else if (words[1][0] == '\0') {
                snprintf(words[1], sizeof(words[1]), "250");
            }
            put_exchange(play, session, exchanges[i].event, words);
            return;
        }
    }
    if (strcmp(verb, "content") == 0 || strcmp(verb, "copy") == 0) {
        put_content(play, session, verb[2] == 'p', words);
    } else if (strcmp(verb, "answer") == 0) {
        put_reply(play, session, words[0], words[1]);
    } else if (strcmp(verb, "auth") == 0) {
        struct sf_record record = {.type = SF_RECORD_AUTH, .session = session};

        put_command(play, session, "AUTH", "AUTH X *");
        record.u.auth.mechanism = words[0];
        put(play, &record);
    } else if (strcmp(verb, "left") == 0 || strcmp(verb, "ended") == 0) {
        put_end(play, session,
                verb[0] == 'l' ? SF_END_BY_CLIENT : SF_END_BY_SERVER, words[0]);
    } else if (strcmp(verb, "exit") == 0) {
        put_exit(play, words[0]);
    } else {
        put_other(play, session, verb, words);
    }
}

static void play_run(struct play *play, const char *run, double speed)
{
    char copy[4096];
    char *line = copy;
    struct sf_record record = {
        .type = SF_RECORD_RUN,
        .u.run = {.version = "x", .speed = speed, .wall_clock = ""}};

    cr_assert_lt(strlen(run), sizeof(copy));
    strcpy(copy, run);
    put(play, &record);
    while (*line != '\0') {
        char *end = line + strcspn(line, "\n");
        bool is_last = *end == '\0';

        *end = '\0';
        play_line(play, line);
        line = is_last ? end : end + 1;
    }
    cr_assert_eq(sf_history_end(&play->history), 0);
}

static void describe(const struct sf_outcome *outcome, char *out, size_t size)
{
    static const char signs[] = {[SF_STANDING_MET] = '+',
                                 [SF_STANDING_FAILED] = '-',
                                 [SF_STANDING_UNREACHED] = '?'};
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < outcome->result_count; i++) {
        const struct sf_result *result = &outcome->results[i];

        len += (size_t)snprintf(out + len, size - len, "%s%s %c %s",
                                i > 0 ? "; " : "", result->key,
                                signs[result->standing], result->actual);
        cr_assert_lt(len, size);
    }
}

/* The verdict on a run, in `out`; returns the exit status. */
static int judge(
    const char *scenario, const char *run, double speed, char *out, size_t size)
{
    struct loaded loaded = load_text(scenario);
    const char *waited[WAITED_MAX];
    struct play play = {.now_us = 1000};
    struct sf_judgement judgement;
    int status = 0;

    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    cr_assert_eq(sf_history_init(&play.history, waited,
                                 sf_judge_find_waited(
                                     &loaded.scenario->expectations, waited)),
                 0);
    play_run(&play, run, speed);
    cr_assert_eq(
        sf_judge(&play.history, &loaded.scenario->expectations, &judgement), 0);
    describe(&judgement.outcome, out, size);
    status = judgement.outcome.exit_status;
    sf_judgement_fini(&judgement);
    sf_history_fini(&play.history);
    loaded_fini(&loaded);
    return status;
}

/* A session in which <m> of a@c is tried for b@e. */
#define TRY(number, code)                                                      \
    number " open\n" number " hello\n" number " mail a@c\n" number             \
           " rcpt b@e " code "\n"
#define TAKEN(number, id)                                                      \
    TRY(number, "250")                                                         \
    number " data 354\n" number " content " id " 250 b@e\n"
#define QUIT(number) number " quit 221\n" number " ended\n"

static const struct {
    const char *name;
    const char *expect; /* the lines of [expect], or a whole scenario */
    const char *run;
    const char *verdict;
    int status;
} cases[] = {
    {"what is met", "sessions = 1\ntransactions = 1\nmessages = 1",
     TAKEN("1", "<m>") QUIT("1"),
     "sessions + 1; transactions + 1; messages + 1", 0},
    {"what is not", "sessions = 2..", TAKEN("1", "<m>") QUIT("1"),
     "sessions - 1", 1},
    {"nobody came", "attempts = 2..\nquit = always", "",
     "attempts ? 0; quit + no session; sessions ? 0", 4},
    {"nobody was to come", "sessions = 0", "", "sessions + 0", 0},
    {"a command that failed before it came", "sessions = 1", "0 exit 75",
     "sessions ? 0; exit - 75", 1},

    /* Retries. */
    {"a retry of a recipient belongs to the message that follows",
     "attempts = 3",
     TRY("1", "451") QUIT("1") TRY("2", "451") QUIT("2") TAKEN("3", "<m>")
         QUIT("3"),
     "attempts + 3", 0},
    {"a client that gives up", "attempts = 2..", TRY("1", "451") QUIT("1"),
     "attempts - 1", 1},
    {"messages are apart", "attempts = 1",
     TAKEN("1", "<m>") QUIT("1") TAKEN("2", "<n>") QUIT("2"), "attempts + 1",
     0},
    {"the same message again", "attempts = 1",
     TAKEN("1", "<m>") QUIT("1") TAKEN("2", "<m>") QUIT("2"), "attempts - 2",
     1},
    {"senders are apart where no message follows", "attempts = 1",
     TRY("1", "451") QUIT("1") "2 open\n2 mail z@c\n2 rcpt b@e 451\n2 left",
     "attempts + 1", 0},
    {"a transaction that was refused at MAIL", "attempts = 2\ndelivered = b@e",
     "1 open\n1 mail a@c 451\n1 quit\n1 ended\n" TAKEN("2", "<m>") QUIT("2"),
     "attempts + 2; delivered + b@e", 0},
    {"a recipient that another message is for", "attempts = 1..2",
     "1 open\n1 mail a@c\n1 rcpt b@e 250\n1 rcpt d@e 451\n1 data 354\n1 "
     "content <m> 250 b@e\n1 mail a@c\n1 rcpt d@e 250\n1 data 354\n1 content "
     "<m> 250 d@e\n1 left",
     "attempts + 1..2", 0},
    {"the case of an address is none", "attempts = 2",
     "1 open\n1 mail a@c\n1 rcpt B@E 451\n1 left\n" TAKEN("2", "<m>") QUIT("2"),
     "attempts + 2", 0},

    {"a recipient outside of a transaction is no attempt",
     "delivered = b@e\nattempts = 1",
     TAKEN("1", "<m>") "1 rcpt b@e 503\n1 rset\n1 rcpt b@e 503\n" QUIT("1"),
     "delivered + b@e; attempts + 1", 0},

    /* Gaps. */
    {"a gap begins where RSET ended the attempt", "gap = >=5m",
     TRY("1", "250") "1 rset\n+5m\n1 mail a@c\n1 rcpt b@e\n1 data 354\n1 "
                     "content <m> 250 b@e\n" QUIT("1"),
     "gap + 5m", 0},
    {"a gap begins where EHLO ended the attempt", "gap = >=5m",
     TRY("1", "250") "1 hello\n+5m\n1 mail a@c\n1 rcpt b@e\n1 data 354\n1 "
                     "content <m> 250 b@e\n" QUIT("1"),
     "gap + 5m", 0},
    {"a gap that is long enough", "gap = >=5m\nbackoff = growing",
     TRY("1", "451") QUIT("1") "+5m\n" TAKEN("2", "<m>") QUIT("2"),
     "gap + 5m; backoff + growing", 0},
    {"a gap that is not", "gap = >=5m",
     TRY("1", "451") QUIT("1") "+4m\n" TAKEN("2", "<m>") QUIT("2"), "gap - 4m",
     1},
    {"gaps that shrink", "backoff = growing",
     TRY("1", "451") QUIT("1") "+4m\n" TRY("2", "451")
         QUIT("2") "+3m\n" TAKEN("3", "<m>") QUIT("3"),
     "backoff - shrinking", 1},
    {"gaps that are the same but for the timer", "backoff = growing",
     TRY("1", "451") QUIT("1") "+60s\n" TRY("2", "451")
         QUIT("2") "+59s\n" TAKEN("3", "<m>") QUIT("3"),
     "backoff + growing", 0},
    {"what was refused is not waited for", "gap = >=5m",
     TRY("1", "550") QUIT("1") TAKEN("2", "<m>") QUIT("2"), "gap + none", 0},

    /* Recipients. */
    {"the last attempt counts", "delivered = b@e\ndeferred = 0\nrefused = 0",
     TRY("1", "451") QUIT("1") TAKEN("2", "<m>") QUIT("2"),
     "delivered + b@e; deferred + 0; refused + 0", 0},
    {"who is deferred at last", "delivered = *", TRY("1", "451") QUIT("1"),
     "delivered - none", 1},
    {"a pattern that nobody is", "delivered = b@e, x@e",
     TAKEN("1", "<m>") QUIT("1"), "delivered - b@e", 1},
    {"a negated pattern", "delivered = *, !x@e\nrefused = x@e",
     "1 open\n1 mail a@c\n1 rcpt b@e 250\n1 rcpt x@e 550\n1 data 354\n1 "
     "content <m> 250 b@e\n1 left",
     "delivered + b@e; refused + x@e", 0},
    {"a reply to the content decides", "refused = b@e",
     TRY("1", "250") "1 data 354\n1 content <m> 554\n1 left", "refused + b@e",
     0},
    {"a reply to DATA decides too", "deferred = b@e",
     TRY("1", "250") "1 data 451\n1 left", "deferred + b@e", 0},
    {"a lost connection is deferred", "deferred = b@e",
     TRY("1", "250") "1 data 354\n1 ended", "deferred + b@e", 0},
    {"under LMTP each recipient has a reply", "delivered = b@e\nrefused = d@e",
     "1 open\n1 lhlo\n1 mail a@c\n1 rcpt b@e 250\n1 rcpt x@e 550\n1 rcpt d@e "
     "250\n1 data 354\n1 content <m> 250 b@e\n1 content <m> 550\n1 left",
     "delivered + b@e; refused + x@e, d@e", 0},
    {"stop after 5yz", "after-permanent = stop",
     TRY("1", "550") QUIT("1") TRY("2", "550") QUIT("2"),
     "after-permanent - another attempt", 1},
    {"stop after 5yz to the message", "after-permanent = stop",
     TRY("1", "250") "1 data 354\n1 content <m> 554\n1 left\n" TRY(
         "2", "250") "2 left",
     "after-permanent - another attempt", 1},
    {"another message may come", "after-permanent = stop",
     TRY("1", "250") "1 data 354\n1 content <m> 554\n1 left\n" TAKEN("2", "<n>")
         QUIT("2"),
     "after-permanent + stop", 0},

    /* Messages. */
    {"a further copy", "duplicates = 0\nmessages = 1",
     TAKEN("1", "<m>") QUIT("1") TRY("2", "250") "2 data 354\n2 copy <m> 250 "
                                                 "b@e\n2 left",
     "duplicates - 1; messages + 1", 1},
    {"octets", "octets = 1..20", TAKEN("1", "<m>") QUIT("1"), "octets - 30", 1},
    {"no message", "octets = 1..20", TRY("1", "451") QUIT("1"), "octets ? none",
     4},
    {"other content",
     "content = "
     "0123456789012345678901234567890123456789012345678901234567890123",
     TAKEN("1", "<m>") QUIT("1"), "content - abc", 1},

    /* Sessions. */
    {"always", "quit = always", TAKEN("1", "<m>") QUIT("1"), "quit + always",
     0},
    {"not always", "quit = always",
     TAKEN("1", "<m>") QUIT("1") TAKEN("2", "<n>") "2 left", "quit - sometimes",
     1},
    {"a server that left", "quit = always", TAKEN("1", "<m>") "1 ended",
     "quit + no session", 0},
    {"never", "rset = never", "1 open\n1 rset\n1 left", "rset - always", 1},
    {"sometimes", "starttls = sometimes",
     "1 open\n1 hello\n1 starttls\n1 left\n2 open\n2 hello\n2 left",
     "starttls + sometimes", 0},
    {"TLS from the beginning", "starttls = always",
     "1 open\n1 tls\n1 hello\n1 left", "starttls + no session", 0},
    {"in the clear", "plaintext-mail = never\nplaintext-auth = never",
     "1 open\n1 auth PLAIN\n1 mail a@c\n1 left",
     "plaintext-mail - 1; plaintext-auth - 1", 1},
    {"in the clear, and behind a refusal of AUTH", "plaintext-auth = never",
     "1 open\n1 junk * 500\n1 left", "plaintext-auth - 1", 1},
    {"a response in the clear", "plaintext-auth = never",
     "1 open\n1 response * 235\n1 left", "plaintext-auth - 1", 1},
    {"AUTH that was cancelled", "plaintext-auth = never",
     "1 open\n1 response cancel 501\n1 left", "plaintext-auth + never", 0},
    {"no command, in the clear", "plaintext-auth = never",
     "1 open\n1 junk FOO 500\n1 left", "plaintext-auth + never", 0},
    {"inside TLS", "plaintext-mail = never\nplaintext-auth = never",
     "1 open\n1 starttls\n1 tls\n1 auth PLAIN\n1 mail a@c\n1 left",
     "plaintext-mail + never; plaintext-auth + never", 0},
    {"mechanisms", "mechanism = PLAIN, LOGIN\nauth-attempts = 2",
     "1 open\n1 auth PLAIN\n1 auth CRAM-MD5\n1 left",
     "mechanism - PLAIN, CRAM-MD5; auth-attempts + 2", 1},
    {"no AUTH", "mechanism = PLAIN", "1 open\n1 left", "mechanism ? none", 4},
    {"none but a SHOULD", "violations = none",
     "1 open\n1 breach SEQ-07 SHOULD\n1 left", "violations + none", 0},
    {"strict", "violations = strict", "1 open\n1 breach SEQ-07 SHOULD\n1 left",
     "violations - SEQ-07", 1},
    {"tolerated", "violations = DAT-03",
     "1 open\n1 breach DAT-03 MUST\n1 breach DAT-04 MUST\n1 left",
     "violations - DAT-04", 1},

    /* Rules. */
    {"not reached", "[RCPT x]\nreply = 451 4.3.0 x\n[expect]\nsessions = 1",
     "1 open\n1 left", "sessions + 1; fired.x ? 0", 4},
    {"reached", "[RCPT x]\nreply = 451 4.3.0 x\n[expect]\nsessions = 1",
     "1 open\n1 fired x\n1 left", "sessions + 1; fired.x + 1", 0},
    {"a trap that was sprung", "[RCPT x]\nfired = 0\nreply = 451 4.3.0 x",
     "1 open\n1 fired x\n1 left", "fired.x - 1", 1},
    {"not often enough", "[RCPT x]\nfired = 2\nreply = 451 4.3.0 x",
     "1 open\n1 fired x\n1 left", "fired.x ? 1", 4},
    {"nobody cares",
     "[RCPT x]\nfired = 0..\nreply = 451 4.3.0 x\n[expect]\nsessions = 1",
     "1 open\n1 left", "sessions + 1", 0},
    {"said by the section",
     "[RCPT x]\nreply = 451 4.3.0 x\n[expect]\nfired.x = 0", "1 open\n1 left",
     "fired.x + 0", 0},
    {"a client that waits",
     "[NOOP x]\ndelay = forever\n[expect]\nwaited.x = 5m..",
     "1 open\n1 hello\n1 fired x\n+5m\n1 left x", "waited.x + 5m; fired.x + 1",
     0},
    {"a client that does not",
     "[NOOP x]\ndelay = forever\n[expect]\nwaited.x = 5m..",
     "1 open\n1 hello\n1 fired x\n+4m\n1 left x", "waited.x - 4m; fired.x + 1",
     1},
    {"a client that might have",
     "[NOOP x]\ndelay = forever\n[expect]\nwaited.x = 5m..",
     "1 open\n1 hello\n1 fired x\n+4m\n1 ended x", "waited.x ? 4m; fired.x + 1",
     4},
    {"a server that reads slowly",
     "[DATA x]\nread = 1K/1s\n[expect]\nwaited.x = ..1m",
     "1 open\n1 fired x\n1 reading x\n1 data 354\n+2m\n1 left",
     "waited.x - 2m; fired.x + 1", 1},
    {"a server that answers and then reads slowly",
     "[DATA x]\nreply = default\nread = stop\n[expect]\nwaited.x = 1m..",
     "1 open\n1 data -\n1 fired x\n1 answer DATA 354\n1 reading x\n+2m\n1 left",
     "waited.x + 2m; fired.x + 1", 0},
    {"a wait that an answer ended",
     "[DATA x]\ndelay = 1m\nreply = default\n[expect]\nwaited.x = 1m",
     "1 open\n1 data -\n1 fired x\n+1m\n1 answer DATA 354\n+2m\n1 left",
     "waited.x + 1m; fired.x + 1", 0},
    {"a server that answers nothing",
     "[NOOP x]\nreply = none\n[expect]\nwaited.x = 5m..",
     "1 open\n1 hello\n1 fired x\n1 silent x\n+4m\n1 left",
     "waited.x - 4m; fired.x + 1", 1},
    {"one that has enough of a silent client",
     "[NOOP x]\nreply = none\n[expect]\nwaited.x = 10s..",
     "1 open\n1 hello\n1 fired x\n1 silent x\n+5m\n1 ended",
     "waited.x + 5m; fired.x + 1", 0},
    {"one that answers QUIT alone",
     "[NOOP x]\nreply = none\n[expect]\nwaited.x = 5m..",
     "1 open\n1 hello\n1 fired x\n1 silent x\n+4m\n1 quit\n1 ended",
     "waited.x - 4m; fired.x + 1", 1},
    {"one that closes at once",
     "[NOOP x]\nclose = fin\n[expect]\nwaited.x = 10s..",
     "1 open\n1 hello\n1 fired x\n1 ended", "waited.x ? none; fired.x + 1", 4},

    /* The command under test. */
    {"zero by default", "sessions = 1", "1 open\n1 left\n0 exit 1",
     "sessions + 1; exit - 1", 1},
    {"as expected", "exit = 75", "1 open\n1 left\n0 exit 75", "exit + 75", 0},
    {"out of time", "exit = 0", "1 open\n1 left\n0 exit timeout", "exit - 0",
     1},
    {"no command", "exit = 75", "1 open\n1 left", "exit ? none", 4},
    {"no command, and status 0 would do", "exit = 0..127", "1 open\n1 left",
     "exit + none", 0},
    {"what it wrote", "stdout = /sent [0-9]/\nstderr = !/error/",
     "1 open\n1 left\n0 exit 0",
     "stdout + sent 1; stderr + password: tiger; exit + 0", 0},
    {"what it took", "duration = <5s\ncpu = <1s\nmemory = ..1K",
     "1 open\n1 left\n0 exit 0",
     "duration + 3s; cpu - 1500ms; memory - 4096; exit + 0", 1},
    {"what it told", "secrets = never\n[users]\nscott = tiger",
     "1 open\n1 left\n0 exit 0", "secrets - stderr; exit + 0", 1},
};

Test(judge, says_of_each_run_what_was_met_and_what_was_not)
{
    for (size_t i = 0; i < LENGTH(cases); i++) {
        bool is_whole = cases[i].expect[0] == '[';
        char scenario[1024];
        char verdict[1024];
        int status = 0;

        snprintf(scenario, sizeof(scenario), "%s%s\n",
                 is_whole ? "" : "[expect]\n", cases[i].expect);
        status = judge(scenario, cases[i].run, 1, verdict, sizeof(verdict));
        cr_expect_str_eq(verdict, cases[i].verdict, "%s: %s", cases[i].name,
                         verdict);
        cr_expect_eq(status, cases[i].status, "%s: %d", cases[i].name, status);
    }
}

Test(judge, counts_gaps_and_waits_as_the_scenario_does_when_it_is_faster)
{
    char verdict[1024];

    cr_expect_eq(judge("[NOOP x]\ndelay = forever\n[expect]\ngap = 5m\n"
                       "waited.x = 2m\n",
                       TRY("1", "451") "1 fired x\n+2s\n1 left x\n+3s\n" TAKEN(
                           "2", "<m>") "2 left",
                       60, verdict, sizeof(verdict)),
                 0);
    cr_expect_str_eq(verdict, "gap + 5m; waited.x + 2m; fired.x + 1", "%s",
                     verdict);
}

/* The result of the only expectation. */
static struct sf_result find_result(const char *expect,
                                    const char *run,
                                    struct play *play,
                                    struct loaded *loaded,
                                    struct sf_judgement *judgement)
{
    *loaded = load_text(expect);
    cr_assert_not_null(loaded->scenario);
    cr_assert_eq(sf_history_init(&play->history, NULL, 0), 0);
    play_run(play, run, 1);
    cr_assert_eq(
        sf_judge(&play->history, &loaded->scenario->expectations, judgement),
        0);
    return judgement->outcome.results[0];
}

Test(judge, shows_the_dialogue_and_says_what_a_client_should_do)
{
    struct play play = {.now_us = 1000};
    struct loaded loaded;
    struct sf_judgement judgement;
    struct sf_result result =
        find_result("[expect retry]\nattempts = 2..3\n",
                    "1 open\n1 hello\n2 open\n2 hello\n1 mail a@c\n2 rset\n"
                    "1 rcpt b@e 451\n1 quit 221\n1 ended\n2 left",
                    &play, &loaded, &judgement);

    cr_expect_str_eq(result.label, "retry");
    cr_expect_str_eq(result.expected, "2..3");
    cr_expect_str_eq(result.path, "t.ini");
    cr_expect_eq(result.line, 2);
    cr_expect_str_eq(result.text,
                     "expected 2 to 3 transactions for <a@c> to <b@e>, saw 1");
    cr_expect_not_null(strstr(result.advice, "RFC 5321 4.5.4.1"));
    cr_assert_eq(result.evidence_count, 7, "%zu", result.evidence_count);
    for (size_t i = 0; i < result.evidence_count; i++) {
        cr_expect_eq(result.evidence[i].session, 1);
    }
    cr_expect_eq(result.evidence[0].line, 8);
    cr_expect_eq(result.evidence[0].side, 'C');
    cr_expect_str_eq(result.evidence[0].text, "a@c");
    cr_expect_str_eq(result.evidence[6].text, "closed by server, fin");
    sf_judgement_fini(&judgement);
    sf_history_fini(&play.history);
    loaded_fini(&loaded);
}

Test(judge, shows_octets_from_the_network_in_a_form_that_does_no_harm)
{
    struct play play = {.now_us = 1000};
    struct loaded loaded;
    struct sf_judgement judgement;
    struct sf_result result =
        find_result("[expect]\nattempts = 2\n",
                    "1 open\n1 mail a\x1b[2J@c\n1 rcpt b\xff@e 451\n1 left",
                    &play, &loaded, &judgement);

    cr_expect_not_null(strstr(result.text, "<a\\x1b[2J@c> to <b\\xff@e>"), "%s",
                       result.text);
    cr_expect_str_eq(result.evidence[0].text, "a\\x1b[2J@c");
    sf_judgement_fini(&judgement);
    sf_history_fini(&play.history);
    loaded_fini(&loaded);
}

Test(judge, judges_nothing_where_nobody_asked)
{
    static const struct {
        const char *text;
        bool is_asked;
    } scenarios[] = {
        {"[RCPT x]\nreply = 451 4.3.0 x\n", false},
        {"[RCPT x]\nfired = 0..\nreply = 451 4.3.0 x\n", false},
        {"[RCPT x]\nfired = 1\nreply = 451 4.3.0 x\n", true},
        {"[expect]\nquit = always\n", true},
    };

    for (size_t i = 0; i < LENGTH(scenarios); i++) {
        struct loaded loaded = load_text(scenarios[i].text);
        const struct sf_history history = {.session_count = 0};

        cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
        cr_expect_eq(
            sf_judge_is_wanted(&loaded.scenario->expectations, &history),
            scenarios[i].is_asked, "%s", scenarios[i].text);
        loaded_fini(&loaded);
    }
}

Test(judge, says_of_a_run_that_is_too_long_that_it_was_not_judged_as_a_whole)
{
    struct loaded loaded = load_text("[expect]\nattempts = 1..\n");
    struct play play = {.now_us = 1000};
    struct sf_judgement judgement;
    char verdict[256];

    cr_assert_eq(sf_history_init(&play.history, NULL, 0), 0);
    play_line(&play, "1 open");
    for (size_t i = 0; i < SF_HISTORY_ITEMS_MAX + 1; i++) {
        put_command(&play, 1, "MAIL", "a@c");
    }
    cr_assert_eq(sf_history_end(&play.history), 0);
    cr_assert_eq(
        sf_judge(&play.history, &loaded.scenario->expectations, &judgement), 0);
    describe(&judgement.outcome, verdict, sizeof(verdict));
    cr_expect_str_eq(verdict, "attempts + 262144; limits ? its beginning", "%s",
                     verdict);
    cr_expect_eq(judgement.outcome.exit_status, 4);
    cr_expect_leq(play.history.dialogue.count, SF_DIALOGUE_LINES_MAX);
    sf_judgement_fini(&judgement);
    sf_history_fini(&play.history);
    loaded_fini(&loaded);
}
