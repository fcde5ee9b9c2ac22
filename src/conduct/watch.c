/* watch.c - what the octets of a command line alone tell of a client, one row
 * for each rule. */
#include "conduct/watch.h"

#include <string.h>

#include "base/slice.h"

/* RFC 5321 4.5.3.1, in octets. */
#define LOCAL_PART_MAX 64
#define DOMAIN_MAX     255
#define PATH_MAX_BYTES 256
#define LINE_MAX_BYTES 512

void sf_conduct_set_add(struct sf_conduct_set *set, enum sf_conduct_id id)
{
    set->words[id / 64] |= UINT64_C(1) << (id % 64);
}

void sf_conduct_set_join(struct sf_conduct_set *set,
                         const struct sf_conduct_set *other)
{
    for (size_t i = 0; i < SF_CONDUCT_WORDS; i++) {
        set->words[i] |= other->words[i];
    }
}

bool sf_conduct_set_is_empty(const struct sf_conduct_set *set)
{
    uint64_t any = 0;

    for (size_t i = 0; i < SF_CONDUCT_WORDS; i++) {
        any |= set->words[i];
    }
    return any == 0;
}

bool sf_conduct_set_has(const struct sf_conduct_set *set, enum sf_conduct_id id)
{
    return (set->words[id / 64] >> (id % 64) & 1) != 0;
}

/* The name of the client. */

static bool is_literal(struct sf_slice name)
{
    return name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
}

static bool is_helo_literal(const struct sf_watch_line *line)
{
    return line->command->argument.len > 0 &&
           line->command->argument.ptr[0] == '[';
}

/* RFC 5321 2.3.5: labels of letters, digits and hyphens, two at least. */
static bool is_full_domain(struct sf_slice name)
{
    size_t labels = 0;

    while (name.ptr != NULL) {
        const struct sf_slice label = sf_slice_cut(&name, '.');

        if (label.len == 0 || label.ptr[0] == '-' ||
            label.ptr[label.len - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < label.len; i++) {
            if (!sf_ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-' &&
                (unsigned char)label.ptr[i] < 0x80) {
                return false;
            }
        }
        labels++;
    }
    return labels >= 2;
}

/* LMTP takes a name of any kind: its client is of the same house. */
static bool is_bad_name(const struct sf_watch_line *line)
{
    const struct sf_slice name = line->command->argument;

    return !is_full_domain(name) && !is_literal(name);
}

/* Paths. */

/* RFC 5321 3.3: `FROM:<` or `TO:<`, and one blank before it. */
static bool is_loose_path(const struct sf_watch_line *line)
{
    const struct sf_command *command = line->command;
    const char *start = command->event == SF_EVENT_MAIL ? "FROM:<" : "TO:<";

    return !sf_slice_starts_nocase(command->argument, start) ||
           command->argument.ptr != command->verb.ptr + command->verb.len + 1;
}

static struct sf_slice get_local_part(const struct sf_watch_line *line)
{
    const struct sf_slice mailbox = line->command->path.mailbox;
    const struct sf_slice domain = sf_path_domain(mailbox);

    if (!line->command->has_path) {
        return sf_slice(NULL, 0);
    }
    return sf_slice(mailbox.ptr, domain.len > 0 ? mailbox.len - domain.len - 1
                                                : mailbox.len);
}

static bool is_long_local_part(const struct sf_watch_line *line)
{
    return get_local_part(line).len > LOCAL_PART_MAX;
}

static bool is_long_domain(const struct sf_watch_line *line)
{
    const struct sf_command *command = line->command;

    if (sf_event_is_hello(command->event)) {
        return command->argument.len > DOMAIN_MAX;
    }
    return command->has_path &&
           sf_path_domain(command->path.mailbox).len > DOMAIN_MAX;
}

/* From bracket to bracket, a source route included. */
static bool is_long_path(const struct sf_watch_line *line)
{
    struct sf_slice rest = line->command->argument;
    size_t start = sf_slice_find(rest, '<');

    return line->command->has_path &&
           (size_t)(line->command->path.mailbox.ptr +
                    line->command->path.mailbox.len + 1 - rest.ptr) -
                   start >
               PATH_MAX_BYTES;
}

static bool is_empty_quoted(const struct sf_watch_line *line)
{
    struct sf_slice rest = line->command->argument;

    sf_slice_cut(&rest, '<');
    return sf_slice_starts_nocase(rest, "\"\"@") ||
           sf_slice_starts_nocase(rest, "\"\">");
}

/* Lengths. */

/* What the parameters of an extension add to the longest line, by the keyword
 * that offers them. */
static const struct {
    enum sf_event event;
    enum sf_capability capability;
    unsigned bytes;
} increments[] = {
    {SF_EVENT_MAIL, SF_CAPABILITY_SIZE, 26},
    {SF_EVENT_MAIL, SF_CAPABILITY_AUTH, 500},
    {SF_EVENT_MAIL, SF_CAPABILITY_8BITMIME, 17},
    {SF_EVENT_MAIL, SF_CAPABILITY_BINARYMIME, 16},
    {SF_EVENT_MAIL, SF_CAPABILITY_SMTPUTF8, 10},
    {SF_EVENT_MAIL, SF_CAPABILITY_DSN, 124},
    {SF_EVENT_MAIL, SF_CAPABILITY_REQUIRETLS, 11},
    {SF_EVENT_MAIL, SF_CAPABILITY_DELIVERBY, 17},
    {SF_EVENT_MAIL, SF_CAPABILITY_FUTURERELEASE, 34},
    {SF_EVENT_MAIL, SF_CAPABILITY_MT_PRIORITY, 15},
    {SF_EVENT_MAIL, SF_CAPABILITY_MTRK, 40},
    {SF_EVENT_MAIL, SF_CAPABILITY_CHECKPOINT, 88},
    {SF_EVENT_MAIL, SF_CAPABILITY_NO_SOLICITING, 1007},
    {SF_EVENT_RCPT, SF_CAPABILITY_DSN, 528},
    {SF_EVENT_RCPT, SF_CAPABILITY_SMTPUTF8, 10},
    {SF_EVENT_RCPT, SF_CAPABILITY_RRVS, 33},
};

static bool is_long_line(const struct sf_watch_line *line)
{
    uint64_t limit = LINE_MAX_BYTES;

    for (size_t i = 0; i < sizeof(increments) / sizeof(increments[0]); i++) {
        if (increments[i].event == line->command->event &&
            (line->offered & SF_CAPABILITY_BIT(increments[i].capability))) {
            limit += increments[i].bytes;
        }
    }
    return line->line_bytes > limit;
}

/* AUTH. */

/* What stands behind the mechanism, with its blank. */
static struct sf_slice get_initial(const struct sf_watch_line *line)
{
    struct sf_slice rest = line->command->argument;

    sf_slice_cut_word(&rest);
    return rest;
}

static bool is_empty_initial(const struct sf_watch_line *line)
{
    const struct sf_slice initial = get_initial(line);

    return initial.len > 0 && sf_slice_trim(initial).len == 0;
}

static bool is_long_initial(const struct sf_watch_line *line)
{
    return line->line_bytes > LINE_MAX_BYTES && get_initial(line).len > 0;
}

static bool is_bad_initial(const struct sf_watch_line *line)
{
    const struct sf_slice initial = sf_slice_trim(get_initial(line));

    return initial.len > 0 && !sf_slice_eq_str(initial, "=") &&
           !sf_watch_is_base64(initial);
}

static bool is_bad_response(const struct sf_watch_line *line)
{
    const struct sf_slice response = line->command->argument;

    return !sf_slice_eq_str(response, "*") && !sf_watch_is_base64(response);
}

/* Parameters. */

static const struct {
    const char *keyword;
    enum sf_event event;
    enum sf_capability capability;
} params[] = {
#define X(keyword, where, capability, value)                                   \
    {(keyword), SF_EVENT_##where, SF_CAPABILITY_##capability},
#include "smtp/param.def"
#undef X
};

enum sf_capability sf_watch_param(enum sf_event event,
                                  const struct sf_param *param)
{
    if (event == SF_EVENT_MAIL &&
        sf_slice_eq_str_nocase(param->keyword, "BODY") &&
        sf_slice_eq_str_nocase(param->value, "BINARYMIME")) {
        return SF_CAPABILITY_BINARYMIME;
    }
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        if (params[i].event == event &&
            sf_slice_eq_str_nocase(param->keyword, params[i].keyword)) {
            return params[i].capability;
        }
    }
    return SF_CAPABILITY_COUNT;
}

static const struct sf_param *find_param(const struct sf_watch_line *line,
                                         const char *keyword)
{
    const struct sf_command *command = line->command;

    for (size_t i = 0; i < command->param_count; i++) {
        if (sf_slice_eq_str_nocase(command->params[i].keyword, keyword)) {
            return &command->params[i];
        }
    }
    return NULL;
}

static bool is_hex(char c)
{
    return sf_ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* RFC 3461 4. */
static bool is_xtext(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (c < '!' || c > '~' || c == '=' ||
            (c == '+' && (text.len - i < 3 || !is_hex(text.ptr[i + 1]) ||
                          !is_hex(text.ptr[i + 2])))) {
            return false;
        }
    }
    return true;
}

static bool is_bad_xtext(const struct sf_param *param)
{
    return param != NULL && !is_xtext(param->value);
}

static bool is_bad_auth_param(const struct sf_watch_line *line)
{
    const struct sf_param *param = find_param(line, "AUTH");

    return is_bad_xtext(param) && !sf_slice_eq_str(param->value, "<>");
}

static bool is_bad_envid(const struct sf_watch_line *line)
{
    return is_bad_xtext(find_param(line, "ENVID"));
}

/* The type stands before the semicolon; RFC 6533 3: a `utf-8` address is no
 * xtext. */
static bool is_bad_orcpt(const struct sf_watch_line *line)
{
    const struct sf_param *param = find_param(line, "ORCPT");
    struct sf_slice address = {NULL, 0};
    struct sf_slice type;

    if (param == NULL) {
        return false;
    }
    address = param->value;
    type = sf_slice_cut(&address, ';');
    return address.ptr == NULL ||
           (!sf_slice_eq_str_nocase(type, "utf-8") && !is_xtext(address));
}

static bool is_never_and_more(const struct sf_watch_line *line)
{
    const struct sf_param *param = find_param(line, "NOTIFY");
    struct sf_slice rest = {NULL, 0};
    size_t count = 0;
    bool has_never = false;

    if (param != NULL) {
        rest = param->value;
    }
    for (; rest.ptr != NULL; count++) {
        has_never |= sf_slice_eq_str_nocase(sf_slice_cut(&rest, ','), "NEVER");
    }
    return has_never && count > 1;
}

static bool is_bare_lf(const struct sf_watch_line *line)
{
    return line->is_bare_lf;
}

/* An address beyond ASCII in MAIL without the parameter; RCPT has none, so that
 * the session asks its MAIL. */
static bool is_utf8_unannounced(const struct sf_watch_line *line)
{
    return line->command->has_path && !line->command->path.is_ascii &&
           find_param(line, "SMTPUTF8") == NULL;
}

#define E(name) SF_EVENT_BIT(SF_EVENT_##name)

#define EVERY_EVENT (SF_EVENT_BIT(SF_EVENT_COUNT) - 1)
#define PATHS       (E(MAIL) | E(RCPT))
#define HELLOS      (E(EHLO) | E(HELO))

static const struct {
    enum sf_conduct_id id;
    sf_event_set events;
    bool (*is_broken)(const struct sf_watch_line *);
} checks[] = {
    {SF_CONDUCT_EHL_06, E(HELO), is_helo_literal},
    {SF_CONDUCT_SEQ_07, HELLOS, is_bad_name},
    {SF_CONDUCT_SEQ_10, PATHS, is_loose_path},
    {SF_CONDUCT_LEN_01, PATHS, is_long_local_part},
    {SF_CONDUCT_LEN_02, PATHS | HELLOS, is_long_domain},
    {SF_CONDUCT_LEN_03, PATHS, is_long_path},
    {SF_CONDUCT_LEN_04, EVERY_EVENT & ~(E(AUTH) | E(AUTH_RESPONSE)),
     is_long_line},
    {SF_CONDUCT_AUT_03, E(AUTH), is_empty_initial},
    {SF_CONDUCT_AUT_04, E(AUTH), is_long_initial},
    {SF_CONDUCT_AUT_07, E(AUTH), is_bad_initial},
    {SF_CONDUCT_AUT_07, E(AUTH_RESPONSE), is_bad_response},
    {SF_CONDUCT_AUT_16, E(MAIL), is_bad_auth_param},
    {SF_CONDUCT_DAT_03, EVERY_EVENT, is_bare_lf},
    {SF_CONDUCT_DSN_01, E(RCPT), is_never_and_more},
    {SF_CONDUCT_DSN_02, E(MAIL), is_bad_envid},
    {SF_CONDUCT_DSN_02, E(RCPT), is_bad_orcpt},
    {SF_CONDUCT_UTF_01, E(MAIL), is_utf8_unannounced},
    {SF_CONDUCT_BIS_02, PATHS, is_empty_quoted},
};

void sf_watch_line(const struct sf_watch_line *line,
                   struct sf_conduct_set *broken)
{
    const sf_event_set event = SF_EVENT_BIT(line->command->event);

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if ((checks[i].events & event) && checks[i].is_broken(line)) {
            sf_conduct_set_add(broken, checks[i].id);
        }
    }
}

bool sf_watch_is_base64(struct sf_slice text)
{
    size_t end = text.len;

    if (text.len % 4 != 0) {
        return false;
    }
    while (end > 0 && text.len - end < 2 && text.ptr[end - 1] == '=') {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        if (!sf_ascii_is_alnum(text.ptr[i]) && text.ptr[i] != '+' &&
            text.ptr[i] != '/') {
            return false;
        }
    }
    return true;
}
