/* users.c - section [users].
 *
 * Its keys are names, its values passwords, so that what is wrong is told
 * without the line that it stands in (source.c). */
#include "scenario/users.h"

#include <string.h>

#include "base/slice.h"
#include "rule/action.h"
#include "scenario/keys.h"

static struct sf_user *find_user(struct sf_user *users, const char *name)
{
    while (users != NULL && strcmp(users->name, name) != 0) {
        users = users->next;
    }
    return users;
}

/* The password of the entry; false: reported. */
static bool parse_password(struct sf_loader *loader,
                           struct sf_lets *lets,
                           const struct sf_entry *entry,
                           struct sf_slice *out_password)
{
    struct sf_value value;

    if (!sf_value_expand_static(loader, lets, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    if (value.text.len == 0 ||
        sf_slice_find(value.text, '\0') < value.text.len) {
        sf_loader_error(
            loader, &entry->place, "write one octet at least, and no NUL",
            "the password of `%s` is none that a client can send", entry->key);
        return false;
    }
    *out_password = value.text;
    return true;
}

static void add_user(struct sf_user_builds *builds,
                     struct sf_loader *loader,
                     const struct sf_entry *entry,
                     struct sf_slice password)
{
    struct sf_user *user = NULL;

    if (builds->count == SF_USERS_MAX && !builds->is_full) {
        builds->is_full = true;
        sf_loader_error(loader, &entry->place, "leave some of them out",
                        "there are more than %d users", SF_USERS_MAX);
    }
    if (!builds->is_full) {
        user = sf_loader_keep(loader, sizeof(*user));
    }
    if (user == NULL) {
        return;
    }
    user->name = sf_loader_keep_text(loader, sf_slice_str(entry->key));
    user->password = sf_loader_keep_text(loader, password);
    user->file = entry->place.file;
    user->line = entry->place.line;
    if (user->name == NULL || user->password == NULL) {
        return;
    }
    if (builds->last == NULL) {
        builds->first = user;
    } else {
        builds->last->next = user;
    }
    builds->last = user;
    builds->count++;
}

static void compile_entry(struct sf_user_builds *builds,
                          struct sf_loader *loader,
                          struct sf_lets *lets,
                          const struct sf_entry *entry)
{
    const struct sf_user *user = find_user(builds->first, entry->key);
    struct sf_slice password;

    if (entry->is_continuation) {
        sf_loader_error(loader, &entry->place,
                        "begin in the first column; a long one may come from "
                        "`[let]`",
                        "the password of `%s` goes on in another line",
                        entry->key);
    } else if (user != NULL && user->file == entry->place.file) {
        sf_loader_error(loader, &entry->place, "keep one of the two lines",
                        "`%s` has a password already, in line %u", entry->key,
                        user->line);
    } else if (parse_password(loader, lets, entry, &password) && user == NULL) {
        add_user(builds, loader, entry, password);
    }
}

void sf_users_compile(struct sf_user_builds *builds,
                      struct sf_loader *loader,
                      struct sf_lets *lets,
                      const struct sf_section *section)
{
    for (const struct sf_entry *entry = section->entries; entry;
         entry = entry->next) {
        if (!entry->is_faulty) {
            compile_entry(builds, loader, lets, entry);
        }
    }
}

static bool does_server(const struct sf_server *server)
{
    return server->auth_in_clear ||
           sf_extensions_add(&server->extensions, SF_CAPABILITY_AUTH);
}

/* A rule that answers AUTH or EHLO itself may let in. */
static bool does_rule(const struct sf_rule *rule)
{
    const sf_event_set answers = SF_EVENT_BIT(SF_EVENT_AUTH) |
                                 SF_EVENT_BIT(SF_EVENT_EHLO) |
                                 SF_EVENT_BIT(SF_EVENT_LHLO);

    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_EXTENSIONS &&
            sf_extensions_add(&rule->actions[i].u.extensions,
                              SF_CAPABILITY_AUTH)) {
            return true;
        }
    }
    return rule->is_taker && (rule->events & answers);
}

/* Whether a client can log in anywhere. */
static bool offers_auth(const struct sf_scenario *scenario)
{
    for (size_t i = 0; i < scenario->listener_count; i++) {
        if (does_server(&scenario->listeners[i].server)) {
            return true;
        }
    }
    for (size_t i = 0; i < scenario->rules.count; i++) {
        if (does_rule(&scenario->rules.rules[i])) {
            return true;
        }
    }
    return does_server(&scenario->server) || scenario->speaks_tls;
}

void sf_users_lint(struct sf_loader *loader,
                   const struct sf_scenario *scenario,
                   const struct sf_place *place)
{
    if (scenario->server.require_auth && !offers_auth(scenario)) {
        sf_loader_warn(loader, place,
                       "`auth-in-clear = yes` offers it, and TLS does, with "
                       "`require-tls = yes` for example",
                       "no mail is ever taken: AUTH is required and nowhere "
                       "offered");
    }
}

void sf_users_wipe(const struct sf_user *users)
{
    for (; users != NULL; users = users->next) {
        sf_wipe(users->password, strlen(users->password));
    }
}

const char *sf_scenario_find_password(const struct sf_scenario *scenario,
                                      struct sf_slice user)
{
    const struct sf_user *found = scenario->users;

    while (found != NULL && !sf_slice_eq_str(user, found->name)) {
        found = found->next;
    }
    return found == NULL ? NULL : found->password;
}

bool sf_scenario_is_password(const struct sf_scenario *scenario,
                             struct sf_slice text)
{
    const struct sf_user *user = scenario->users;

    while (user != NULL && !sf_slice_eq_str(text, user->password)) {
        user = user->next;
    }
    return user != NULL && sf_scenario_find_password(scenario, text) == NULL;
}
