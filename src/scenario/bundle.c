/* bundle.c - the scenarios inside the binary: by name, by what they answer. */
#include "scenario/bundle.h"

#include <string.h>

#include "base/slice.h"

#define CODE_LEN 3 /* digits */

const struct sf_bundled *sf_bundle_find(const char *name)
{
    for (size_t i = 0; i < sf_bundle_len; i++) {
        if (strcmp(name, sf_bundle[i].stem) == 0 ||
            strcmp(name, sf_bundle[i].name) == 0) {
            return &sf_bundle[i];
        }
    }
    return NULL;
}

/* Takes `reply =` off the line; whether it was there. */
static bool cut_reply_key(struct sf_slice *line)
{
    static const char key[] = "reply";
    struct sf_slice rest = *line;

    if (!sf_slice_starts_nocase(rest, key)) {
        return false;
    }
    rest = sf_slice_skip_blanks(sf_slice_skip(rest, strlen(key)));
    if (rest.len == 0 || rest.ptr[0] != '=') {
        return false;
    }
    *line = sf_slice_skip_blanks(sf_slice_skip(rest, 1));
    return true;
}

static bool begins_with_code(struct sf_slice text, int code)
{
    uint64_t number = 0;

    return text.len >= CODE_LEN &&
           (text.len == CODE_LEN || text.ptr[CODE_LEN] == ' ' ||
            text.ptr[CODE_LEN] == '-') &&
           sf_slice_parse_u64(sf_slice(text.ptr, CODE_LEN), &number) == 0 &&
           number == (uint64_t)code;
}

bool sf_bundled_answers(const struct sf_bundled *bundled, int code)
{
    struct sf_slice rest = sf_slice(bundled->text, bundled->len);
    bool is_reply = false;

    while (rest.len > 0) {
        struct sf_slice line = sf_slice_cut(&rest, '\n');

        if (line.len > 0 && sf_ascii_is_blank(line.ptr[0])) {
            line = sf_slice_skip_blanks(line);
        } else {
            is_reply = cut_reply_key(&line);
        }
        if (is_reply && begins_with_code(line, code)) {
            return true;
        }
    }
    return false;
}
