/* history.c - what the clients of a run did, out of its records.
 *
 * Each record is handed to the row of its type; a session is looked up by its
 * number from its `connect` to its `disconnect`.  What a session still does
 * when the records end is ended by sf_history_end(). */
#include "verdict/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/slice.h"
#include "base/text.h"
#include "verdict/visit.h"

static unsigned hash_key(const void *ptr, size_t len)
{
    return (unsigned)sf_hash_octets(0, (struct sf_slice){ptr, len});
}

#define HASH_NONFATAL_OOM              1
#define HASH_FUNCTION(key, len, value) (value) = hash_key((key), (len))
#include <uthash.h>

/* A session that goes on. */
struct sf_visit_entry {
    UT_hash_handle hh;
    struct sf_visit visit;
};

/* Octets of a name with its kind: of a Message-ID field, at most. */
#define KEY_SIZE_MAX 262208

/* Sessions. */

/* NOLINTBEGIN(readability-function-*,clang-analyzer-unix.Malloc): the size is
 * that of uthash's macros, and the analyzer does not see that they take what is
 * freed out of the list. */
static struct sf_visit_entry *find_entry(const struct sf_history *history,
                                         uint64_t number)
{
    struct sf_visit_entry *entry = NULL;

    HASH_FIND(hh, history->visits, &number, sizeof(number), entry);
    return entry;
}

static struct sf_visit_entry *add_entry(struct sf_history *history,
                                        uint64_t number)
{
    struct sf_visit_entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL) {
        return NULL;
    }
    entry->visit.number = number;
    HASH_ADD(hh, history->visits, visit.number, sizeof(number), entry);
    if (entry->hh.tbl == NULL) { /* uthash found no memory */
        free(entry);
        return NULL;
    }
    return entry;
}

static void drop_entry(struct sf_history *history, struct sf_visit_entry *entry)
{
    HASH_DEL(history->visits, entry);
    free(entry->visit.envelope.addressees);
    free(entry);
}
/* NOLINTEND(readability-function-*,clang-analyzer-unix.Malloc) */

/* Records. */

static int add_run(struct sf_history *history,
                   struct sf_visit *visit,
                   const struct sf_record *record,
                   uint64_t line)
{
    (void)visit;
    (void)line;
    history->seed = record->u.run.seed;
    history->speed = record->u.run.speed;
    history->begin_us = record->t_us;
    history->wall_clock =
        sf_arena_strdup(&history->arena, record->u.run.wall_clock);
    if (record->u.run.argc > 0) {
        history->command =
            sf_arena_strdup(&history->arena, record->u.run.argv[0]);
        for (size_t i = 1; i < record->u.run.argc && history->command != NULL;
             i++) {
            history->command =
                sf_arena_printf(&history->arena, "%s %s", history->command,
                                record->u.run.argv[i]);
        }
        return history->command == NULL || history->wall_clock == NULL
                   ? SF_ENOMEM
                   : 0;
    }
    return history->wall_clock == NULL ? SF_ENOMEM : 0;
}

/* The name is one of a table, or of a journal that goes. */
static int add_auth(struct sf_history *history,
                    struct sf_visit *visit,
                    const struct sf_record *record,
                    uint64_t line)
{
    const char *name = record->u.auth.mechanism;
    struct sf_mechanism_use *use = history->mechanisms;
    size_t i = 0;

    if (visit == NULL) {
        return 0;
    }
    name = name == NULL ? "" : name;
    while (i < history->mechanism_count && strcmp(use[i].name, name) != 0) {
        i++;
    }
    if (i == SF_HISTORY_MECHANISMS_MAX) {
        history->has_overflowed = true;
        return 0;
    }
    if (i == history->mechanism_count) {
        use[i] = (struct sf_mechanism_use){
            .name = sf_arena_strdup(&history->arena, name),
            .first = {visit->number, visit->where.first, line}};
        if (use[i].name == NULL) {
            return SF_ENOMEM;
        }
        history->mechanism_count++;
    }
    use[i].count++;
    return 0;
}

static int add_fired(struct sf_history *history,
                     struct sf_visit *visit,
                     const struct sf_record *record,
                     uint64_t line)
{
    bool is_new = false;
    struct sf_firings *firings = NULL;

    if (record->u.fired.rule.label == NULL) {
        return 0;
    }
    firings = sf_map_get(history->firings,
                         sf_slice_str(record->u.fired.rule.label), &is_new);
    if (firings == NULL) {
        return SF_ENOMEM;
    }
    firings->count++;
    firings->last =
        (struct sf_mark){record->session, line > 1 ? line - 1 : 1, line + 1};
    if (is_new) {
        firings->first = firings->last;
    }
    return sf_visit_fired(history, visit, record, line);
}

static int add_breach(struct sf_history *history,
                      const struct sf_record *record,
                      struct sf_breach *breach)
{
    struct sf_arena *arena = &history->arena;

    *breach = (struct sf_breach){
        .id = sf_arena_strdup(arena, record->u.violation.id),
        .level = sf_arena_strdup(arena, record->u.violation.level),
        .rfc = sf_arena_strdup(arena, record->u.violation.rfc),
        .text = sf_arena_strdup(arena, record->u.violation.text)};
    return breach->id == NULL || breach->level == NULL || breach->rfc == NULL ||
                   breach->text == NULL
               ? SF_ENOMEM
               : 0;
}

/* The octets that broke the rule, printable; "" if there were none. */
static const char *show_bytes(struct sf_history *history,
                              const struct sf_record *record)
{
    struct sf_buf text;
    const char *kept = NULL;

    sf_buf_init(&text, (size_t)8 * SF_RECORD_BYTES_MAX);
    sf_text_put_printable(&text, record->u.violation.bytes);
    if (!text.failed) {
        kept = sf_arena_dup(&history->arena, sf_buf_slice(&text));
    }
    sf_buf_fini(&text);
    return kept;
}

static int add_violation(struct sf_history *history,
                         struct sf_visit *visit,
                         const struct sf_record *record,
                         uint64_t line)
{
    struct sf_breach *breach = history->breaches;
    size_t i = 0;

    (void)visit;
    while (i < history->breach_count &&
           strcmp(breach[i].id, record->u.violation.id) != 0) {
        i++;
    }
    if (i == SF_HISTORY_BREACHES_MAX) {
        history->has_overflowed = true;
        return 0;
    }
    if (i == history->breach_count) {
        if (add_breach(history, record, &breach[i]) != 0) {
            return SF_ENOMEM;
        }
        breach[i].first =
            (struct sf_evidence){.line = line,
                                 .session = record->session,
                                 .t_us = record->t_us,
                                 .side = 'C',
                                 .text = show_bytes(history, record)};
        if (breach[i].first.text == NULL) {
            return SF_ENOMEM;
        }
        history->breach_count++;
    }
    breach[i].count++;
    return 0;
}

static int copy_output(struct sf_history *history,
                       struct sf_slice output,
                       struct sf_slice *out_copy)
{
    out_copy->ptr = sf_arena_dup(&history->arena, output);
    out_copy->len = output.len;
    return out_copy->ptr == NULL ? SF_ENOMEM : 0;
}

static int add_exit(struct sf_history *history,
                    struct sf_visit *visit,
                    const struct sf_record *record,
                    uint64_t line)
{
    struct sf_exit *ended = &history->exit;
    int err = copy_output(history, record->u.exit.standard_output,
                          &ended->standard_output);

    (void)visit;
    ended->is_known = true;
    ended->status = record->u.exit.status;
    ended->stop = record->u.exit.stop;
    ended->is_cut = record->u.exit.is_cut;
    ended->duration_us = record->u.exit.duration_us;
    ended->cpu_us = record->u.exit.cpu_us;
    ended->memory_bytes = record->u.exit.memory_bytes;
    ended->line = line;
    return err != 0 ? err
                    : copy_output(history, record->u.exit.standard_error,
                                  &ended->standard_error);
}

/* NULL: nothing that is judged. */
static sf_visit_fn *const adders[SF_RECORD_COUNT] = {
    [SF_RECORD_RUN] = add_run,
    [SF_RECORD_DISCONNECT] = sf_visit_disconnect,
    [SF_RECORD_COMMAND] = sf_visit_command,
    [SF_RECORD_REPLY] = sf_visit_reply,
    [SF_RECORD_AUTH] = add_auth,
    [SF_RECORD_FIRED] = add_fired,
    [SF_RECORD_FAULT] = sf_visit_fault,
    [SF_RECORD_TLS] = sf_visit_tls,
    [SF_RECORD_MESSAGE] = sf_visit_message,
    [SF_RECORD_VIOLATION] = add_violation,
    [SF_RECORD_EXIT] = add_exit,
};

/* The session of the record, made by its `connect`; NULL: it has none. */
static int find_or_add(struct sf_history *history,
                       const struct sf_record *record,
                       uint64_t line,
                       struct sf_visit_entry **out_entry)
{
    struct sf_visit_entry *entry = NULL;

    if (record->session > 0) {
        entry = find_entry(history, record->session);
    }
    if (entry == NULL && record->session > 0 &&
        record->type == SF_RECORD_CONNECT) {
        entry = add_entry(history, record->session);
        if (entry == NULL) {
            return SF_ENOMEM;
        }
        history->session_count++;
        entry->visit.where = (struct sf_mark){record->session, line, line};
    }
    if (entry != NULL) {
        sf_visit_see(&entry->visit, record, line);
    }
    *out_entry = entry;
    return 0;
}

/* Adds a record whose time is not before that of the one above it. */
static int add_in_order(struct sf_history *history,
                        const struct sf_record *record,
                        uint64_t line)
{
    struct sf_visit_entry *entry = NULL;
    int err = find_or_add(history, record, line, &entry);

    history->end_us = record->t_us;
    if (err == 0) {
        err = sf_dialogue_add(&history->dialogue, record, line);
    }
    if (err == 0 && adders[record->type] != NULL) {
        err = adders[record->type](
            history, entry == NULL ? NULL : &entry->visit, record, line);
    }
    if (entry != NULL && record->type == SF_RECORD_DISCONNECT) {
        drop_entry(history, entry);
    }
    return err;
}

/* The lines of a journal that somebody edited may have any order: time stands
 * still there, it does not go back. */
int sf_history_add(struct sf_history *history,
                   const struct sf_record *record,
                   uint64_t line)
{
    struct sf_record later;

    if (record->t_us >= history->end_us) {
        return add_in_order(history, record, line);
    }
    later = *record;
    later.t_us = history->end_us;
    return add_in_order(history, &later, line);
}

int sf_history_end(struct sf_history *history)
{
    int err = 0;

    while (history->visits != NULL && err == 0) {
        err = sf_visit_end(history, &history->visits->visit);
        drop_entry(history, history->visits);
    }
    return err;
}

int sf_history_init(struct sf_history *history,
                    const char *const *waited,
                    size_t waited_count)
{
    *history = (struct sf_history){.waited = waited,
                                   .waited_count = waited_count,
                                   .speed = 1,
                                   .wall_clock = ""};
    sf_arena_init(&history->arena);
    sf_dialogue_init(&history->dialogue, &history->arena);
    sf_buf_init(&history->key, KEY_SIZE_MAX);
    history->name_ids = sf_map_new(sizeof(uint32_t), SF_HISTORY_NAMES_MAX + 1);
    history->firings =
        sf_map_new(sizeof(struct sf_firings), SF_HISTORY_ITEMS_MAX);
    history->accepted = sf_map_new(1, SF_HISTORY_ITEMS_MAX);
    history->breaches =
        calloc(SF_HISTORY_BREACHES_MAX, sizeof(*history->breaches));
    if (history->name_ids == NULL || history->firings == NULL ||
        history->accepted == NULL || history->breaches == NULL) {
        sf_history_fini(history);
        return SF_ENOMEM;
    }
    return 0;
}

void sf_history_fini(struct sf_history *history)
{
    struct sf_visit_entry *entry = history->visits;

    while (entry != NULL) {
        struct sf_visit_entry *next = entry->hh.next;

        drop_entry(history, entry);
        entry = next;
    }
    sf_dialogue_fini(&history->dialogue);
    sf_map_free(history->name_ids);
    sf_map_free(history->firings);
    sf_map_free(history->accepted);
    sf_buf_fini(&history->key);
    free(history->breaches);
    free(history->names);
    free(history->attempts);
    free(history->waits);
    free(history->receipts);
    sf_arena_fini(&history->arena);
    *history = (struct sf_history){0};
}

const struct sf_firings *sf_history_find_firings(struct sf_history *history,
                                                 const char *label)
{
    return sf_map_find(history->firings, sf_slice_str(label));
}
