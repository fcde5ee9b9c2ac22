/* watch_text.c - what the octets of a message tell of a client.
 *
 * They are looked at as they come, one run after the other.  Most octets of
 * most lines say nothing and are passed over in a tight loop. */
#include "conduct/watch.h"

#define LINE_MAX_BYTES 1000 /* RFC 5321 4.5.3.1.6, with CRLF */

/* How the line began. */
enum dot {
    DOT_NONE,   /* with anything else, or a dot that was added */
    DOT_START,  /* nothing of it was seen yet */
    DOT_ALONE,  /* a dot, of which it is open what follows */
    DOT_SMUGGLE /* the dot, behind a bare LF */
};

void sf_watch_text_init(struct sf_watch_text *text)
{
    *text = (struct sf_watch_text){.dot = DOT_START};
}

struct found {
    sf_watch_fn *call;
    void *ctx;
    size_t at;
};

static void tell(const struct found *found, enum sf_conduct_id id)
{
    found->call(found->ctx, id, found->at);
}

/* RFC 5321 4.5.2: a dot that begins a line is followed by another one, or is
 * the end. */
static void look_at_start(struct sf_watch_text *text,
                          unsigned char c,
                          const struct found *found)
{
    if (text->dot == DOT_START) {
        text->dot = c != '.'            ? DOT_NONE
                    : text->is_after_lf ? DOT_SMUGGLE
                                        : DOT_ALONE;
        return;
    }
    if (text->dot == DOT_SMUGGLE) {
        if (c == '\n' || c == '\r') {
            tell(found, SF_CONDUCT_DAT_04);
        }
    } else if (c == '.') {
        text->line_len--; /* the dot that was added */
    } else if (c != '\r') {
        tell(found, SF_CONDUCT_DAT_01);
    }
    text->dot = DOT_NONE;
}

static void end_line(struct sf_watch_text *text, bool is_bare)
{
    text->ends_in_dot = text->ends_in_dot && !is_bare && text->line_len > 3;
    text->is_after_lf = is_bare;
    text->line_len = 0;
    text->dot = DOT_START;
}

static void
look(struct sf_watch_text *text, unsigned char c, const struct found *found)
{
    const bool is_bare_cr = text->before == '\r' && c != '\n';
    const bool is_bare_lf = c == '\n' && text->before != '\r';

    text->line_len++;
    if (text->is_chunk) {
        text->dot = DOT_NONE;
    } else if (text->dot != DOT_NONE) {
        look_at_start(text, c, found);
    }
    if (is_bare_cr || is_bare_lf) {
        tell(found, SF_CONDUCT_DAT_03);
    }
    if (c == '\0' || (c > 127 && !text->is_8bit)) {
        tell(found, SF_CONDUCT_DAT_06);
    }
    if (text->line_len == LINE_MAX_BYTES + 1 && !text->is_chunk) {
        tell(found, SF_CONDUCT_LEN_05);
    }
    if (c == '\r') {
        text->ends_in_dot = text->before == '.';
    } else if (c == '\n') {
        end_line(text, is_bare_lf);
    } else {
        text->ends_in_dot = false;
    }
    text->before = c;
}

/* Octets at the start that say nothing, where a line is well under way. */
static size_t pass_over(const struct sf_watch_text *text, struct sf_slice rest)
{
    uint64_t room = LINE_MAX_BYTES - text->line_len;
    size_t len = 0;

    if (text->dot != DOT_NONE || text->before == '\r' ||
        text->line_len >= LINE_MAX_BYTES) {
        return 0;
    }
    while (len < rest.len && len < room && rest.ptr[len] >= ' ') {
        len++;
    }
    return len;
}

void sf_watch_text_feed(struct sf_watch_text *text,
                        struct sf_slice octets,
                        sf_watch_fn *found,
                        void *ctx)
{
    struct found place = {found, ctx, 0};

    while (!text->is_binary && place.at < octets.len) {
        const struct sf_slice rest = {octets.ptr + place.at,
                                      octets.len - place.at};
        const size_t dull = pass_over(text, rest);

        if (dull > 0) {
            text->line_len += dull;
            text->before = (unsigned char)rest.ptr[dull - 1];
            text->ends_in_dot = false;
            place.at += dull;
        } else {
            look(text, (unsigned char)rest.ptr[0], &place);
            place.at++;
        }
    }
}
