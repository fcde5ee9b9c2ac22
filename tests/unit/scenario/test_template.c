/* test_template.c - text with dynamic names. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "scenario/let.h"
#include "scenario/template.h"

static const struct sf_place place = {"t.ini", 1, 1, NULL, false};

/* The pieces as text, names in angle brackets, loops in braces. */
static void
make(const char *raw, const char *more, size_t start, char *out, size_t size)
{
    struct sf_arena arena;
    struct sf_loader loader;
    struct sf_lets lets = {0};
    struct sf_value value;
    struct sf_value tail;
    struct sf_template made;
    const struct sf_loop no_loop = {SIZE_MAX, SIZE_MAX, 0};
    size_t loop_at = 0;
    size_t len = 0;

    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
    cr_assert(
        sf_value_expand(&loader, &lets, &place, raw, SF_VALUE_PIECES, &value));
    if (more != NULL) {
        cr_assert(sf_value_expand(&loader, &lets, &place, more, SF_VALUE_PIECES,
                                  &tail));
        cr_assert(sf_value_append(&loader, &place, &value, &tail));
    }
    cr_assert(sf_template_make(&loader, &value, start, &made));
    out[0] = '\0';
    for (size_t i = 0; i < made.count; i++) {
        const struct sf_piece *piece = &made.pieces[i];
        const struct sf_loop *loop =
            loop_at < made.loop_count ? &made.loops[loop_at] : &no_loop;

        if (loop->first == i) {
            len += (size_t)snprintf(out + len, size - len, "{");
        }
        if (piece->is_name) {
            len += (size_t)snprintf(out + len, size - len, "<%s>",
                                    sf_template_name(piece->name));
        } else {
            len += (size_t)snprintf(out + len, size - len, "%.*s|",
                                    SF_SLICE_ARG(piece->literal));
        }
        if (loop->end == i + 1) {
            len += (size_t)snprintf(out + len, size - len, "}%" PRId64,
                                    (int64_t)loop->count);
            loop_at++;
        }
    }
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

Test(template, names_and_text_become_pieces_in_order)
{
    static const struct {
        const char *raw;
        const char *more;
        size_t start;
        const char *pieces;
    } cases[] = {
        {"plain", NULL, 0, "plain|"},
        {"250 plain", NULL, 4, "plain|"},
        {"250 ", NULL, 3, ""},
        {"250 ${sender}", NULL, 4, "<sender>"},
        {"250 ${sender}${size}", NULL, 4, "<sender><size>"},
        {"a ${sender} b ${queue-id} c", NULL, 0,
         "a |<sender> b |<queue-id> c|"},
        {"\"${helo}-\" * 2", NULL, 0, "{<helo>-|}2"},
        {"\"250 \" \"A\" * 3", NULL, 4, "AAA|"},
        {"\"250 \" \"A\" * 2K \"B\"", NULL, 4, "{A|}2048B|"},
        {"\"a\" \"b${size}\" * forever", NULL, 0, "a|{b|<size>}-1"},
        {"\"${size}\" * 2 \"${size}\" \"${size}c\" * 3", NULL, 0,
         "{<size>}2<size>{<size>c|}3"},
        {"250 a ${client}", "b ${session}", 4, "a |<client> b |<session>"},
        {"250 a", "${session}", 4, "a |<session>"},
    };
    char text[200];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make(cases[i].raw, cases[i].more, cases[i].start, text, sizeof(text));
        cr_expect_str_eq(text, cases[i].pieces, "%s: %s", cases[i].raw, text);
    }
}

Test(template, every_name_is_found_by_its_spelling)
{
    for (unsigned i = 0; i < SF_NAME_COUNT; i++) {
        enum sf_name found = SF_NAME_COUNT;

        cr_assert(sf_template_find_name(
            sf_slice_str(sf_template_name((enum sf_name)i)), &found));
        cr_assert_eq(found, i);
    }
}

Test(template, names_know_how_much_of_the_envelope_they_need)
{
    cr_assert_eq(sf_template_scope(SF_NAME_CLIENT), SF_SCOPE_CONNECTION);
    cr_assert_eq(sf_template_scope(SF_NAME_HELO), SF_SCOPE_SESSION);
    cr_assert_eq(sf_template_scope(SF_NAME_SENDER), SF_SCOPE_SENDER);
    cr_assert_eq(sf_template_scope(SF_NAME_DOMAIN), SF_SCOPE_RECIPIENT);
    cr_assert_eq(sf_template_scope(SF_NAME_MESSAGE), SF_SCOPE_MESSAGE);
}
