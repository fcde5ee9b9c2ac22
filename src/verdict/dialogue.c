/* dialogue.c - what was said, kept as evidence.
 *
 * Only the first lines of a run are kept, so that memory is bounded whatever a
 * client does; a run that is a test has few. */
#include "verdict/dialogue.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/slice.h"
#include "base/text.h"

void sf_dialogue_init(struct sf_dialogue *dialogue, struct sf_arena *arena)
{
    *dialogue = (struct sf_dialogue){.arena = arena};
    sf_buf_init(&dialogue->text, 4 * SF_DIALOGUE_LINE_SIZE_MAX + 1024);
}

void sf_dialogue_fini(struct sf_dialogue *dialogue)
{
    free(dialogue->lines);
    sf_buf_fini(&dialogue->text);
}

/* Room for one more line; NULL without memory. */
static struct sf_evidence *make_room(struct sf_dialogue *dialogue)
{
    if (dialogue->count == dialogue->size) {
        size_t size = dialogue->size == 0 ? 64 : dialogue->size * 2;
        struct sf_evidence *lines =
            realloc(dialogue->lines, size * sizeof(*lines));

        if (lines == NULL) {
            return NULL;
        }
        dialogue->lines = lines;
        dialogue->size = size;
    }
    return &dialogue->lines[dialogue->count];
}

/* The text is gathered in dialogue->text. */
static int add_line(struct sf_dialogue *dialogue,
                    const struct sf_record *record,
                    uint64_t number,
                    char side,
                    const struct sf_rule_ref *rule)
{
    struct sf_evidence *line = make_room(dialogue);
    const char *text = NULL;

    if (line == NULL || dialogue->text.failed == SF_ENOMEM) {
        return SF_ENOMEM;
    }
    text = sf_arena_dup(dialogue->arena, sf_buf_slice(&dialogue->text));
    *line = (struct sf_evidence){.line = number,
                                 .session = record->session,
                                 .t_us = record->t_us,
                                 .side = side,
                                 .text = text};
    if (rule != NULL && rule->label != NULL) {
        line->rule.label = sf_arena_strdup(dialogue->arena, rule->label);
        line->rule.path = sf_arena_strdup(dialogue->arena,
                                          rule->path != NULL ? rule->path : "");
        line->rule.line = rule->line;
        if (line->rule.label == NULL || line->rule.path == NULL) {
            return SF_ENOMEM;
        }
    }
    dialogue->count += text != NULL;
    return text != NULL ? 0 : SF_ENOMEM;
}

static void put_octets(struct sf_dialogue *dialogue, struct sf_slice octets)
{
    bool is_cut = octets.len > SF_DIALOGUE_LINE_SIZE_MAX;

    if (is_cut) {
        octets.len = SF_DIALOGUE_LINE_SIZE_MAX;
    }
    sf_text_put_printable(&dialogue->text, octets);
    sf_buf_puts(&dialogue->text, is_cut ? "..." : "");
}

static int add_command(struct sf_dialogue *dialogue,
                       const struct sf_record *record,
                       uint64_t line)
{
    put_octets(dialogue, record->u.command.line);
    return add_line(dialogue, record, line, 'C', NULL);
}

static int add_reply(struct sf_dialogue *dialogue,
                     const struct sf_record *record,
                     uint64_t line)
{
    size_t count = record->u.reply.line_count;
    int err = 0;

    for (size_t i = 0; i < count && err == 0; i++) {
        bool is_left_out =
            i >= SF_DIALOGUE_REPLY_LINES_MAX - 1 && i + 1 < count;

        if (!is_left_out) {
            sf_buf_clear(&dialogue->text);
            put_octets(dialogue, record->u.reply.lines[i]);
            err = add_line(dialogue, record, line, 'S', &record->u.reply.rule);
        }
    }
    return err;
}

static int add_fault(struct sf_dialogue *dialogue,
                     const struct sf_record *record,
                     uint64_t line)
{
    sf_buf_puts(&dialogue->text, record->u.fault.action);
    sf_buf_puts(&dialogue->text, " ");
    put_octets(dialogue, record->u.fault.value);
    return add_line(dialogue, record, line, '-', &record->u.fault.rule);
}

static int add_tls(struct sf_dialogue *dialogue,
                   const struct sf_record *record,
                   uint64_t line)
{
    const struct sf_tls_info *info = &record->u.tls.info;

    if (record->u.tls.ok) {
        sf_buf_puts(&dialogue->text,
                    info->version != NULL ? info->version : "TLS");
    } else {
        sf_buf_puts(&dialogue->text, "no TLS");
    }
    if (info->alert != NULL) {
        sf_buf_printf(&dialogue->text, ", alert %s", info->alert);
    }
    return add_line(dialogue, record, line, '-', NULL);
}

static int add_message(struct sf_dialogue *dialogue,
                       const struct sf_record *record,
                       uint64_t line)
{
    sf_buf_printf(&dialogue->text,
                  "message of %" PRIu64 " octets, taken for %zu of %zu%s",
                  record->u.message.octets, record->u.message.accepted_count,
                  record->u.message.recipient_count,
                  record->u.message.duplicate_of != NULL ? ", a further copy"
                                                         : "");
    return add_line(dialogue, record, line, '-', NULL);
}

static int add_violation(struct sf_dialogue *dialogue,
                         const struct sf_record *record,
                         uint64_t line)
{
    sf_buf_printf(&dialogue->text, "violation of %s: ", record->u.violation.id);
    put_octets(dialogue, sf_slice_str(record->u.violation.text));
    return add_line(dialogue, record, line, '-', NULL);
}

static int add_disconnect(struct sf_dialogue *dialogue,
                          const struct sf_record *record,
                          uint64_t line)
{
    sf_buf_printf(&dialogue->text, "closed by %s, %s",
                  sf_record_end_by_name(record->u.disconnect.by),
                  sf_record_end_how_name(record->u.disconnect.how));
    return add_line(dialogue, record, line, '-', &record->u.disconnect.waiting);
}

typedef int add_fn(struct sf_dialogue *dialogue,
                   const struct sf_record *record,
                   uint64_t line);

/* NULL: it says nothing that the others do not. */
static add_fn *const adders[SF_RECORD_COUNT] = {
    [SF_RECORD_COMMAND] = add_command,
    [SF_RECORD_REPLY] = add_reply,
    [SF_RECORD_FAULT] = add_fault,
    [SF_RECORD_TLS] = add_tls,
    [SF_RECORD_MESSAGE] = add_message,
    [SF_RECORD_VIOLATION] = add_violation,
    [SF_RECORD_DISCONNECT] = add_disconnect,
};

int sf_dialogue_add(struct sf_dialogue *dialogue,
                    const struct sf_record *record,
                    uint64_t line)
{
    if (adders[record->type] == NULL || record->session == 0 ||
        dialogue->count >= SF_DIALOGUE_LINES_MAX) {
        return 0;
    }
    sf_buf_clear(&dialogue->text);
    return adders[record->type](dialogue, record, line);
}

/* The first line that is not before `number`. */
static size_t find_line(const struct sf_dialogue *dialogue, uint64_t number)
{
    size_t low = 0;
    size_t high = dialogue->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (dialogue->lines[middle].line < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct sf_evidence *sf_dialogue_cut(const struct sf_dialogue *dialogue,
                                          struct sf_arena *arena,
                                          const struct sf_mark *mark,
                                          size_t *out_count)
{
    size_t first = find_line(dialogue, mark->first);
    size_t end = find_line(dialogue, mark->last + 1);
    size_t count = 0;
    struct sf_evidence *cut = NULL;

    *out_count = 0;
    if (mark->first == 0) {
        return NULL;
    }
    cut = sf_arena_alloc(arena, SF_DIALOGUE_SHOWN_MAX * sizeof(*cut));
    if (cut == NULL) {
        return NULL;
    }
    /* Backwards, to the end of the room. */
    for (size_t i = end; i > first && count < SF_DIALOGUE_SHOWN_MAX; i--) {
        const struct sf_evidence *line = &dialogue->lines[i - 1];

        if (line->session == mark->session) {
            count++;
            cut[SF_DIALOGUE_SHOWN_MAX - count] = *line;
        }
    }
    *out_count = count;
    return cut + (SF_DIALOGUE_SHOWN_MAX - count);
}
