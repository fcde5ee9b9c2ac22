/* conduct_offer.c - what EHLO answers offered, as far as a client may go wrong
 * with it. */
#include "session/conduct_offer.h"

#include "base/slice.h"
#include "session/session.h"

/* `NAME=number` of LIMITS.  Returns whether it is as it should be. */
static bool read_limit(struct sf_conduct *conduct, struct sf_slice item)
{
    static const char *const names[SF_LIMIT_COUNT] = {
#define X(name, text) [SF_LIMIT_##name] = (text),
        SF_LIMIT_MAP(X)
#undef X
    };
    const struct sf_slice name = sf_slice_cut(&item, '=');
    uint64_t number = 0;

    for (size_t i = 0; i < SF_LIMIT_COUNT; i++) {
        if (sf_slice_eq_str_nocase(name, names[i])) {
            if (sf_slice_parse_u64(item, &number) != 0 || number == 0) {
                return false;
            }
            conduct->limits[i] = number > UINT16_MAX ? 0 : (uint16_t)number;
            return true;
        }
    }
    return false;
}

static void read_limits(struct sf_conduct *conduct, struct sf_slice rest)
{
    while (rest.len > 0) {
        rest = sf_slice_skip_blanks(rest);
        conduct->has_odd_limits |=
            !read_limit(conduct, sf_slice_cut_word(&rest));
        rest = sf_slice_skip_blanks(rest);
    }
}

static void read_size(struct sf_conduct *conduct, struct sf_slice rest)
{
    uint64_t size = 0;

    conduct->size_max = sf_slice_parse_u64(sf_slice_trim(rest), &size) == 0 &&
                                size <= UINT32_MAX
                            ? (uint32_t)size
                            : 0;
}

/* The first line has no keywords (RFC 5321 4.1.1.1): what looks like one is
 * remembered, to see whether it is used. */
static void begin_offer(struct sf_session *session,
                        const struct sf_reply_line *line)
{
    struct sf_conduct *conduct = &session->conduct;
    struct sf_slice rest = line->text;

    conduct->earlier |= (uint32_t)session->offered;
    conduct->first_line = 0;
    conduct->size_max = 0;
    conduct->has_odd_limits = false;
    conduct->is_one_line = line->is_last;
    if (conduct->hellos < 3) {
        conduct->hellos++;
    }
    for (size_t i = 0; i < SF_LIMIT_COUNT; i++) {
        conduct->has_new_limits |= conduct->limits[i] > 0;
        conduct->limits[i] = 0;
    }
    while (rest.len > 0) {
        conduct->first_line |=
            (uint32_t)sf_capability_of_line(sf_slice_cut_word(&rest));
        rest = sf_slice_skip_blanks(rest);
    }
}

void sf_conduct_hear_offer(struct sf_session *session,
                           const struct sf_exchange *exchange,
                           const struct sf_reply_line *line)
{
    const sf_capability_set keyword = sf_capability_of_line(line->text);
    struct sf_slice rest = line->text;

    if (sf_reply_class(line->code) != 2) {
        return;
    }
    if (exchange->said_lines == 0) {
        begin_offer(session, line);
        return;
    }
    sf_slice_cut_word(&rest);
    if (keyword == SF_CAPABILITY_BIT(SF_CAPABILITY_SIZE)) {
        read_size(&session->conduct, rest);
    } else if (keyword == SF_CAPABILITY_BIT(SF_CAPABILITY_LIMITS)) {
        read_limits(&session->conduct, rest);
    }
}

/* The rules of single capabilities; the others are EHL-05. */
static const struct {
    enum sf_capability capability;
    enum sf_conduct_id id;
} rules[] = {
    {SF_CAPABILITY_AUTH, SF_CONDUCT_AUT_01},
    {SF_CAPABILITY_CHUNKING, SF_CONDUCT_CHK_07},
    {SF_CAPABILITY_BINARYMIME, SF_CONDUCT_CHK_07},
    {SF_CAPABILITY_DSN, SF_CONDUCT_DSN_01},
    {SF_CAPABILITY_SMTPUTF8, SF_CONDUCT_UTF_01},
    {SF_CAPABILITY_REQUIRETLS, SF_CONDUCT_TLS_14},
};

/* Why the client may have thought that it was offered. */
static enum sf_conduct_id find_rule(const struct sf_session *session,
                                    enum sf_event event,
                                    enum sf_capability capability)
{
    const struct sf_conduct *conduct = &session->conduct;
    const uint32_t bit = (uint32_t)SF_CAPABILITY_BIT(capability);

    if (!session->is_esmtp) {
        return SF_CONDUCT_SEQ_06;
    }
    if (conduct->first_line & bit) {
        return SF_CONDUCT_EHL_01;
    }
    if (conduct->earlier & bit) {
        return session->is_tls && conduct->hellos < 2 ? SF_CONDUCT_TLS_02
                                                      : SF_CONDUCT_EHL_07;
    }
    if (conduct->is_one_line) {
        return SF_CONDUCT_EHL_04;
    }
    if (capability == SF_CAPABILITY_AUTH && event == SF_EVENT_MAIL) {
        return SF_CONDUCT_AUT_16;
    }
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].capability == capability) {
            return rules[i].id;
        }
    }
    return SF_CONDUCT_EHL_05;
}

static void use(const struct sf_session *session,
                enum sf_event event,
                enum sf_capability capability,
                struct sf_conduct_set *broken)
{
    if (!(session->offered & SF_CAPABILITY_BIT(capability))) {
        sf_conduct_set_add(broken, find_rule(session, event, capability));
    }
}

void sf_conduct_use_offer(const struct sf_session *session,
                          const struct sf_command *command,
                          struct sf_conduct_set *broken)
{
    static const struct {
        enum sf_event event;
        enum sf_capability capability;
    } commands[] = {
        {SF_EVENT_STARTTLS, SF_CAPABILITY_STARTTLS},
        {SF_EVENT_AUTH, SF_CAPABILITY_AUTH},
        {SF_EVENT_BDAT, SF_CAPABILITY_CHUNKING},
        {SF_EVENT_ETRN, SF_CAPABILITY_ETRN},
        {SF_EVENT_BURL, SF_CAPABILITY_BURL},
        {SF_EVENT_XCLIENT, SF_CAPABILITY_XCLIENT},
        {SF_EVENT_XFORWARD, SF_CAPABILITY_XFORWARD},
    };

    /* Without EHLO it is SEQ-05 or TLS-03. */
    if (!session->has_greeted || session->conduct.is_vague_offer) {
        return;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        /* TLS-01 is about the one inside TLS. */
        if (commands[i].event == command->event &&
            (command->event != SF_EVENT_STARTTLS || !session->is_tls)) {
            use(session, command->event, commands[i].capability, broken);
        }
    }
    for (size_t i = 0; i < command->param_count; i++) {
        const enum sf_capability capability =
            sf_watch_param(command->event, &command->params[i]);

        if (capability != SF_CAPABILITY_COUNT) {
            use(session, command->event, capability, broken);
        }
        if (capability == SF_CAPABILITY_BINARYMIME) {
            use(session, command->event, SF_CAPABILITY_CHUNKING, broken);
        }
    }
}
