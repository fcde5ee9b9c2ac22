/* text.c - durations, sizes and octets as people read them. */
#include "base/text.h"

#include "base/slice.h"

#define MS_US           UINT64_C(1000)
#define SECOND_US       (1000 * MS_US)
#define MINUTE_US       (60 * SECOND_US)
#define HOUR_US         (60 * MINUTE_US)
#define DAY_US          (24 * HOUR_US)
#define DURATION_MAX_US (1000 * DAY_US)
#define SIZE_MAX_BYTES  (UINT64_C(1) << 40)

struct unit {
    const char *name;
    uint64_t factor;
};

/* Largest first: the first one that divides a duration writes it shortest. */
static const struct unit duration_units[] = {
    {"d", DAY_US},    {"h", HOUR_US}, {"m", MINUTE_US},
    {"s", SECOND_US}, {"ms", MS_US},  {NULL, 0},
};

static const struct unit size_units[] = {
    {"", 1},
    {"K", UINT64_C(1) << 10},
    {"M", UINT64_C(1) << 20},
    {"G", UINT64_C(1) << 30},
    {NULL, 0},
};

/* Reads a number and its unit, such as 64K. */
static int parse_with_unit(struct sf_slice text,
                           const struct unit *unit,
                           uint64_t max,
                           uint64_t *out)
{
    size_t len = 0;
    uint64_t number = 0;
    int err = 0;

    while (len < text.len && sf_ascii_is_digit(text.ptr[len])) {
        len++;
    }
    err = sf_slice_parse_u64(sf_slice(text.ptr, len), &number);
    if (err == SF_ESYNTAX) {
        return err;
    }
    text = sf_slice_skip(text, len);
    while (unit->name != NULL && !sf_slice_eq_str(text, unit->name)) {
        unit++;
    }
    if (unit->name == NULL) {
        return SF_ESYNTAX;
    }
    if (err != 0 || number > max / unit->factor) {
        return SF_ETOOBIG;
    }
    *out = number * unit->factor;
    return 0;
}

int sf_text_parse_duration(struct sf_slice text, uint64_t *out_us)
{
    if (sf_slice_eq_str(text, "forever")) {
        *out_us = SF_FOREVER_US;
        return 0;
    }
    return parse_with_unit(text, duration_units, DURATION_MAX_US, out_us);
}

int sf_text_parse_size(struct sf_slice text, uint64_t *out_bytes)
{
    return parse_with_unit(text, size_units, SIZE_MAX_BYTES, out_bytes);
}

void sf_text_put_duration(struct sf_buf *buf, uint64_t us)
{
    const struct unit *unit = duration_units;

    if (us == SF_FOREVER_US) {
        sf_buf_puts(buf, "forever");
        return;
    }
    if (us == 0) {
        sf_buf_puts(buf, "0s");
        return;
    }
    /* Nothing finer than a millisecond has a unit: up to the next one. */
    us = us / MS_US + (us % MS_US != 0);
    while (us % (unit->factor / MS_US) != 0) {
        unit++;
    }
    sf_buf_put_u64(buf, us / (unit->factor / MS_US));
    sf_buf_puts(buf, unit->name);
}

static unsigned char octet_at(struct sf_slice octets, size_t index)
{
    return (unsigned char)octets.ptr[index];
}

static bool is_continuation(struct sf_slice octets, size_t index)
{
    return index < octets.len && (octet_at(octets, index) & 0xc0) == 0x80;
}

/* RFC 3629 4: no overlong forms, no surrogates, nothing over U+10FFFF; all of
 * these show in the second octet. */
static size_t utf8_len_of_start(unsigned char first, unsigned char second)
{
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const bool is_overlong = first == 0xe0 && second < 0xa0;
        const bool is_surrogate = first == 0xed && second > 0x9f;

        return is_overlong || is_surrogate ? 0 : 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool is_overlong = first == 0xf0 && second < 0x90;
        const bool is_over_max = first == 0xf4 && second > 0x8f;

        return is_overlong || is_over_max ? 0 : 4;
    }
    return 0;
}

size_t sf_text_utf8_len(struct sf_slice octets)
{
    size_t len = 0;

    if (octets.len == 0) {
        return 0;
    }
    if (octet_at(octets, 0) < 0x80) {
        return 1;
    }
    if (!is_continuation(octets, 1)) {
        return 0;
    }
    len = utf8_len_of_start(octet_at(octets, 0), octet_at(octets, 1));
    for (size_t i = 2; i < len; i++) {
        if (!is_continuation(octets, i)) {
            return 0;
        }
    }
    return len;
}

size_t sf_text_printable_len(struct sf_slice octets)
{
    const size_t len = sf_text_utf8_len(octets);

    if (len == 1) {
        return octet_at(octets, 0) >= ' ' && octet_at(octets, 0) != 0x7f;
    }
    /* U+0080 to U+009F are controls, which terminals obey. */
    if (len == 2 && octet_at(octets, 0) == 0xc2 && octet_at(octets, 1) < 0xa0) {
        return 0;
    }
    return len;
}

void sf_text_put_printable(struct sf_buf *buf, struct sf_slice octets)
{
    while (octets.len > 0) {
        size_t len = sf_text_printable_len(octets);

        if (octets.ptr[0] == '\\') {
            sf_buf_puts(buf, "\\\\");
        } else if (len > 0) {
            sf_buf_append(buf, octets.ptr, len);
        } else {
            sf_buf_printf(buf, "\\x%02x", octet_at(octets, 0));
            len = 1;
        }
        octets = sf_slice_skip(octets, len);
    }
}

/* U+FFFE and U+FFFF are no characters; XML 1.0 (2.2) refuses them. */
static bool is_noncharacter(struct sf_slice octets, size_t len)
{
    return len == 3 && octet_at(octets, 0) == 0xef &&
           octet_at(octets, 1) == 0xbf && octet_at(octets, 2) >= 0xbe;
}

static const char *find_escape(const struct sf_text_escape *escapes, char c)
{
    while (escapes->c != '\0' && escapes->c != c) {
        escapes++;
    }
    return escapes->text;
}

void sf_text_put_escaped(struct sf_buf *buf,
                         struct sf_slice text,
                         const struct sf_text_escape *escapes)
{
    const char *backslash = find_escape(escapes, '\\');

    while (text.len > 0) {
        size_t len = sf_text_printable_len(text);
        const char *escape = len == 1 ? find_escape(escapes, *text.ptr) : NULL;

        if (escape != NULL) {
            sf_buf_puts(buf, escape);
        } else if (len > 0 && !is_noncharacter(text, len)) {
            sf_buf_append(buf, text.ptr, len);
        } else {
            sf_buf_puts(buf, backslash != NULL ? backslash : "\\");
            sf_buf_printf(buf, "x%02x", octet_at(text, 0));
            len = 1;
        }
        text = sf_slice_skip(text, len);
    }
}

void sf_text_put_clean(struct sf_buf *buf, struct sf_slice octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        char c = octets.ptr[i];

        if (octet_at(octets, i) < ' ' || c == 0x7f) {
            c = '?';
        }
        sf_buf_putc(buf, c);
    }
}

/* How JSON has an ASCII character, where it is not itself. */
static void put_json_ascii(struct sf_buf *buf, char c)
{
    static const char names[] = "\"\"\nn\rr\tt\bb\ff";

    if (c == '\\') {
        sf_buf_puts(buf, "\\\\\\\\");
        return;
    }
    for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
        if (c == names[i]) {
            sf_buf_putc(buf, '\\');
            sf_buf_putc(buf, names[i + 1]);
            return;
        }
    }
    if ((unsigned char)c < ' ') {
        sf_buf_printf(buf, "\\u%04x", (unsigned char)c);
    } else {
        sf_buf_putc(buf, c);
    }
}

void sf_text_put_json(struct sf_buf *buf, struct sf_slice octets)
{
    sf_buf_putc(buf, '"');
    while (octets.len > 0) {
        size_t len = sf_text_utf8_len(octets);

        if (len == 1) {
            put_json_ascii(buf, octets.ptr[0]);
        } else if (len > 1) {
            sf_buf_append(buf, octets.ptr, len);
        } else {
            sf_buf_printf(buf, "\\\\x%02x", octet_at(octets, 0));
            len = 1;
        }
        octets = sf_slice_skip(octets, len);
    }
    sf_buf_putc(buf, '"');
}
