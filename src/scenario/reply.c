/* reply.c - the lines of `reply`.
 *
 * A value that begins with a code, or is quoted, or is one of the two words,
 * begins a line; a continuation that does not goes on with the text of the
 * line before, so that a long line can be written in several. */
#include "scenario/reply.h"

#include <string.h>

#include "scenario/suspect.h"
#include "scenario/template.h"

void sf_action_list_add(struct sf_action_list *actions,
                        const struct sf_action *action,
                        const struct sf_place *place)
{
    struct sf_action *added = &actions->items[actions->count];

    if (actions->count < actions->room) {
        *added = *action;
        added->path = place->path;
        added->line = place->line;
        actions->places[actions->count++] = *place;
    }
}

/* The group that stands in the place of the code; 0: none does. */
static unsigned find_code_group(const struct sf_value *value)
{
    struct sf_slice text = value->text;

    if (value->name_count == 0 || value->names[0].offset > 0 ||
        (value->name_count > 1 && value->names[1].offset == 0) ||
        (text.len > 0 && text.ptr[0] != ' ' && text.ptr[0] != '-')) {
        return 0;
    }
    return sf_template_group(value->names[0].name);
}

/* Three digits or a group, then nothing, a blank or a hyphen; no other dynamic
 * name among them. */
static bool starts_with_code(const struct sf_value *value)
{
    struct sf_slice text = value->text;

    if (find_code_group(value) > 0) {
        return true;
    }
    if (value->name_count > 0 && value->names[0].offset <= 3 &&
        value->names[0].offset <= text.len) {
        return false;
    }
    return text.len >= 3 && sf_ascii_is_digit(text.ptr[0]) &&
           sf_ascii_is_digit(text.ptr[1]) && sf_ascii_is_digit(text.ptr[2]) &&
           (text.len == 3 || text.ptr[3] == ' ' || text.ptr[3] == '-');
}

static bool find_word(const struct sf_value *value, enum sf_action_kind *out)
{
    if (value->name_count > 0) {
        return false;
    }
    if (sf_slice_eq_str(value->text, "none")) {
        *out = SF_ACTION_REPLY_NONE;
        return true;
    }
    if (sf_slice_eq_str(value->text, "default")) {
        *out = SF_ACTION_REPLY_DEFAULT;
        return true;
    }
    return false;
}

/* Whether a continuation is a line of its own. */
static bool starts_line(const struct sf_entry *entry,
                        const struct sf_value *value)
{
    enum sf_action_kind kind;

    return entry->value[0] == '"' || starts_with_code(value) ||
           find_word(value, &kind);
}

static bool expand(struct sf_loader *loader,
                   struct sf_lets *lets,
                   const struct sf_entry *entry,
                   struct sf_value *out_value)
{
    if (entry->is_faulty) {
        return false;
    }
    if (entry->has_comment) {
        sf_loader_warn(loader, &entry->place, SF_REPLY_SEMICOLON,
                       "the reply ends before blank and `;`");
    }
    if (entry->value[0] == '\0') {
        sf_loader_error(loader, &entry->place, "`reply = none` answers nothing",
                        "`reply` has no value");
        return false;
    }
    if (!sf_value_expand(loader, lets, &entry->place, entry->value,
                         SF_VALUE_PIECES, out_value)) {
        return false;
    }
    sf_suspect_text(loader, &entry->place, out_value);
    return true;
}

static void report_no_code(struct sf_loader *loader,
                           const struct sf_entry *entry,
                           const struct sf_value *value)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, value->text);
    sf_suggestion_offer(&suggestion, "none");
    sf_suggestion_offer(&suggestion, "default");
    sf_loader_error(loader, &entry->place,
                    sf_suggestion_hint(&suggestion, loader,
                                       "for example `reply = 451 4.7.1 Try "
                                       "again later`"),
                    "a reply line begins with a code of three digits, then a "
                    "blank, `-` or nothing");
}

bool sf_reply_check_octets(struct sf_loader *loader,
                           const struct sf_place *place,
                           struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n') {
            sf_loader_error(loader, place,
                            "every line takes a `reply` of its own, its end "
                            "is added; raw octets are for `send`",
                            "a reply line cannot hold CR or LF");
            return false;
        }
    }
    return true;
}

/* Fills in code and text; false: reported. */
static bool parse_line(struct sf_loader *loader,
                       const struct sf_place *place,
                       const struct sf_value *value,
                       struct sf_action *action)
{
    struct sf_slice text = value->text;
    unsigned group = find_code_group(value);
    size_t code_len = group > 0 ? 0 : 3;
    bool has_text = text.len > code_len;
    size_t start = code_len + has_text;

    if (value->loop_count > 0 && value->loops[0].start < start) {
        sf_loader_error(loader, place,
                        "the first piece holds the code and a blank or `-`, "
                        "and is not repeated",
                        "the code of a reply cannot be repeated so often");
        return false;
    }
    action->u.reply.code_group = group;
    if (group == 0) {
        action->u.reply.code = (text.ptr[0] - '0') * 100 +
                               (text.ptr[1] - '0') * 10 + (text.ptr[2] - '0');
    }
    action->u.reply.is_last = !has_text || text.ptr[code_len] == ' ';
    action->u.reply.has_text = has_text;
    return sf_reply_check_octets(loader, place, text) &&
           (!has_text ||
            sf_template_make(loader, value, start, &action->u.reply.text));
}

static void compile_line(struct sf_loader *loader,
                         const struct sf_entry *entry,
                         const struct sf_value *value,
                         struct sf_action_list *actions)
{
    struct sf_action action = {.kind = SF_ACTION_REPLY};
    bool is_ok = true;

    if (!find_word(value, &action.kind)) {
        is_ok = starts_with_code(value);
        if (is_ok) {
            is_ok = parse_line(loader, &entry->place, value, &action);
        } else {
            report_no_code(loader, entry, value);
        }
    }
    if (is_ok) {
        sf_action_list_add(actions, &action, &entry->place);
    }
}

/* The line that is being put together. */
struct line {
    const struct sf_entry *entry; /* where it begins */
    struct sf_value value;
    bool is_ok;
};

/* Goes on with the text of the line. */
static void append(struct sf_loader *loader,
                   const struct sf_entry *entry,
                   const struct sf_value *more,
                   struct line *line)
{
    enum sf_action_kind kind;

    if (!line->is_ok) {
        return; /* reported */
    }
    if (find_word(&line->value, &kind)) {
        sf_loader_error(loader, &entry->place,
                        "a further reply begins with its code",
                        "`reply = %.*s` has no text to go on with",
                        SF_SLICE_ARG(line->value.text));
        return;
    }
    line->is_ok = sf_value_append(loader, &entry->place, &line->value, more);
}

static void finish_line(struct sf_loader *loader,
                        const struct line *line,
                        struct sf_action_list *actions)
{
    if (line->is_ok) {
        compile_line(loader, line->entry, &line->value, actions);
    }
}

const struct sf_entry *sf_reply_compile(struct sf_loader *loader,
                                        struct sf_lets *lets,
                                        const struct sf_entry *entry,
                                        struct sf_action_list *actions)
{
    struct line line = {.entry = entry};

    line.is_ok = expand(loader, lets, entry, &line.value);
    entry = entry->next;
    while (entry != NULL && entry->is_continuation) {
        struct sf_value more;

        if (!expand(loader, lets, entry, &more)) {
            /* Reported; what goes on with it is checked all the same. */
        } else if (starts_line(entry, &more)) {
            finish_line(loader, &line, actions);
            line = (struct line){entry, more, true};
        } else {
            append(loader, entry, &more, &line);
        }
        entry = entry->next;
    }
    finish_line(loader, &line, actions);
    return entry;
}
