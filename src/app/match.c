/* match.c - the command `match`: which rule would take each command.
 *
 * The operands are checked, then played to the engine, then what came of them
 * is printed. */
#include "app/match.h"

#include <string.h>

#include "app/load.h"
#include "app/match_form.h"
#include "app/print.h"
#include "app/rehearsal.h"
#include "app/say.h"
#include "base/slice.h"
#include "base/text.h"
#include "smtp/event.h"

#define BODY "body:"

#define TEXT_LIMIT 1073741824

struct match {
    const struct sf_options *options;
    const struct sf_scenario *scenario;
    size_t at; /* the next operand */
    struct sf_rehearsal *rehearsal;
    struct sf_buf body; /* of the message that is sent next */
};

static enum sf_event event_of(const char *operand)
{
    struct sf_slice rest = sf_slice_str(operand);

    return sf_event_of_verb(sf_slice_cut_word(&rest));
}

/* CONNECT alone, or with the name of a listener. */
static bool is_connect(const char *operand)
{
    struct sf_slice rest = sf_slice_str(operand);

    return sf_slice_eq_str_nocase(sf_slice_cut_word(&rest), "CONNECT");
}

/* NULL: it names none. */
static const char *find_listener(const char *connect)
{
    struct sf_slice rest = sf_slice_str(connect);

    (void)sf_slice_cut_word(&rest);
    rest = sf_slice_skip_blanks(rest);
    return rest.len > 0 ? rest.ptr : NULL;
}

static bool is_body(const char *operand)
{
    return sf_slice_starts_nocase(sf_slice_str(operand), BODY);
}

static bool is_wait(const char *operand)
{
    return operand[0] == '+';
}

/* Checks. */

static int check_line(const char *operand)
{
    for (const char *c = operand; *c; c++) {
        if (*c == '\r' || *c == '\n') {
            sf_say(
                "a command has an end of line in it: write each one by "
                "itself");
            return SF_ESYNTAX;
        }
    }
    return 0;
}

static int check_body(const char *operand, const char *before)
{
    enum sf_event event = before ? event_of(before) : SF_EVENT_UNKNOWN;

    if (event == SF_EVENT_DATA || event == SF_EVENT_BDAT) {
        return 0;
    }
    sf_say("'%.60s' is no message here: write it behind DATA or BDAT", operand);
    return SF_ESYNTAX;
}

static int check_wait(const char *operand)
{
    uint64_t us;

    if (sf_text_parse_duration(sf_slice_str(operand + 1), &us) == 0 &&
        us != SF_FOREVER_US) {
        return 0;
    }
    sf_say("'%.60s' is no time that passes: write for example +10s or +5m",
           operand);
    return SF_ESYNTAX;
}

static int check_operands(const struct sf_options *options)
{
    int err = 0;

    if (options->is_seed_random) {
        sf_say(
            "--seed random: match shows what is drawn from one seed: give "
            "a number");
        return SF_ESYNTAX;
    }
    for (size_t i = 0; err == 0 && i < options->operand_count; i++) {
        const char *operand = options->operands[i];

        if (is_body(operand)) {
            err = check_body(operand, i > 0 ? options->operands[i - 1] : NULL);
        } else if (is_wait(operand)) {
            err = check_wait(operand);
        } else {
            err = check_line(operand);
        }
    }
    return err;
}

/* The conversation. */

static const char *peek(const struct match *match)
{
    return match->at < match->options->operand_count
               ? match->options->operands[match->at]
               : NULL;
}

/* The text of `body:`, its `\n` as ends of lines and `\\` as backslashes. */
static int read_body(struct match *match)
{
    const char *operand = peek(match);
    const char *c;

    sf_buf_clear(&match->body);
    if (!operand || !is_body(operand)) {
        return 0;
    }
    match->at++;
    for (c = operand + strlen(BODY); *c; c++) {
        if (c[0] == '\\' && (c[1] == 'n' || c[1] == '\\')) {
            c++;
            sf_buf_putc(&match->body, *c == 'n' ? '\n' : '\\');
        } else {
            sf_buf_putc(&match->body, *c);
        }
    }
    return match->body.failed;
}

/* What the named listener speaks, else what the client's first command asks
 * for. */
static enum sf_protocol
find_protocol(const struct match *match, const char *name, enum sf_event first)
{
    const struct sf_listener *listener =
        name ? sf_scenario_find_listener(match->scenario, name) : NULL;

    if (listener) {
        return listener->url.protocol;
    }
    return first == SF_EVENT_LHLO ? SF_PROTOCOL_LMTP : SF_PROTOCOL_SMTP;
}

static int open_connection(struct match *match, const char *listener)
{
    const char *next = peek(match);
    enum sf_event event = next ? event_of(next) : SF_EVENT_UNKNOWN;
    enum sf_protocol protocol = find_protocol(match, listener, event);
    int err = sf_rehearsal_open(match->rehearsal, protocol, listener);

    if (err == 0 && next && !sf_event_is_hello(event) && !is_connect(next) &&
        !is_wait(next)) {
        err =
            sf_rehearsal_say(match->rehearsal,
                             protocol == SF_PROTOCOL_LMTP ? "LHLO client.test"
                                                          : "EHLO client.test",
                             true);
    }
    return err;
}

static int play_operand(struct match *match)
{
    const char *operand = match->options->operands[match->at++];
    uint64_t us;
    int err;

    if (is_connect(operand)) {
        return open_connection(match, find_listener(operand));
    }
    if (is_wait(operand)) {
        err = sf_text_parse_duration(sf_slice_str(operand + 1), &us);
        return err == 0 ? sf_rehearsal_wait(match->rehearsal, us) : err;
    }
    err = sf_rehearsal_say(match->rehearsal, operand, false);
    if (err == 0) {
        err = read_body(match);
    }
    if (err == 0) {
        err = sf_rehearsal_send_message(match->rehearsal,
                                        sf_buf_slice(&match->body));
    }
    return err;
}

static int play(struct match *match)
{
    const char *first = peek(match);
    int err = is_connect(first) ? 0 : open_connection(match, NULL);

    while (err == 0 && match->at < match->options->operand_count) {
        err = play_operand(match);
    }
    return err;
}

/* All of it. */

/* A listener that the scenario has not was misspelt, if it has any. */
static int check_listeners(const struct sf_options *options,
                           const struct sf_scenario *scenario)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        const char *operand = options->operands[i];
        const char *name = is_connect(operand) ? find_listener(operand) : NULL;

        if (name && scenario->listener_count > 0 &&
            !sf_scenario_find_listener(scenario, name)) {
            sf_say(
                "CONNECT: the scenario has no listener '%.60s': write the "
                "name of a [listen] section",
                name);
            return SF_ESYNTAX;
        }
    }
    return 0;
}

static enum sf_status print_turns(const struct match *match)
{
    const struct sf_turn *turn = sf_rehearsal_turns(match->rehearsal);
    struct sf_buf text;

    sf_buf_init(&text, TEXT_LIMIT);
    for (; turn; turn = turn->next) {
        if (match->options->is_json) {
            sf_match_put_json(&text, turn);
        } else {
            sf_match_put_text(&text, turn);
        }
    }
    return sf_print(&text);
}

static enum sf_status run_match(const struct sf_options *options,
                                const struct sf_scenario *scenario)
{
    const struct sf_rehearsal_config config = {
        .scenario = scenario,
        .seed = sf_load_seed(options, scenario),
        .speed = options->speed};
    struct match match = {.options = options,
                          .scenario = scenario,
                          .rehearsal = sf_rehearsal_new(&config)};
    enum sf_status status;
    int err = SF_ENOMEM;

    sf_buf_init(&match.body, TEXT_LIMIT);
    if (match.rehearsal) {
        err = play(&match);
    }
    if (err == 0) {
        status = print_turns(&match);
    } else {
        sf_say("cannot match: %s", sf_strerror(err));
        status = sf_status_of(err);
    }
    sf_buf_fini(&match.body);
    sf_rehearsal_free(match.rehearsal);
    return status;
}

enum sf_status sf_match(const struct sf_options *options)
{
    struct sf_reader reader = {0};
    struct sf_scenario *scenario = NULL;
    enum sf_status status = SF_STATUS_USAGE;

    if (check_operands(options) == 0) {
        int err = sf_load_chosen(options, &reader, &scenario);

        err = err == 0 ? check_listeners(options, scenario) : err;
        status = err == 0 ? run_match(options, scenario) : sf_status_of(err);
    }
    sf_scenario_free(scenario);
    sf_reader_fini(&reader);
    return status;
}
