/* test_transaction.c - envelope and content of a mail transaction. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "session/ledger.h"
#include "session/transaction.h"

static struct sf_transaction *transaction;

static void set_up(void)
{
    transaction = sf_transaction_new();
    cr_assert_not_null(transaction);
    transaction->size_limit_bytes = 1000;
    transaction->wants = SF_CONTENT_IDENTITY | SF_CONTENT_OCTETS;
}

static void tear_down(void)
{
    sf_transaction_free(transaction);
}

TestSuite(transaction, .init = set_up, .fini = tear_down);

static void add_content(const char *text, size_t chunk_len)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len; at += chunk_len) {
        size_t part = len - at < chunk_len ? len - at : chunk_len;

        cr_assert_eq(
            sf_transaction_add_content(transaction, sf_slice(text + at, part)),
            0);
    }
    cr_assert_eq(sf_transaction_end_content(transaction), 0);
}

Test(transaction, keeps_the_envelope_in_order)
{
    const struct sf_slice *all;
    size_t count;

    cr_assert_eq(sf_transaction_set_sender(transaction, sf_slice_str("")), 0);
    for (int i = 0; i < 100; i++) {
        char name[32];

        snprintf(name, sizeof(name), "r%d@example.test", i);
        cr_assert_eq(
            sf_transaction_add_recipient(transaction, sf_slice_str(name)), 0);
    }
    all = sf_transaction_recipients(transaction, &count);
    cr_assert_eq(count, 100);
    cr_assert(sf_slice_eq_str(all[0], "r0@example.test"));
    cr_assert(sf_slice_eq_str(all[99], "r99@example.test"));
    cr_assert_eq(sf_transaction_sender(transaction).len, 0);
}

Test(transaction, tells_accepted_recipients_apart)
{
    const struct sf_slice *accepted;
    size_t count;

    cr_assert_eq(sf_transaction_add_recipient(transaction, sf_slice_str("a")),
                 0);
    cr_assert_eq(sf_transaction_add_recipient(transaction, sf_slice_str("b")),
                 0);
    transaction->recipients[1].is_accepted = true;
    accepted = sf_transaction_accepted(transaction, &count);
    cr_assert_eq(count, 1);
    cr_assert(sf_slice_eq_str(accepted[0], "b"));
}

Test(transaction, finds_the_message_id_however_the_octets_come)
{
    static const struct {
        const char *text;
        const char *id;
    } cases[] = {
        {"Message-ID: <1@x>\r\n\r\nbody\r\n", "<1@x>"},
        {"From: a\r\nmessage-id:<2@x>\r\nTo: b\r\n\r\n", "<2@x>"},
        {"Message-ID:\r\n <3@x>\r\n\r\n", "<3@x>"},
        {"Message-ID: <4@x>\r\n", "<4@x>"},
        {"From: a\r\n\r\nMessage-ID: <5@x>\r\n", ""},
        {"\r\nMessage-ID: <6@x>\r\n", ""},
        {"X: y\r\n\tMessage-ID: <7@x>\r\n\r\n", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t chunk = 1; chunk < 20; chunk += 6) {
            sf_transaction_clear(transaction);
            add_content(cases[i].text, chunk);
            cr_assert(sf_slice_eq_str(transaction->message_id, cases[i].id),
                      "case %zu in pieces of %zu", i, chunk);
        }
    }
}

Test(transaction, is_known_by_message_id_else_by_hash)
{
    add_content("Subject: x\r\n\r\nhello\r\n", 100);
    cr_assert_eq(sf_transaction_identity(transaction).len, 64);
    sf_transaction_clear(transaction);
    add_content("Message-ID: <1@x>\r\n\r\n", 100);
    cr_assert(sf_slice_eq_str(sf_transaction_identity(transaction), "<1@x>"));
}

Test(transaction, the_empty_message_has_the_hash_of_nothing)
{
    add_content("", 1);
    cr_assert_str_eq(transaction->sha256,
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
                     "7852b855");
}

Test(transaction, a_message_over_the_limit_is_counted_but_not_kept)
{
    char big[1001];

    memset(big, 'x', sizeof(big));
    big[1000] = '\0';
    add_content(big, 100);
    cr_assert_not(transaction->is_too_big, "1000 octets are within 1000");
    cr_assert_not_null(transaction->first_chunk);
    sf_transaction_clear(transaction);
    transaction->size_limit_bytes = 999;
    add_content(big, 100);
    cr_assert(transaction->is_too_big);
    cr_assert_eq(transaction->octets, 1000);
    cr_assert_null(transaction->first_chunk);
}

Test(transaction, content_in_short_runs_shares_chunks)
{
    size_t chunks = 0;
    size_t octets = 0;

    transaction->size_limit_bytes = 100000;
    for (int i = 0; i < 40000; i++) {
        cr_assert_eq(sf_transaction_add_content(transaction, sf_slice_str("x")),
                     0);
    }
    for (const struct sf_chunk *chunk = transaction->first_chunk; chunk != NULL;
         chunk = chunk->next) {
        chunks++;
        octets += chunk->len;
    }
    cr_assert_eq(octets, 40000);
    cr_assert_leq(chunks, 3);
}

Test(ledger, names_the_first_copy_for_the_same_recipient)
{
    struct sf_ledger ledger;
    const char *first = "unset";

    cr_assert_eq(sf_ledger_init(&ledger), 0);
    cr_assert_eq(sf_ledger_enter(&ledger, sf_slice_str("<1@x>"),
                                 sf_slice_str("a"), "1.1", &first),
                 0);
    cr_assert_null(first);
    cr_assert_eq(sf_ledger_enter(&ledger, sf_slice_str("<1@x>"),
                                 sf_slice_str("b"), "2.1", &first),
                 0);
    cr_assert_null(first, "another recipient");
    cr_assert_eq(sf_ledger_enter(&ledger, sf_slice_str("<1@x>"),
                                 sf_slice_str("a"), "3.1", &first),
                 0);
    cr_assert_str_eq(first, "1.1");
    sf_ledger_fini(&ledger);
}

Test(transaction, the_body_is_what_is_behind_the_empty_line)
{
    static const struct {
        const char *content;
        const char *body;
    } cases[] = {
        {"A: 1\r\n\r\nbody\r\n", "body\r\n"},
        {"A: 1\r\n\r\n\r\nbody", "\r\nbody"},
        {"\r\nbody\r\n\r\nA: 1\r\n", "body\r\n\r\nA: 1\r\n"},
        {"A: 1\r\nB: 2\r\n", ""},
        {"A: 1\n\nB: 2\r\n\r\nbody", "body"},
        {"A: 1\r\n\r\r\n\r\nbody", "body"},
        {"A: 1\r\nx\r\n\r\n", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t chunk_len = 1; chunk_len < 9; chunk_len++) {
            transaction->wants = SF_CONTENT_BODY;
            add_content(cases[i].content, chunk_len);
            cr_assert(sf_slice_eq_str(sf_buf_slice(&transaction->body),
                                      cases[i].body),
                      "case %zu in pieces of %zu: %.*s", i, chunk_len,
                      (int)transaction->body.len, transaction->body.ptr);
            cr_assert_eq(transaction->header.len, 0, "nobody asks for it");
            sf_transaction_clear(transaction);
        }
    }
}

Test(transaction, header_fields_are_there_when_the_message_is)
{
    size_t count = 0;
    const struct sf_slice *values = NULL;

    transaction->wants = SF_CONTENT_HEADER;
    add_content("A: 1\r\n 2\r\n\r\nA: 3\r\n", 3);
    values = sf_header_find(&transaction->fields, sf_slice_str("a"), &count);
    cr_assert_eq(count, 1);
    cr_assert(sf_slice_eq_str(values[0], "1 2"));
    cr_assert_eq(transaction->body.len, 0, "nobody asks for it");
}

/* A line of `len` octets and more of them, until `total` octets are there. */
static void add_lines(size_t len, size_t total)
{
    char line[1024];

    memset(line, 'x', sizeof(line));
    line[1] = ':';
    line[len - 2] = '\r';
    line[len - 1] = '\n';
    for (size_t at = 0; at < total; at += len) {
        cr_assert_eq(
            sf_transaction_add_content(transaction, sf_slice(line, len)), 0);
    }
}

Test(transaction, what_is_beyond_the_limits_is_not_looked_at)
{
    transaction->size_limit_bytes = SF_MESSAGE_LIMIT_BYTES;
    transaction->wants = SF_CONTENT_HEADER | SF_CONTENT_BODY;
    add_lines(1000, SF_HEADER_LIMIT_BYTES + 5000u);
    add_content("A: 1\r\n\r\nThe body", 100);
    cr_assert_leq(transaction->header.len, SF_HEADER_LIMIT_BYTES);
    cr_assert_gt(transaction->header.len, SF_HEADER_LIMIT_BYTES - 1000u);
    cr_assert(sf_slice_eq_str(sf_buf_slice(&transaction->body), "The body"),
              "the header section is passed over to its end");
    add_lines(1000, SF_BODY_LIMIT_BYTES + 5000u);
    cr_assert_eq(transaction->body.len, SF_BODY_LIMIT_BYTES);
    cr_assert_eq(transaction->body.failed, 0);
}
