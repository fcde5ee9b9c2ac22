/* command.c - one command line, taken apart. */
#include "smtp/command.h"

#include "base/slice.h"
#include "smtp/param.h"

#define CHUNK_SIZE_MAX (UINT64_MAX / 2)

/* `FROM:` or `TO:`, a path, and the parameters that `event` knows. */
static void parse_path_argument(struct sf_command *command,
                                const char *prefix,
                                enum sf_event event,
                                sf_capability_set offered)
{
    struct sf_slice rest = command->argument;

    command->fault = SF_ARGUMENT_NO_PATH;
    if (!sf_slice_starts_nocase(rest, prefix)) {
        return;
    }
    sf_slice_cut(&rest, ':');
    rest = sf_slice_skip_blanks(rest);
    if (sf_path_parse(&rest, &command->path) != 0) {
        return;
    }
    command->has_path = true;
    if (rest.len > 0 && !sf_ascii_is_blank(rest.ptr[0])) {
        command->fault = SF_ARGUMENT_BAD_PARAM;
        return;
    }
    command->fault = SF_ARGUMENT_OK;
    sf_param_parse(rest, event, offered, command);
}

typedef void parse_fn(struct sf_command *command, sf_capability_set offered);

static void parse_mail(struct sf_command *command, sf_capability_set offered)
{
    parse_path_argument(command, "FROM:", SF_EVENT_MAIL, offered);
}

static void parse_rcpt(struct sf_command *command, sf_capability_set offered)
{
    parse_path_argument(command, "TO:", SF_EVENT_RCPT, offered);
}

/* RFC 3030 2: the size, and LAST on the last chunk.  The limit leaves room to
 * add chunks up. */
static void parse_bdat(struct sf_command *command, sf_capability_set offered)
{
    struct sf_slice rest = command->argument;
    const struct sf_slice size = sf_slice_cut_word(&rest);
    const struct sf_slice last = sf_slice_trim(rest);
    const bool is_last = sf_slice_eq_str_nocase(last, "LAST");
    uint64_t octets = 0;

    (void)offered;
    if (sf_slice_parse_u64(size, &octets) != 0 || octets > CHUNK_SIZE_MAX ||
        (last.len > 0 && !is_last)) {
        return;
    }
    command->has_chunk = true;
    command->chunk_size = octets;
    command->is_last = is_last;
}

/* The verbs whose argument has a form; SEND and its kin are MAIL under other
 * names (RFC 821 3.4). */
static parse_fn *const parsers[SF_EVENT_COUNT] = {
    [SF_EVENT_MAIL] = parse_mail, [SF_EVENT_RCPT] = parse_rcpt,
    [SF_EVENT_BDAT] = parse_bdat, [SF_EVENT_SEND] = parse_mail,
    [SF_EVENT_SOML] = parse_mail, [SF_EVENT_SAML] = parse_mail,
};

void sf_command_parse(struct sf_slice line,
                      sf_capability_set offered,
                      struct sf_command *out_command)
{
    struct sf_slice rest = line;
    const struct sf_slice verb = sf_slice_cut_word(&rest);

    *out_command = (struct sf_command){
        .event = sf_event_of_verb(verb),
        .line = line,
        .verb = verb,
        .argument = sf_slice_skip_blanks(rest),
    };
    if (parsers[out_command->event] != NULL) {
        parsers[out_command->event](out_command, offered);
    }
}
