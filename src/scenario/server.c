/* server.c - section [server], and the same keys in [listen]. */
#include "scenario/server.h"

#include <stddef.h>

#include "base/text.h"
#include "scenario/handshake.h"
#include "scenario/selector.h"
#include "scenario/server_tls.h"
#include "scenario/template.h"

#define HOSTNAME_MAX 255

/* Where a scenario has rules that read slowly: the client's window closes after
 * so many octets, not after a hundred KiB. */
#define READ_BUFFER_BYTES 4096

enum value_type {
    TYPE_TEXT,
    TYPE_EXTENSIONS,
    TYPE_SIZE,
    TYPE_NUMBER,
    TYPE_DURATION,
    TYPE_SWITCH,
    TYPE_PEM,
    TYPE_VERSION,
    TYPE_CIPHERS
};

struct server_key {
    enum value_type type;
    size_t offset; /* of the member */
    const char *def;
};

static const struct server_key server_keys[SF_SERVER_KEY_COUNT] = {
#define X(member, key, type, def)                                              \
    [SF_SERVER_##                                                              \
        member] = {TYPE_##type, offsetof(struct sf_server, member), (def)},
    SF_SERVER_KEY_MAP(X)
#undef X
};

/* The range of each key that is a number of something. */
static const struct {
    uint64_t low;
    uint64_t high;
    const char *text;
    const char *hint;
} ranges[SF_SERVER_KEY_COUNT] = {
    [SF_SERVER_max_size_bytes] = {0, 1u << 30, "a size from 0 to 1G",
                                  "for example `10M`; 0 tells no limit"},
    [SF_SERVER_max_recipients] = {1, 1000000, "a number from 1 to 1000000",
                                  "to refuse every recipient, write a "
                                  "`[RCPT]` rule"},
    [SF_SERVER_max_connections] = {1, 1000000, "a number from 1 to 1000000",
                                   "to refuse every client, write a "
                                   "`[CONNECT]` rule"},
    [SF_SERVER_idle_timeout_us] = {1000, SF_FOREVER_US,
                                   "a duration from 1ms to 1000d, or "
                                   "`forever`",
                                   "for example `5m`"},
    [SF_SERVER_line_limit_bytes] = {64, 32768, "a size from 64 to 32K",
                                    "for example `512`, or `12K`"},
    [SF_SERVER_receive_buffer_bytes] = {0, 1u << 26, "a size from 0 to 64M",
                                        "for example `4K`; 0 leaves it to the "
                                        "kernel"},
};

static int
parse_number(enum value_type type, struct sf_slice text, uint64_t *out_number)
{
    switch (type) {
    case TYPE_SIZE:
        return sf_text_parse_size(text, out_number);
    case TYPE_DURATION:
        return sf_text_parse_duration(text, out_number);
    default:
        return sf_slice_parse_u64(text, out_number);
    }
}

static void *find_member(struct sf_server *server, int id)
{
    return (char *)server + server_keys[id].offset;
}

static void set_number(struct sf_server *server, int id, uint64_t number)
{
    uint64_t *member = find_member(server, id);

    *member = number;
}

void sf_server_init(struct sf_server_build *build)
{
    *build = (struct sf_server_build){.server.hostname =
                                          server_keys[SF_SERVER_hostname].def};
    for (int id = 0; id < SF_SERVER_KEY_COUNT; id++) {
        uint64_t number = 0;

        if (ranges[id].text != NULL &&
            parse_number(server_keys[id].type,
                         sf_slice_str(server_keys[id].def), &number) == 0) {
            set_number(&build->server, id, number);
        }
    }
}

static void compile_number(struct sf_loader *loader,
                           const struct sf_entry *entry,
                           int id,
                           struct sf_slice text,
                           struct sf_server *server)
{
    uint64_t number = 0;

    if (server_keys[id].type == TYPE_DURATION) {
        if (!sf_selector_parse_duration(loader, &entry->place, entry->key, text,
                                        &number)) {
            return;
        }
    } else if (parse_number(server_keys[id].type, text, &number) != 0) {
        number = UINT64_MAX;
    }
    if (number < ranges[id].low || number > ranges[id].high) {
        sf_loader_error(loader, &entry->place, ranges[id].hint, "`%s` is %s",
                        entry->key, ranges[id].text);
        return;
    }
    set_number(server, id, number);
    server->has_max_recipients |= id == SF_SERVER_max_recipients;
}

/* The characters of names and address literals. */
static bool is_hostname(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return text.len > 0 && text.len <= HOSTNAME_MAX;
}

static void compile_hostname(struct sf_loader *loader,
                             const struct sf_entry *entry,
                             struct sf_slice text,
                             struct sf_server *server)
{
    if (!is_hostname(text)) {
        sf_loader_error(loader, &entry->place, "for example `mx.example.com`",
                        "`hostname` is a name without blanks, of 255 octets "
                        "at most");
        return;
    }
    server->hostname = sf_loader_keep_text(loader, text);
}

/* A banner can hold what is known when a client connects. */
static void compile_banner(struct sf_loader *loader,
                           const struct sf_entry *entry,
                           const struct sf_value *value,
                           struct sf_server *server)
{
    for (size_t i = 0; i < value->name_count; i++) {
        enum sf_name name = value->names[i].name;

        if (sf_template_scope(name) > SF_SCOPE_CONNECTION ||
            name == SF_NAME_ATTEMPT || name == SF_NAME_REMAINING ||
            sf_template_group(name) > 0) {
            sf_loader_error(loader, &entry->place,
                            "there are `${hostname}`, `${client}` and "
                            "`${session}`",
                            "`${%s}` cannot be known in `banner`",
                            sf_template_name(name));
            return;
        }
    }
    for (size_t i = 0; i < value->text.len; i++) {
        if (value->text.ptr[i] == '\r' || value->text.ptr[i] == '\n') {
            sf_loader_error(loader, &entry->place,
                            "a greeting of several lines is a `[CONNECT]` "
                            "rule",
                            "`banner` cannot hold CR or LF");
            return;
        }
    }
    (void)sf_template_make(loader, value, 0, &server->banner);
}

/* A value without names. */
static void compile_static(struct sf_loader *loader,
                           const struct sf_entry *entry,
                           int id,
                           const struct sf_value *value,
                           struct sf_server_build *build)
{
    void *member = find_member(&build->server, id);

    switch (server_keys[id].type) {
    case TYPE_EXTENSIONS:
        (void)sf_list_parse_extensions(loader, &entry->place, value,
                                       &build->extensions);
        build->server.extensions = build->extensions.edit;
        break;
    case TYPE_TEXT:
        compile_hostname(loader, entry, value->text, &build->server);
        break;
    case TYPE_SIZE:
    case TYPE_NUMBER:
    case TYPE_DURATION:
        compile_number(loader, entry, id, value->text, &build->server);
        break;
    case TYPE_SWITCH:
        (void)sf_value_find_switch(loader, entry, value->text, member);
        break;
    case TYPE_PEM:
        (void)sf_value_read_file(loader, entry, value->text, member);
        break;
    case TYPE_VERSION:
        (void)sf_handshake_parse_version(loader, &entry->place, entry->key,
                                         value->text, member);
        break;
    case TYPE_CIPHERS:
        sf_server_compile_ciphers(loader, entry, value, member);
        break;
    }
}

/* Its lines add up. */
static bool is_list(int id)
{
    return server_keys[id].type == TYPE_EXTENSIONS ||
           server_keys[id].type == TYPE_CIPHERS;
}

static void compile_value(struct sf_loader *loader,
                          struct sf_lets *lets,
                          const struct sf_entry *entry,
                          int id,
                          struct sf_server_build *build)
{
    struct sf_value value;

    if (id == SF_SERVER_banner) {
        if (sf_value_expand(loader, lets, &entry->place, entry->value,
                            SF_VALUE_PLAIN, &value)) {
            compile_banner(loader, entry, &value, &build->server);
        }
        return;
    }
    if (sf_value_expand_static(loader, lets, entry,
                               is_list(id) ? SF_VALUE_LIST : SF_VALUE_PLAIN,
                               &value)) {
        compile_static(loader, entry, id, &value, build);
    }
}

void sf_server_compile_entry(struct sf_server_build *build,
                             struct sf_loader *loader,
                             struct sf_lets *lets,
                             const struct sf_key *key,
                             const struct sf_entry *entry)
{
    const struct sf_place *place = build->places[key->id];
    struct sf_server_build other;

    if (!sf_keys_has_value(loader, entry)) {
        return;
    }
    if (is_list(key->id) && place != NULL && place->file == entry->place.file) {
        compile_value(loader, lets, entry, key->id, build);
        return;
    }
    switch (sf_keys_claim(loader, &build->places[key->id], entry)) {
    case SF_CLAIM_FIRST:
        compile_value(loader, lets, entry, key->id, build);
        break;
    case SF_CLAIM_OVERRIDDEN:
        sf_server_init(&other);
        compile_value(loader, lets, entry, key->id, &other);
        break;
    case SF_CLAIM_TWICE:
        break;
    }
}

void sf_server_compile(struct sf_server_build *build,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const struct sf_section *section)
{
    for (const struct sf_entry *entry = section->entries; entry;
         entry = entry->next) {
        const struct sf_key *key =
            entry->is_faulty ? NULL
                             : sf_keys_find(loader, SF_SECTION_SERVER, entry);

        if (key != NULL) {
            sf_server_compile_entry(build, loader, lets, key, entry);
        }
    }
}

void sf_server_finish(struct sf_server_build *build,
                      struct sf_loader *loader,
                      bool uses_read)
{
    sf_server_check_tls(build, loader);
    if (uses_read && build->places[SF_SERVER_receive_buffer_bytes] == NULL) {
        build->server.receive_buffer_bytes = READ_BUFFER_BYTES;
    }
}

void sf_server_inherit(struct sf_server_build *build,
                       const struct sf_server_build *from)
{
#define X(member, key, type, def)                                              \
    if (build->places[SF_SERVER_##member] == NULL) {                           \
        build->server.member = from->server.member;                            \
    }
    SF_SERVER_KEY_MAP(X)
#undef X
    build->server.has_max_recipients |= from->server.has_max_recipients;
}
