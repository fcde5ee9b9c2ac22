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
    sf_digest_free(transaction->digest);
    free_chunks(transaction);
    transaction->digest = NULL;
    transaction->sender_len = 0;
    transaction->recipient_count = 0;
    transaction->declared_size = 0;
    transaction->is_smtputf8 = false;
    transaction->is_binary = false;
    transaction->is_chunked = false;
    transaction->has_failed = false;
    transaction->is_decided = false;
    transaction->is_complete = false;
    transaction->is_reported = false;
    transaction->octets = 0;
    transaction->is_too_big = false;
    transaction->has_header = false;
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

static bool ends_header(const struct sf_buf *header)
{
    return (header->len >= 4 &&
            memcmp(header->ptr + header->len - 4, "\r\n\r\n", 4) == 0) ||
           (header->len == 2 && memcmp(header->ptr, "\r\n", 2) == 0);
}

/* Keeps the header section line by line until its empty line. */
static void keep_header(struct sf_transaction *transaction,
                        struct sf_slice content)
{
    while (content.len > 0 && !transaction->has_header) {
        size_t len = sf_slice_find(content, '\n');

        len = len == content.len ? len : len + 1;
        sf_buf_append(&transaction->header, content.ptr, len);
        content = sf_slice(content.ptr + len, content.len - len);
        transaction->has_header =
            transaction->header.failed || ends_header(&transaction->header);
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
    keep_header(transaction, content);
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
    if (transaction->wants & SF_CONTENT_IDENTITY) {
        err = identify_content(transaction, content);
    }
    if (err == 0 && (transaction->wants & SF_CONTENT_OCTETS) &&
        !transaction->is_too_big) {
        err = keep_content(transaction, content);
    }
    return err;
}

/* Cuts the next header field off, with its folded lines (RFC 5322 2.2.3). */
static struct sf_slice cut_field(struct sf_slice *rest)
{
    struct sf_slice field = {rest->ptr, 0};

    do {
        size_t len = sf_slice_find(*rest, '\n');

        len = len == rest->len ? len : len + 1;
        field.len += len;
        *rest = sf_slice(rest->ptr + len, rest->len - len);
    } while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'));
    return field;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct sf_slice trim_field(struct sf_slice value)
{
    while (value.len > 0 && is_blank(value.ptr[0])) {
        value = sf_slice(value.ptr + 1, value.len - 1);
    }
    while (value.len > 0 && is_blank(value.ptr[value.len - 1])) {
        value.len--;
    }
    return value;
}

static struct sf_slice find_message_id(struct sf_slice header)
{
    while (header.len > 0) {
        struct sf_slice value = cut_field(&header);
        struct sf_slice name = sf_slice_cut(&value, ':');

        if (sf_slice_eq_str_nocase(trim_field(name), "Message-ID")) {
            return trim_field(value);
        }
    }
    return sf_slice(NULL, 0);
}

int sf_transaction_end_content(struct sf_transaction *transaction)
{
    int err = 0;

    transaction->is_complete = true;
    if ((transaction->wants & SF_CONTENT_IDENTITY) == 0) {
        return 0;
    }
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

struct sf_slice
sf_transaction_identity(const struct sf_transaction *transaction)
{
    if (transaction->message_id.len > 0) {
        return transaction->message_id;
    }
    return sf_slice_str(transaction->sha256);
}
