/* listen.c - sections [listen NAME]. */
#include "scenario/listen.h"
#include "scenario/server_tls.h"

#include <string.h>

#define NAME_LEN_MAX 40

#define URL_DEFAULT "smtp://127.0.0.1:0"

#define BACKLOG_MAX 65535

static const char *const name_hint =
    "use letters, digits, `.`, `_` and `-`, at most 40";

bool sf_listener_is_name(struct sf_slice name)
{
    return sf_slice_is_name(name) && name.len <= NAME_LEN_MAX;
}

const struct sf_listener *
sf_scenario_find_listener(const struct sf_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->listener_count; i++) {
        if (strcmp(scenario->listeners[i].name, name) == 0) {
            return &scenario->listeners[i];
        }
    }
    return NULL;
}

const struct sf_server *
sf_scenario_find_server(const struct sf_scenario *scenario, const char *name)
{
    const struct sf_listener *listener =
        sf_scenario_find_listener(scenario, name);

    return listener == NULL ? &scenario->server : &listener->server;
}

/* Values. */

static void compile_url(struct sf_loader *loader,
                        const struct sf_entry *entry,
                        struct sf_slice text,
                        struct sf_listen_build *build)
{
    const char *copy = sf_loader_borrow_text(loader, text);
    const struct sf_url_fault *fault = NULL;

    if (copy == NULL) {
        return;
    }
    fault = sf_url_parse(copy, &build->listener.url);
    if (fault != NULL) {
        sf_loader_error(loader, &entry->place, fault->hint, "`url`: %s",
                        fault->text);
    }
}

static void compile_backlog(struct sf_loader *loader,
                            const struct sf_entry *entry,
                            struct sf_slice text,
                            struct sf_listen_build *build)
{
    uint64_t number = 0;

    if (sf_slice_parse_u64(text, &number) != 0 || number == 0 ||
        number > BACKLOG_MAX) {
        sf_loader_error(loader, &entry->place,
                        "to let nobody connect, write `refuse = yes`",
                        "`backlog` is a number from 1 to %d", BACKLOG_MAX);
        return;
    }
    build->listener.backlog = (unsigned)number;
}

static void compile_value(struct sf_listen_build *build,
                          struct sf_loader *loader,
                          struct sf_lets *lets,
                          enum sf_listen_key key,
                          const struct sf_entry *entry)
{
    struct sf_value value;

    if (!sf_value_expand_static(loader, lets, entry, SF_VALUE_PLAIN, &value)) {
        return;
    }
    switch (key) {
    case SF_LISTEN_URL:
        compile_url(loader, entry, value.text, build);
        break;
    case SF_LISTEN_REFUSE:
        (void)sf_value_find_switch(loader, entry, value.text,
                                   &build->is_refusing);
        break;
    case SF_LISTEN_STALL:
        (void)sf_value_find_switch(loader, entry, value.text,
                                   &build->is_stalling);
        break;
    case SF_LISTEN_BACKLOG:
        compile_backlog(loader, entry, value.text, build);
        break;
    case SF_LISTEN_KEY_COUNT:
        break;
    }
}

/* Sections. */

static void init_build(struct sf_listen_build *build,
                       const struct sf_section *section,
                       const void *group)
{
    *build =
        (struct sf_listen_build){.place = &section->place,
                                 .group = group,
                                 .listener = {.backlog = SF_LISTENER_BACKLOG}};
    sf_server_init(&build->server);
    (void)!sf_url_parse(URL_DEFAULT, &build->listener.url);
}

static void compile_entry(struct sf_listen_build *build,
                          struct sf_loader *loader,
                          struct sf_lets *lets,
                          const struct sf_section *section,
                          const struct sf_entry *entry)
{
    const struct sf_key *key = sf_keys_find(loader, SF_SECTION_LISTEN, entry);
    struct sf_listen_build other;

    if (key == NULL) {
        return;
    }
    if (key->role == SF_ROLE_SERVER) {
        sf_server_compile_entry(&build->server, loader, lets, key, entry);
        return;
    }
    if (!sf_keys_has_value(loader, entry)) {
        return;
    }
    switch (sf_keys_claim(loader, &build->places[key->id], entry)) {
    case SF_CLAIM_FIRST:
        break;
    case SF_CLAIM_OVERRIDDEN:
        init_build(&other, section, NULL);
        build = &other;
        break;
    case SF_CLAIM_TWICE:
        return;
    }
    compile_value(build, loader, lets, (enum sf_listen_key)key->id, entry);
}

static struct sf_listen_build *find_build(const struct sf_listen_builds *builds,
                                          struct sf_slice name)
{
    for (struct sf_listen_build *build = builds->first; build;
         build = build->next) {
        if (sf_slice_eq_str(name, build->listener.name)) {
            return build;
        }
    }
    return NULL;
}

static bool check_name(const struct sf_listen_builds *builds,
                       struct sf_loader *loader,
                       const struct sf_section *section,
                       struct sf_slice name)
{
    if (name.len == 0) {
        sf_loader_error(loader, &section->place, "for example `[listen mx1]`",
                        "a listener has a name");
        return false;
    }
    if (!sf_listener_is_name(name)) {
        sf_loader_error(loader, &section->place, name_hint,
                        "`%.*s` is no name for a listener", SF_SLICE_ARG(name));
        return false;
    }
    if (builds->count == SF_LISTENERS_MAX) {
        sf_loader_error(loader, &section->place, "leave some of them out",
                        "there are more than %d listeners", SF_LISTENERS_MAX);
        return false;
    }
    return true;
}

/* NULL: reported. */
static struct sf_listen_build *add_build(struct sf_listen_builds *builds,
                                         struct sf_loader *loader,
                                         const void *group,
                                         const struct sf_section *section,
                                         struct sf_slice name)
{
    struct sf_listen_build *build = NULL;

    if (!check_name(builds, loader, section, name)) {
        return NULL;
    }
    build = sf_loader_borrow(loader, sizeof(*build));
    if (build == NULL) {
        return NULL;
    }
    init_build(build, section, group);
    build->listener.name = sf_loader_keep_text(loader, name);
    if (build->listener.name == NULL) {
        return NULL;
    }
    if (builds->last == NULL) {
        builds->first = build;
    } else {
        builds->last->next = build;
    }
    builds->last = build;
    builds->count++;
    return build;
}

void sf_listen_compile(struct sf_listen_builds *builds,
                       struct sf_loader *loader,
                       struct sf_lets *lets,
                       const void *group,
                       const struct sf_section *section,
                       struct sf_slice name)
{
    struct sf_listen_build *build = find_build(builds, name);
    struct sf_listen_build nameless;

    if (build == NULL) {
        build = add_build(builds, loader, group, section, name);
    } else if (build->group != group) {
        sf_loader_error(loader, &section->place,
                        "give it another name; a file that includes the other "
                        "one can override it",
                        "the listener `%s` is there already, in %s, line %u",
                        build->listener.name, build->place->path,
                        build->place->line);
        build = NULL;
    }
    if (build == NULL) {
        /* What else is wrong in it is found all the same. */
        init_build(&nameless, section, group);
        build = &nameless;
    }
    for (const struct sf_entry *entry = section->entries; entry;
         entry = entry->next) {
        if (!entry->is_faulty) {
            compile_entry(build, loader, lets, section, entry);
        }
    }
}

/* Listeners as a whole. */

static void check_modes(const struct sf_listen_build *build,
                        struct sf_loader *loader)
{
    const struct sf_place *refuse = build->places[SF_LISTEN_REFUSE];
    const struct sf_place *backlog = build->places[SF_LISTEN_BACKLOG];

    if (!build->is_refusing) {
        return;
    }
    if (build->is_stalling) {
        sf_loader_error(loader, build->places[SF_LISTEN_STALL],
                        "keep one of them: what is refused cannot wait",
                        "`refuse` and `stall` are both `yes`");
    }
    /* An included file may well have one for when nothing is refused. */
    if (backlog != NULL && backlog->file == refuse->file) {
        sf_loader_error(loader, backlog,
                        "leave it out, or write `stall = yes` instead of "
                        "`refuse = yes`",
                        "`backlog` has no meaning where `refuse = yes`");
    }
}

static void check_address(const struct sf_listen_builds *builds,
                          const struct sf_listen_build *build,
                          struct sf_loader *loader)
{
    for (const struct sf_listen_build *other = builds->first; other != build;
         other = other->next) {
        if (sf_url_collides(&build->listener.url, &other->listener.url)) {
            sf_loader_error(loader, build->places[SF_LISTEN_URL],
                            "choose another one; port 0 takes a free one",
                            "`url` is an address of the listener `%s`",
                            other->listener.name);
            return;
        }
    }
}

void sf_listen_finish(const struct sf_listen_builds *builds,
                      struct sf_loader *loader,
                      const struct sf_server_build *server,
                      struct sf_scenario *scenario)
{
    struct sf_listener *listeners =
        sf_loader_keep(loader, (builds->count + 1) * sizeof(*listeners));
    size_t count = 0;

    if (listeners == NULL) {
        return;
    }
    for (struct sf_listen_build *build = builds->first; build;
         build = build->next) {
        check_modes(build, loader);
        check_address(builds, build, loader);
        sf_server_inherit(&build->server, server);
        sf_server_check_tls(&build->server, loader);
        build->listener.server = build->server.server;
        if (build->is_refusing) {
            build->listener.mode = SF_LISTEN_REFUSES;
        } else if (build->is_stalling) {
            build->listener.mode = SF_LISTEN_STALLS;
        }
        listeners[count++] = build->listener;
    }
    scenario->listeners = listeners;
    scenario->listener_count = count;
}
