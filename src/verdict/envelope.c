/* envelope.c - transactions become attempts: one for each recipient, with what
 * became of it. */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "verdict/visit.h"

/* Recipients behind one that are looked at for the same name. */
#define NAMED_AGAIN_MAX 64

/* Octets of a name that are kept to be shown and matched. */
#define NAME_KEPT_MAX 1024

void *sf_visit_make_room(struct sf_history *history,
                         void *items,
                         size_t item_size,
                         size_t count,
                         size_t *size)
{
    size_t grown = *size == 0 ? 16 : *size * 2;
    void *room = items;

    if (count == SF_HISTORY_ITEMS_MAX) {
        history->has_overflowed = true;
        return NULL;
    }
    if (count == *size) {
        room = realloc(items, grown * item_size);
        if (room != NULL) {
            *size = grown;
        }
    }
    return room;
}

/* A kind and the name: what it is known by. */
static struct sf_slice
make_key(struct sf_history *history, bool is_address, struct sf_slice text)
{
    sf_buf_clear(&history->key);
    sf_buf_putc(&history->key, is_address ? 'a' : 'm');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (is_address) {
            c = sf_ascii_lower(c);
        }
        sf_buf_putc(&history->key, c);
    }
    return sf_buf_slice(&history->key);
}

static bool has_room_for_name(const struct sf_history *history)
{
    return history->name_count < SF_HISTORY_NAMES_MAX &&
           history->name_bytes < SF_HISTORY_NAME_BYTES_MAX;
}

/* Keeps the text of a new name: the beginning of a long one. */
static int add_name(struct sf_history *history, struct sf_slice text)
{
    struct sf_slice *name = NULL;

    if (history->name_count == history->name_size) {
        size_t size = history->name_size == 0 ? 64 : history->name_size * 2;

        name = realloc(history->names, size * sizeof(*name));
        if (name == NULL) {
            return SF_ENOMEM;
        }
        history->names = name;
        history->name_size = size;
    }
    name = &history->names[history->name_count];
    name->len = text.len < NAME_KEPT_MAX ? text.len : NAME_KEPT_MAX;
    name->ptr = sf_arena_dup(&history->arena, sf_slice(text.ptr, name->len));
    history->name_bytes += name->len;
    return name->ptr == NULL ? SF_ENOMEM : 0;
}

int sf_visit_name(struct sf_history *history,
                  bool is_address,
                  struct sf_slice text,
                  uint32_t *out_name)
{
    struct sf_slice key = make_key(history, is_address, text);
    bool is_new = false;
    uint32_t *id = NULL;

    if (history->key.failed) {
        return SF_ENOMEM;
    }
    if (!has_room_for_name(history)) {
        id = sf_map_find(history->name_ids, key);
        history->has_overflowed |= id == NULL;
        *out_name = id == NULL ? SF_NAMELESS : *id;
        return 0;
    }
    id = sf_map_get(history->name_ids, key, &is_new);
    if (id == NULL || (is_new && add_name(history, text) != 0)) {
        return SF_ENOMEM;
    }
    if (is_new) {
        *id = (uint32_t)history->name_count++;
    }
    *out_name = *id;
    return 0;
}

int sf_envelope_open(struct sf_envelope *envelope,
                     struct sf_history *history,
                     const struct sf_record *record,
                     uint64_t line)
{
    int err = sf_envelope_close(envelope, history, record->t_us);

    envelope->is_open = true;
    envelope->is_sent = false;
    envelope->is_over = false;
    envelope->order = (uint32_t)history->transaction_count++;
    envelope->message = SF_NAMELESS;
    envelope->sender = SF_NAMELESS;
    envelope->n = record->u.command.n;
    envelope->code = 0;
    envelope->begin_us = record->t_us;
    envelope->end_us = 0;
    envelope->where = (struct sf_mark){record->session, line, line};
    envelope->count = 0;
    envelope->answered = 0;
    if (err == 0 && record->u.command.has_sender) {
        err = sf_visit_name(history, true, record->u.command.sender,
                            &envelope->sender);
    }
    return err;
}

static int add_addressee(struct sf_envelope *envelope,
                         struct sf_history *history,
                         struct sf_slice recipient,
                         uint64_t n)
{
    struct sf_addressee *room =
        sf_visit_make_room(history, envelope->addressees, sizeof(*room),
                           envelope->count, &envelope->size);
    struct sf_addressee *addressee = NULL;

    if (room == NULL) {
        return history->has_overflowed ? 0 : SF_ENOMEM;
    }
    envelope->addressees = room;
    addressee = &room[envelope->count++];
    *addressee = (struct sf_addressee){.n = n};
    return sf_visit_name(history, true, recipient, &addressee->name);
}

int sf_envelope_address(struct sf_envelope *envelope,
                        struct sf_history *history,
                        const struct sf_record *record)
{
    if (!envelope->is_open || envelope->is_sent || envelope->is_over ||
        !record->u.command.has_recipient) {
        return 0;
    }
    return add_addressee(envelope, history, record->u.command.recipient,
                         record->u.command.n);
}

static bool is_good(int code)
{
    return code >= 200 && code <= 299;
}

/* One reply is for all that were accepted; under LMTP for the next of them. */
static void answer_content(struct sf_envelope *envelope,
                           const struct sf_record *record,
                           bool is_lmtp)
{
    for (size_t i = is_lmtp ? envelope->answered : 0; i < envelope->count;
         i++) {
        struct sf_addressee *addressee = &envelope->addressees[i];

        if (!is_good(addressee->code) || addressee->content != 0) {
            continue;
        }
        addressee->content = record->u.reply.code;
        addressee->end_us = record->t_us;
        if (is_lmtp) {
            envelope->answered = i + 1;
            return;
        }
    }
}

/* The first reply to a command counts. */
static void answer_recipient(struct sf_envelope *envelope,
                             const struct sf_record *record)
{
    for (size_t i = envelope->count; i > 0; i--) {
        struct sf_addressee *addressee = &envelope->addressees[i - 1];

        if (addressee->n == record->u.reply.n) {
            if (addressee->code == 0) {
                addressee->code = record->u.reply.code;
                addressee->end_us = record->t_us;
            }
            return;
        }
    }
}

void sf_envelope_answer(struct sf_envelope *envelope,
                        const struct sf_record *record,
                        bool is_lmtp)
{
    struct sf_slice event = sf_slice_str(record->u.reply.event);
    int code = record->u.reply.code;

    if (!envelope->is_open || envelope->is_over) {
        return;
    }
    if (sf_slice_eq_str(event, "MAIL")) {
        if (envelope->code == 0 && record->u.reply.n == envelope->n) {
            envelope->code = code;
            envelope->end_us = record->t_us;
        }
    } else if (sf_slice_eq_str(event, "RCPT")) {
        answer_recipient(envelope, record);
    } else if (sf_slice_eq_str(event, "MESSAGE")) {
        envelope->is_sent = true;
        answer_content(envelope, record, is_lmtp);
    } else if ((sf_slice_eq_str(event, "DATA") ||
                sf_slice_eq_str(event, "BDAT") ||
                sf_slice_eq_str(event, "BODY")) &&
               code >= 400) {
        answer_content(envelope, record, false);
    }
}

int sf_envelope_fill(struct sf_envelope *envelope,
                     struct sf_history *history,
                     const struct sf_record *record)
{
    struct sf_slice identity = record->u.message.message_id;

    if (!envelope->is_open) {
        return 0;
    }
    envelope->is_sent = true;
    if (identity.len == 0) {
        identity = sf_slice_str(record->u.message.sha256);
    }
    return sf_visit_name(history, false, identity, &envelope->message);
}

static enum sf_fate fate_of(int code)
{
    if (is_good(code)) {
        return SF_FATE_DELIVERED;
    }
    return code >= 500 && code <= 599 ? SF_FATE_REFUSED : SF_FATE_DEFERRED;
}

/* What became of the recipient, and when that was known. */
static void decide(const struct sf_envelope *envelope,
                   const struct sf_addressee *addressee,
                   uint64_t now_us,
                   struct sf_attempt *attempt)
{
    if (addressee != NULL && addressee->content != 0) {
        attempt->code = addressee->content;
        attempt->end_us = addressee->end_us;
    } else if (!is_good(envelope->code)) {
        attempt->code = envelope->code;
        attempt->end_us = envelope->end_us;
    } else if (addressee != NULL && !is_good(addressee->code)) {
        attempt->code = addressee->code;
        attempt->end_us = addressee->end_us;
    }
    if (attempt->code == 0) {
        attempt->end_us = now_us;
    }
    attempt->fate = fate_of(attempt->code);
}

static int add_attempt(const struct sf_envelope *envelope,
                       struct sf_history *history,
                       const struct sf_addressee *addressee,
                       uint64_t now_us)
{
    struct sf_attempt *room =
        sf_visit_make_room(history, history->attempts, sizeof(*room),
                           history->attempt_count, &history->attempt_size);
    struct sf_attempt *attempt = NULL;

    if (room == NULL) {
        return history->has_overflowed ? 0 : SF_ENOMEM;
    }
    history->attempts = room;
    attempt = &room[history->attempt_count++];
    *attempt = (struct sf_attempt){
        .sender = envelope->sender,
        .recipient = addressee == NULL ? SF_NAMELESS : addressee->name,
        .message = envelope->message,
        .order = envelope->order,
        .begin_us = envelope->begin_us,
        .where = envelope->where};
    decide(envelope, addressee, now_us, attempt);
    return 0;
}

/* Named again soon, the last time counts: it is one recipient. */
static bool is_named_again(const struct sf_envelope *envelope, size_t index)
{
    size_t end = index + NAMED_AGAIN_MAX;

    for (size_t i = index + 1; i < envelope->count && i < end; i++) {
        if (envelope->addressees[i].name == envelope->addressees[index].name) {
            return true;
        }
    }
    return false;
}

void sf_envelope_end(struct sf_envelope *envelope, uint64_t now_us)
{
    if (envelope->is_open && !envelope->is_over) {
        envelope->is_over = true;
        envelope->over_us = now_us;
    }
}

int sf_envelope_close(struct sf_envelope *envelope,
                      struct sf_history *history,
                      uint64_t now_us)
{
    int err = 0;

    if (!envelope->is_open) {
        return 0;
    }
    envelope->is_open = false;
    now_us = envelope->is_over ? envelope->over_us : now_us;
    if (envelope->count == 0) {
        return add_attempt(envelope, history, NULL, now_us);
    }
    for (size_t i = 0; i < envelope->count && err == 0; i++) {
        if (!is_named_again(envelope, i)) {
            err = add_attempt(envelope, history, &envelope->addressees[i],
                              now_us);
        }
    }
    return err;
}
