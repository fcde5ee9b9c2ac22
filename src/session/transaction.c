/* transaction.c - envelope and content of one mail transaction.
 *
 * Only what somebody wants is done: without a journal, a save or a rule that
 * asks who a message is, its octets are counted and forgotten. */
#include "session/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* Content is kept in pieces of this size or more. */
#define CHUNK_BYTES 16384

/* Names kept for reuse; a transaction with more gives the memory back. */
#define NAMES_KEPT_BYTES  4096
#define NAMES_LIMIT_BYTES 536870912

struct sf_transaction *sf_transaction_new(void)
{
    struct sf_transaction *transaction = calloc(1, sizeof(*transaction));

    if (transaction != NULL) {
        sf_buf_init(&transaction->names, NAMES_LIMIT_BYTES);
        sf_buf_init(&transaction->header, SF_HEADER_LIMIT_BYTES);
        sf_buf_init(&transaction->body, SF_BODY_LIMIT_BYTES);
        sf_watch_text_init(&transaction->text);
    }
    return transaction;
}

static void free_chunks(struct sf_transaction *transaction)
{
    struct sf_chunk *chunk = transaction->first_chunk;

    while (chunk != NULL) {
        struct sf_chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    transaction->first_chunk = NULL;
    transaction->last_chunk = NULL;
    transaction->last_size = 0;
}

static void free_recipients(struct sf_transaction *transaction)
{
    free(transaction->recipients);
    free(transaction->views);
    transaction->recipients = NULL;
    transaction->views = NULL;
    transaction->recipient_size = 0;
    transaction->view_size = 0;
}

void sf_transaction_clear(struct sf_transaction *transaction)
{
    sf_buf_clear(&transaction->names);
    if (transaction->names.size > NAMES_KEPT_BYTES) {
        sf_buf_fini(&transaction->names);
        free_recipients(transaction);
    }
    sf_buf_fini(&transaction->header);
    sf_header_fini(&transaction->fields);
    sf_buf_fini(&transaction->body);
    sf_digest_free(transaction->digest);
    free_chunks(transaction);
    transaction->digest = NULL;
    transaction->sender_len = 0;
    transaction->recipient_count = 0;
    transaction->has_declared_size = false;
    transaction->declared_size = 0;
    transaction->is_smtputf8 = false;
    transaction->is_8bit = false;
    transaction->is_binary = false;
    transaction->is_chunked = false;
    transaction->has_failed = false;
    transaction->is_decided = false;
    transaction->is_complete = false;
    transaction->is_reported = false;
    sf_watch_text_init(&transaction->text);
    memset(&transaction->broken, 0, sizeof(transaction->broken));
    transaction->has_tried_content = false;
    transaction->refused_count = 0;
    transaction->rcpt_count = 0;
    transaction->domain_count = 0;
    transaction->octets = 0;
    transaction->is_too_big = false;
    transaction->has_header = false;
    transaction->line_len = 0;
    transaction->sha256[0] = '\0';
    transaction->message_id = (struct sf_slice){NULL, 0};
}

void sf_transaction_free(struct sf_transaction *transaction)
{
    if (transaction == NULL) {
        return;
    }
    sf_transaction_clear(transaction);
    sf_buf_fini(&transaction->names);
    free_recipients(transaction);
    free(transaction);
}

/* Envelope. */

int sf_transaction_set_sender(struct sf_transaction *transaction,
                              struct sf_slice sender)
{
    sf_buf_put_slice(&transaction->names, sender);
    transaction->sender_len = sender.len;
    return transaction->names.failed;
}

int sf_transaction_add_recipient(struct sf_transaction *transaction,
                                 struct sf_slice recipient)
{
    size_t offset = transaction->names.len;

    if (transaction->recipient_count == transaction->recipient_size) {
        size_t size = transaction->recipient_size * 2 + 4;
        struct sf_recipient *grown =
            realloc(transaction->recipients, size * sizeof(*grown));

        if (grown == NULL) {
            return SF_ENOMEM;
        }
        transaction->recipients = grown;
        transaction->recipient_size = size;
    }
    sf_buf_put_slice(&transaction->names, recipient);
    if (transaction->names.failed) {
        return transaction->names.failed;
    }
    transaction->recipients[transaction->recipient_count++] =
        (struct sf_recipient){.offset = offset, .len = recipient.len};
    return 0;
}

struct sf_slice sf_transaction_sender(const struct sf_transaction *transaction)
{
    return sf_slice(transaction->names.ptr, transaction->sender_len);
}

struct sf_slice
sf_transaction_recipient(const struct sf_transaction *transaction, size_t index)
{
    const struct sf_recipient *recipient = &transaction->recipients[index];

    if (recipient->len == 0) {
        return sf_slice("", 0);
    }
    return sf_slice(transaction->names.ptr + recipient->offset, recipient->len);
}

/* Room for all recipients and, behind them, for the accepted ones. */
static struct sf_slice *reserve_views(struct sf_transaction *transaction)
{
    size_t size = 2 * transaction->recipient_size;

    if (transaction->view_size < size) {
        struct sf_slice *grown =
            realloc(transaction->views, size * sizeof(*grown));

        if (grown == NULL) {
            return NULL;
        }
        transaction->views = grown;
        transaction->view_size = size;
    }
    return transaction->views;
}

const struct sf_slice *
sf_transaction_recipients(struct sf_transaction *transaction, size_t *out_count)
{
    struct sf_slice *views = reserve_views(transaction);

    *out_count = views == NULL ? 0 : transaction->recipient_count;
    for (size_t i = 0; i < *out_count; i++) {
        views[i] = sf_transaction_recipient(transaction, i);
    }
    return views;
}

const struct sf_slice *
sf_transaction_accepted(struct sf_transaction *transaction, size_t *out_count)
{
    struct sf_slice *views = reserve_views(transaction);
    size_t count = 0;

    *out_count = 0;
    if (views == NULL) {
        return NULL;
    }
    views += transaction->recipient_size;
    for (size_t i = 0; i < transaction->recipient_count; i++) {
        if (transaction->recipients[i].is_accepted) {
            views[count++] = sf_transaction_recipient(transaction, i);
        }
    }
    *out_count = count;
    return views;
}

/* Content. */

/* A new last chunk with room for `size` octets. */
static int add_chunk(struct sf_transaction *transaction, size_t size)
{
    struct sf_chunk *chunk = malloc(sizeof(*chunk) + size);

    if (chunk == NULL) {
        return SF_ENOMEM;
    }
    chunk->next = NULL;
    chunk->len = 0;
    if (transaction->last_chunk == NULL) {
        transaction->first_chunk = chunk;
    } else {
        transaction->last_chunk->next = chunk;
    }
    transaction->last_chunk = chunk;
    transaction->last_size = size;
    return 0;
}

/* Content comes in runs as short as an octet: they share chunks. */
static int keep_content(struct sf_transaction *transaction,
                        struct sf_slice content)
{
    struct sf_chunk *last = transaction->last_chunk;

    if (last == NULL || transaction->last_size - last->len < content.len) {
        size_t size = content.len > CHUNK_BYTES ? content.len : CHUNK_BYTES;
        int err = add_chunk(transaction, size);

        if (err != 0) {
            return err;
        }
        last = transaction->last_chunk;
    }
    memcpy(last->octets + last->len, content.ptr, content.len);
    last->len += content.len;
    return 0;
}

/* Whether a piece, which has LF at its end only, makes a line of the header
 * section complete and empty. */
static bool ends_header(struct sf_transaction *transaction,
                        struct sf_slice piece)
{
    bool is_whole = piece.ptr[piece.len - 1] == '\n';
    size_t len = transaction->line_len + piece.len;

    if (transaction->line_len == 0) {
        transaction->starts_with_cr = piece.ptr[0] == '\r';
    }
    transaction->line_len = is_whole ? 0 : len;
    return is_whole && len == 2 && transaction->starts_with_cr;
}

/* Takes the header section off the content line by line, up to its empty line;
 * keeps it if somebody asks. */
static void take_header(struct sf_transaction *transaction,
                        struct sf_slice *content)
{
    while (content->len > 0 && !transaction->has_header) {
        size_t len = sf_slice_find(*content, '\n');
        struct sf_slice piece;

        len = len == content->len ? len : len + 1;
        piece = sf_slice(content->ptr, len);
        if (transaction->wants & (SF_CONTENT_IDENTITY | SF_CONTENT_HEADER)) {
            sf_buf_put_slice(&transaction->header, piece);
        }
        transaction->has_header = ends_header(transaction, piece);
        *content = sf_slice_skip(*content, len);
    }
}

/* Both are kept as far as their limits allow. */
static void part_content(struct sf_transaction *transaction,
                         struct sf_slice content)
{
    size_t room = SF_BODY_LIMIT_BYTES - transaction->body.len;

    take_header(transaction, &content);
    if (transaction->wants & SF_CONTENT_BODY) {
        content.len = content.len < room ? content.len : room;
        sf_buf_put_slice(&transaction->body, content);
    }
}

static int identify_content(struct sf_transaction *transaction,
                            struct sf_slice content)
{
    if (transaction->digest == NULL) {
        transaction->digest = sf_digest_new();
        if (transaction->digest == NULL) {
            return SF_ENOMEM;
        }
    }
    sf_digest_update(transaction->digest, content.ptr, content.len);
    return 0;
}

int sf_transaction_add_content(struct sf_transaction *transaction,
                               struct sf_slice content)
{
    int err = 0;

    if (content.len == 0) {
        return 0;
    }
    transaction->octets += content.len;
    if (transaction->octets > transaction->size_limit_bytes) {
        transaction->is_too_big = true;
        free_chunks(transaction);
    }
    if (transaction->wants & ~(unsigned)SF_CONTENT_OCTETS) {
        part_content(transaction, content);
    }
    if (transaction->wants & SF_CONTENT_IDENTITY) {
        err = identify_content(transaction, content);
    }
    if (err == 0 && (transaction->wants & SF_CONTENT_OCTETS) &&
        !transaction->is_too_big) {
        err = keep_content(transaction, content);
    }
    return err;
}

static struct sf_slice find_message_id(struct sf_slice header)
{
    struct sf_slice name;
    struct sf_slice value;

    while (sf_header_cut(&header, &name, &value)) {
        if (sf_slice_eq_str_nocase(name, "Message-ID")) {
            return value;
        }
    }
    return sf_slice(NULL, 0);
}

static int end_identity(struct sf_transaction *transaction)
{
    int err = 0;

    if (transaction->digest == NULL) { /* an empty message */
        err = identify_content(transaction, sf_slice("", 0));
    }
    if (err == 0) {
        sf_digest_finish(transaction->digest, transaction->sha256);
        transaction->message_id =
            find_message_id(sf_buf_slice(&transaction->header));
    }
    return err;
}

int sf_transaction_end_content(struct sf_transaction *transaction)
{
    int err = 0;

    transaction->is_complete = true;
    if (transaction->wants & SF_CONTENT_IDENTITY) {
        err = end_identity(transaction);
    }
    if (err == 0 && (transaction->wants & SF_CONTENT_HEADER)) {
        err = sf_header_parse(&transaction->fields,
                              sf_buf_slice(&transaction->header));
    }
    if (err == 0 && (transaction->header.failed == SF_ENOMEM ||
                     transaction->body.failed == SF_ENOMEM)) {
        err = SF_ENOMEM;
    }
    return err;
}

struct sf_slice
sf_transaction_identity(const struct sf_transaction *transaction)
{
    if (transaction->message_id.len > 0) {
        return transaction->message_id;
    }
    return sf_slice_str(transaction->sha256);
}
