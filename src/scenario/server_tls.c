/* server_tls.c - the keys of [server] and [listen] that are about TLS. */
#include "scenario/server_tls.h"

#include <string.h>

#include "scenario/list.h"

static size_t count_names(const char *names)
{
    size_t count = names != NULL;

    while (names != NULL && (names = strchr(names, ',')) != NULL) {
        names++;
        count++;
    }
    return count;
}

static void add_cipher(struct sf_loader *loader,
                       const struct sf_place *place,
                       struct sf_slice name,
                       const char **ciphers)
{
    const struct sf_tls_ability *ability = sf_loader_tls(loader);

    if (name.len == 0 || (ability != NULL && !ability->knows_cipher(name))) {
        sf_loader_error(loader, place,
                        "names are those of IANA, such as "
                        "`TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`",
                        "the TLS library of this smtpfault has no cipher "
                        "suite `%.*s`",
                        SF_SLICE_ARG(name));
        return;
    }
    if (count_names(*ciphers) == SF_TLS_CIPHERS_MAX) {
        sf_loader_error(loader, place, "leave some out",
                        "`ciphers` has more than %d names", SF_TLS_CIPHERS_MAX);
        return;
    }
    *ciphers = *ciphers == NULL ? sf_loader_keep_text(loader, name)
                                : sf_arena_printf(loader->arena, "%s,%.*s",
                                                  *ciphers, SF_SLICE_ARG(name));
    loader->is_out_of_memory |= *ciphers == NULL;
}

void sf_server_compile_ciphers(struct sf_loader *loader,
                               const struct sf_entry *entry,
                               const struct sf_value *value,
                               const char **ciphers)
{
    struct sf_value rest = *value;
    struct sf_list_item item;

    while (sf_list_next(loader, &entry->place, &rest, &item)) {
        add_cipher(loader, &entry->place, item.text, ciphers);
    }
}

static void check_pair(const struct sf_server_build *build,
                       struct sf_loader *loader)
{
    const struct sf_tls_ability *ability = sf_loader_tls(loader);
    const struct sf_server *server = &build->server;
    const struct sf_place *place = build->places[SF_SERVER_certificate];
    const struct sf_place *key_place = build->places[SF_SERVER_key];
    const char *fault = NULL;

    if (key_place != NULL && place == NULL && server->certificate.ptr == NULL) {
        sf_loader_error(loader, key_place, "`certificate` names its file",
                        "`key` needs a `certificate`");
        return;
    }
    place = place != NULL ? place : key_place;
    if (place == NULL || server->certificate.ptr == NULL || ability == NULL ||
        (key_place != NULL && server->key.ptr == NULL)) {
        return;
    }
    fault = ability->check_pair(server->certificate, server->key);
    if (fault != NULL) {
        sf_loader_error(loader, place,
                        "both are PEM files; `key` may be left out where "
                        "`certificate` holds the key too",
                        "%s", fault);
    }
}

void sf_server_check_tls(const struct sf_server_build *build,
                         struct sf_loader *loader)
{
    const struct sf_server *server = &build->server;
    const struct sf_place *place = build->places[SF_SERVER_min_version];

    place = place != NULL ? place : build->places[SF_SERVER_max_version];
    check_pair(build, loader);
    if (place != NULL && server->min_version != SF_TLS_ANY_VERSION &&
        server->max_version != SF_TLS_ANY_VERSION &&
        server->min_version > server->max_version) {
        sf_loader_error(loader, place, "leave one of them out",
                        "`min-version` is greater than `max-version`");
    }
}
