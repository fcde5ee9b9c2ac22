/* key.c - keys of counters and states. */
#include "rule/key.h"

#include "base/slice.h"
#include "smtp/path.h"

static const struct sf_per_info infos[SF_PER_COUNT] = {
#define X(name, key, scope) [SF_PER_##name] = {(key), SF_SCOPE_##scope},
    SF_PER_MAP(X)
#undef X
};

const struct sf_per_info *sf_per_get(enum sf_per per)
{
    return &infos[per];
}

enum sf_per sf_key_missing(unsigned per, const struct sf_subject *subject)
{
    if ((per & SF_PER_BIT(SF_PER_HELO)) && !subject->has_helo) {
        return SF_PER_HELO;
    }
    if ((per & SF_PER_BIT(SF_PER_SENDER)) && !subject->has_sender) {
        return SF_PER_SENDER;
    }
    if ((per & SF_PER_BIT(SF_PER_RECIPIENT)) && subject->recipient_count == 0) {
        return SF_PER_RECIPIENT;
    }
    if ((per & SF_PER_BIT(SF_PER_DOMAIN)) && subject->recipient_count == 0) {
        return SF_PER_DOMAIN;
    }
    if ((per & SF_PER_BIT(SF_PER_USER)) && !subject->has_user) {
        return SF_PER_USER;
    }
    return SF_PER_COUNT;
}

/* In this order on every machine: draws depend on it. */
void sf_key_put_number(struct sf_buf *key, uint64_t number)
{
    char octets[8];

    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (char)(unsigned char)(number >> (8 * i));
    }
    sf_buf_append(key, octets, sizeof(octets));
}

/* Lengths go along so that no client can make one key look like another. */
static void put_text(struct sf_buf *key, struct sf_slice text)
{
    sf_key_put_number(key, text.len);
    for (size_t i = 0; i < text.len; i++) {
        sf_buf_putc(key, sf_ascii_lower(text.ptr[i]));
    }
}

static void
put_per(struct sf_buf *key, enum sf_per per, const struct sf_subject *subject)
{
    struct sf_slice recipient = {"", 0};

    if (subject->recipient_count > 0) {
        recipient = subject->recipients[0];
    }
    switch (per) {
    case SF_PER_CLIENT:
        put_text(key, subject->client);
        break;
    case SF_PER_LISTENER:
        put_text(key, subject->listener);
        break;
    case SF_PER_SESSION:
        sf_key_put_number(key, subject->session);
        break;
    case SF_PER_HELO:
        put_text(key, subject->helo);
        break;
    case SF_PER_SENDER:
        put_text(key, subject->sender);
        break;
    case SF_PER_TRANSACTION:
        sf_key_put_number(key, subject->session);
        sf_key_put_number(key, subject->transaction);
        break;
    case SF_PER_RECIPIENT:
        put_text(key, recipient);
        break;
    case SF_PER_DOMAIN:
        put_text(key, sf_path_domain(recipient));
        break;
    case SF_PER_MESSAGE:
        put_text(key, subject->message);
        break;
    case SF_PER_USER:
        put_text(key, subject->user);
        break;
    case SF_PER_COUNT:
        break;
    }
}

void sf_key_put(struct sf_buf *key,
                unsigned per,
                const struct sf_subject *subject)
{
    sf_key_put_number(key, per);
    for (int i = 0; i < SF_PER_COUNT; i++) {
        if (per & SF_PER_BIT(i)) {
            put_per(key, (enum sf_per)i, subject);
        }
    }
}
