/* watch_reply.c - replies that are good and look odd: each form is there to put
 * one rule to the test. */
#include "conduct/watch.h"

#include "base/slice.h"
#include "smtp/code.h"
#include "smtp/reply.h"

#define LONG_LINE_BYTES 256 /* and nobody is used to it */
#define LINE_MAX_BYTES  512 /* RFC 5321 4.5.3.1.5 */

/* RFC 4954 4: of a line in an exchange. */
#define AUTH_LINE_MAX_BYTES 12288

static size_t get_line_bytes(const struct sf_watch_reply *reply)
{
    return reply->text.len + sizeof("250 \r\n") - 1;
}

static bool is_challenge(const struct sf_watch_reply *reply)
{
    return reply->code == 334;
}

static bool is_empty_challenge(const struct sf_watch_reply *reply)
{
    return is_challenge(reply) && reply->text.len == 0;
}

static bool is_bad_challenge(const struct sf_watch_reply *reply)
{
    return is_challenge(reply) && !sf_watch_is_base64(reply->text);
}

static bool is_long_challenge(const struct sf_watch_reply *reply)
{
    return is_challenge(reply) && get_line_bytes(reply) > LINE_MAX_BYTES &&
           get_line_bytes(reply) <= AUTH_LINE_MAX_BYTES;
}

static bool is_bare_code(const struct sf_watch_reply *reply)
{
    return !is_challenge(reply) && sf_slice_trim(reply->text).len == 0 &&
           reply->index == 0;
}

static bool is_unknown_code(const struct sf_watch_reply *reply)
{
    const struct sf_code_info *info = sf_code_find(reply->code);

    return info == NULL || info->standing == SF_CODE_UNDEFINED;
}

/* A code of another class, or an enhanced code of one, begins the text. */
static bool contradicts(const struct sf_watch_reply *reply)
{
    const char *text = reply->text.ptr;

    return reply->text.len >= 3 && text[0] >= '2' && text[0] <= '5' &&
           text[0] - '0' != sf_reply_class(reply->code) &&
           ((sf_ascii_is_digit(text[1]) && sf_ascii_is_digit(text[2]) &&
             (reply->text.len == 3 || text[3] == ' ')) ||
            sf_reply_enhanced(reply->text).len > 0);
}

static bool has_odd_octets(const struct sf_watch_reply *reply)
{
    for (size_t i = 0; i < reply->text.len; i++) {
        const char c = reply->text.ptr[i];

        if (c != '\t' && (c < ' ' || c > '~')) {
            return true;
        }
    }
    return false;
}

static bool is_long(const struct sf_watch_reply *reply)
{
    return !is_challenge(reply) && get_line_bytes(reply) > LONG_LINE_BYTES &&
           get_line_bytes(reply) <= LINE_MAX_BYTES;
}

static bool is_keyword_line(const struct sf_watch_reply *reply)
{
    return reply->index > 0 && sf_event_is_hello(reply->event);
}

static bool has_small_letters(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') {
            return true;
        }
    }
    return false;
}

static bool is_small_keyword(const struct sf_watch_reply *reply)
{
    struct sf_slice rest = reply->text;
    const struct sf_slice keyword = sf_slice_cut_word(&rest);

    return is_keyword_line(reply) && sf_capability_of_line(keyword) != 0 &&
           has_small_letters(keyword);
}

static bool is_unknown_keyword(const struct sf_watch_reply *reply)
{
    return is_keyword_line(reply) && sf_capability_of_line(reply->text) == 0;
}

static bool is_of_several_lines(const struct sf_watch_reply *reply)
{
    return reply->index > 0 && !sf_event_is_hello(reply->event);
}

static bool is_forwarded(const struct sf_watch_reply *reply)
{
    return reply->event == SF_EVENT_RCPT && reply->code == 251;
}

static bool is_other_354(const struct sf_watch_reply *reply)
{
    return reply->event == SF_EVENT_DATA && reply->code == 354 &&
           reply->is_by_rule;
}

static bool is_paced(const struct sf_watch_reply *reply)
{
    return reply->is_paced;
}

static bool is_joined(const struct sf_watch_reply *reply)
{
    return reply->is_joined;
}

/* The first that fits names the form. */
static const struct {
    enum sf_conduct_id id;
    bool (*is_form)(const struct sf_watch_reply *);
} forms[] = {
    {SF_CONDUCT_AUT_05, is_empty_challenge},
    {SF_CONDUCT_AUT_06, is_bad_challenge},
    {SF_CONDUCT_LEN_11, is_long_challenge},
    {SF_CONDUCT_REP_05, is_unknown_code},
    {SF_CONDUCT_REP_01, is_bare_code},
    {SF_CONDUCT_REP_08, contradicts},
    {SF_CONDUCT_REP_14, has_odd_octets},
    {SF_CONDUCT_REP_09, is_long},
    {SF_CONDUCT_EHL_02, is_small_keyword},
    {SF_CONDUCT_EHL_03, is_unknown_keyword},
    {SF_CONDUCT_REP_03, is_of_several_lines},
    {SF_CONDUCT_REP_10, is_paced},
    {SF_CONDUCT_REP_11, is_joined},
    {SF_CONDUCT_SEQ_23, is_forwarded},
    {SF_CONDUCT_DAT_08, is_other_354},
};

enum sf_conduct_id sf_watch_reply(const struct sf_watch_reply *reply)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].is_form(reply)) {
            return forms[i].id;
        }
    }
    return SF_CONDUCT_COUNT;
}
