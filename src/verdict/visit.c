/* visit.c - what a client does in one session. */
#include "verdict/visit.h"

#include <string.h>

#include "base/slice.h"

void sf_visit_see(struct sf_visit *visit,
                  const struct sf_record *record,
                  uint64_t line)
{
    visit->where.last = line;
    /* The command may begin the next transaction; if not, its reply is of
     * this one. */
    if (visit->envelope.is_open && record->type != SF_RECORD_COMMAND) {
        visit->envelope.where.last = line;
    }
}

static void note_slip(struct sf_slip *slip, const struct sf_mark *where)
{
    if (slip->count++ == 0) {
        slip->first = *where;
    }
}

static void note_custom(struct sf_custom *custom,
                        bool does,
                        bool could,
                        const struct sf_mark *where)
{
    if (does) {
        if (custom->with++ == 0) {
            custom->first_with = *where;
        }
    } else if (could) {
        if (custom->without++ == 0) {
            custom->first_without = *where;
        }
    }
}

/* A client cannot say QUIT to a server that has left, nor STARTTLS where TLS
 * came first. */
static void note_customs(struct sf_history *history,
                         const struct sf_visit *visit,
                         bool is_left_by_server)
{
    if (!visit->has_spoken) {
        return;
    }
    note_custom(&history->quit, visit->has_quit, !is_left_by_server,
                &visit->where);
    note_custom(&history->rset, visit->has_reset, true, &visit->where);
    note_custom(&history->starttls, visit->has_starttls, !visit->has_begun_tls,
                &visit->where);
}

/* Waits. */

static int put_wait(struct sf_history *history,
                    const struct sf_burden *burden,
                    uint64_t now_us,
                    bool is_over,
                    const struct sf_mark *where)
{
    struct sf_wait *room =
        sf_visit_make_room(history, history->waits, sizeof(*room),
                           history->wait_count, &history->wait_size);

    if (room == NULL) {
        return history->has_overflowed ? 0 : SF_ENOMEM;
    }
    history->waits = room;
    room[history->wait_count++] =
        (struct sf_wait){.rule = burden->rule,
                         .us = now_us - burden->begin_us,
                         .is_over = is_over,
                         .where = *where};
    return 0;
}

/* What was answered may yet stop reading, so that it stays until something else
 * comes. */
static bool is_done(const struct sf_burden *burden)
{
    return burden->is_answered && !burden->has_reading;
}

static void note_done(struct sf_visit *visit, uint64_t now_us)
{
    visit->burden.end_us = now_us;
    visit->burden.where = visit->where;
}

static int end_burden(struct sf_history *history,
                      struct sf_visit *visit,
                      uint64_t now_us,
                      bool is_over)
{
    int err = 0;

    if (visit->burden.rule != NULL) {
        err = is_done(&visit->burden)
                  ? put_wait(history, &visit->burden, visit->burden.end_us,
                             true, &visit->burden.where)
                  : put_wait(history, &visit->burden, now_us, is_over,
                             &visit->where);
        visit->burden.rule = NULL;
    }
    return err;
}

/* The label as the expectations have it; NULL: nobody asks for its waits. */
static const char *find_waited(const struct sf_history *history,
                               const char *label)
{
    for (size_t i = 0; i < history->waited_count; i++) {
        if (strcmp(history->waited[i], label) == 0) {
            return history->waited[i];
        }
    }
    return NULL;
}

int sf_visit_fired(struct sf_history *history,
                   struct sf_visit *visit,
                   const struct sf_record *record,
                   uint64_t line)
{
    const char *label = NULL;
    int err = 0;

    (void)line;
    if (visit != NULL && record->u.fired.rule.label != NULL) {
        label = find_waited(history, record->u.fired.rule.label);
    }
    if (label == NULL) {
        return 0;
    }
    err = end_burden(history, visit, record->t_us, true);
    visit->burden = (struct sf_burden){
        .rule = label, .begin_us = record->t_us, .n = visit->n};
    return err;
}

/* Records. */

/* What a client says in the clear and should not. */
static void check_plaintext(struct sf_history *history,
                            const struct sf_visit *visit,
                            const struct sf_record *record,
                            uint64_t line)
{
    struct sf_slice event = sf_slice_str(record->u.command.event);
    struct sf_slice text = record->u.command.line;
    const struct sf_mark here = {visit->number, line, line};
    bool is_response = sf_slice_eq_str(event, "AUTH-RESPONSE") &&
                       !record->u.command.is_cancelled;
    bool has_initial = sf_slice_eq_str(event, "AUTH") && text.len > 2 &&
                       text.ptr[text.len - 1] == '*';
    /* AUTH was refused, and the client goes on with it. */
    bool is_unasked =
        sf_slice_eq_str(event, "UNKNOWN") && sf_slice_eq_str(text, "*");

    if (visit->is_tls) {
        return;
    }
    if (sf_slice_eq_str(event, "MAIL")) {
        note_slip(&history->plaintext_mail, &here);
    } else if (is_response || has_initial || is_unasked) {
        /* The journal shows `*` in the place of what may be a secret. */
        note_slip(&history->plaintext_auth, &here);
    }
}

static void note_command(struct sf_history *history,
                         struct sf_visit *visit,
                         const struct sf_record *record,
                         uint64_t line)
{
    struct sf_slice event = sf_slice_str(record->u.command.event);
    const struct sf_mark here = {visit->number, line, line};

    visit->has_spoken = true;
    visit->n = record->u.command.n;
    if (sf_slice_eq_str(event, "QUIT")) {
        visit->has_quit = true;
    } else if (sf_slice_eq_str(event, "RSET")) {
        visit->has_reset = true;
    } else if (sf_slice_eq_str(event, "STARTTLS")) {
        visit->has_starttls = true;
    } else if (sf_slice_eq_str(event, "LHLO")) {
        visit->is_lmtp = true;
    } else if (sf_slice_eq_str(event, "AUTH")) {
        history->auth_count++;
        note_slip(&history->auths, &here);
    }
    check_plaintext(history, visit, record, line);
}

int sf_visit_command(struct sf_history *history,
                     struct sf_visit *visit,
                     const struct sf_record *record,
                     uint64_t line)
{
    struct sf_slice event = sf_slice_str(record->u.command.event);

    if (visit == NULL) {
        return 0;
    }
    note_command(history, visit, record, line);
    if (sf_slice_eq_str(event, "MAIL")) {
        return sf_envelope_open(&visit->envelope, history, record, line);
    }
    if (sf_slice_eq_str(event, "RCPT")) {
        return sf_envelope_address(&visit->envelope, history, record);
    }
    return 0;
}

/* Whether the reply ends the transaction that was open, if any. */
static bool ends_transaction(const struct sf_record *record)
{
    static const char *const events[] = {"RSET", "EHLO", "HELO", "LHLO",
                                         "STARTTLS"};
    struct sf_slice event = sf_slice_str(record->u.reply.event);

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (sf_slice_eq_str(event, events[i])) {
            return record->u.reply.code >= 200 && record->u.reply.code <= 299;
        }
    }
    return false;
}

int sf_visit_reply(struct sf_history *history,
                   struct sf_visit *visit,
                   const struct sf_record *record,
                   uint64_t line)
{
    struct sf_burden *burden = NULL;

    (void)history;
    (void)line;
    if (visit == NULL) {
        return 0;
    }
    sf_envelope_answer(&visit->envelope, record, visit->is_lmtp);
    if (ends_transaction(record)) {
        sf_envelope_end(&visit->envelope, record->t_us);
    }
    burden = &visit->burden;
    if (burden->rule != NULL && !burden->is_answered &&
        record->u.reply.n == burden->n) {
        burden->is_answered = true;
        note_done(visit, record->t_us);
    }
    return 0;
}

int sf_visit_fault(struct sf_history *history,
                   struct sf_visit *visit,
                   const struct sf_record *record,
                   uint64_t line)
{
    struct sf_slice value = record->u.fault.value;
    struct sf_burden *burden = NULL;

    (void)history;
    (void)line;
    if (visit == NULL || visit->burden.rule == NULL ||
        record->u.fault.rule.label == NULL ||
        strcmp(visit->burden.rule, record->u.fault.rule.label) != 0) {
        return 0;
    }
    burden = &visit->burden;
    if (strcmp(record->u.fault.action, "read") == 0) {
        burden->has_reading = !sf_slice_eq_str(value, "resume") &&
                              !sf_slice_eq_str(value, "discard");
        if (sf_slice_eq_str(value, "resume")) {
            note_done(visit, record->t_us);
        }
    } else if (strcmp(record->u.fault.action, "reply") == 0) {
        burden->is_silent = sf_slice_eq_str(value, "none");
    }
    return 0;
}

int sf_visit_tls(struct sf_history *history,
                 struct sf_visit *visit,
                 const struct sf_record *record,
                 uint64_t line)
{
    (void)history;
    (void)line;
    if (visit != NULL) {
        visit->is_tls |= record->u.tls.ok;
        visit->has_begun_tls |= !visit->has_spoken;
    }
    return 0;
}

static int add_receipt(struct sf_history *history,
                       const struct sf_record *record,
                       uint32_t message,
                       const struct sf_mark *where)
{
    struct sf_receipt *room =
        sf_visit_make_room(history, history->receipts, sizeof(*room),
                           history->receipt_count, &history->receipt_size);
    struct sf_receipt *receipt = NULL;

    if (room == NULL) {
        return history->has_overflowed ? 0 : SF_ENOMEM;
    }
    history->receipts = room;
    receipt = &room[history->receipt_count++];
    *receipt = (struct sf_receipt){.message = message,
                                   .octets = record->u.message.octets,
                                   .where = *where};
    (void)snprintf(receipt->sha256, sizeof(receipt->sha256), "%s",
                   record->u.message.sha256);
    return 0;
}

int sf_visit_message(struct sf_history *history,
                     struct sf_visit *visit,
                     const struct sf_record *record,
                     uint64_t line)
{
    const struct sf_mark here = {record->session, line, line};
    const struct sf_mark *where =
        visit == NULL ? &here : &visit->envelope.where;
    bool is_new = false;
    uint32_t message = SF_NAMELESS;
    int err = 0;

    if (visit != NULL) {
        err = sf_envelope_fill(&visit->envelope, history, record);
        message = visit->envelope.message;
    }
    if (err != 0 || record->u.message.accepted_count == 0) {
        return err;
    }
    if (record->u.message.duplicate_of != NULL) {
        history->duplicate_count++;
        note_slip(&history->duplicates, where);
    }
    if (sf_map_get(history->accepted,
                   sf_slice((const char *)&message, sizeof(message)),
                   &is_new) == NULL) {
        return SF_ENOMEM;
    }
    history->message_count += is_new;
    return add_receipt(history, record, message, where);
}

/* Whether the client has borne its burden until now, when the connection
 * ends. */
static bool is_borne(const struct sf_burden *burden, const char *waiting)
{
    return burden->rule != NULL &&
           (burden->has_reading || burden->is_silent || burden->is_answered ||
            (waiting != NULL && strcmp(waiting, burden->rule) == 0));
}

int sf_visit_disconnect(struct sf_history *history,
                        struct sf_visit *visit,
                        const struct sf_record *record,
                        uint64_t line)
{
    bool is_by_client = record->u.disconnect.by == SF_END_BY_CLIENT;
    const char *waiting = record->u.disconnect.waiting.label;
    int err = 0;

    (void)line;
    if (visit == NULL) {
        return 0;
    }
    if (is_borne(&visit->burden, waiting)) {
        err = end_burden(history, visit, record->t_us,
                         is_by_client || visit->has_quit);
    }
    if (err == 0) {
        err = sf_envelope_close(&visit->envelope, history, record->t_us);
    }
    note_customs(history, visit, !is_by_client);
    return err;
}

int sf_visit_end(struct sf_history *history, struct sf_visit *visit)
{
    int err = end_burden(history, visit, history->end_us, false);

    if (err == 0) {
        err = sf_envelope_close(&visit->envelope, history, history->end_us);
    }
    note_customs(history, visit, true);
    return err;
}
