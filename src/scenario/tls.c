/* tls.c - what a scenario has to do with TLS as a whole. */
#include "scenario/tls.h"

#include "rule/action.h"

static bool does_server(const struct sf_server *server)
{
    return server->require_tls || server->certificate.ptr != NULL ||
           server->ciphers != NULL ||
           server->min_version != SF_TLS_ANY_VERSION ||
           server->max_version != SF_TLS_ANY_VERSION ||
           sf_extensions_add(&server->extensions, SF_CAPABILITY_STARTTLS);
}

static bool does_condition(const struct sf_rule *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == SF_CONDITION_TLS) {
            return true;
        }
    }
    return false;
}

static bool does_action(const struct sf_rule *rule)
{
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_action *action = &rule->actions[i];

        if (action->kind == SF_ACTION_HANDSHAKE ||
            (action->kind == SF_ACTION_EXTENSIONS &&
             sf_extensions_add(&action->u.extensions,
                               SF_CAPABILITY_STARTTLS))) {
            return true;
        }
    }
    return false;
}

/* Not where STARTTLS is only one of the commands that ANY stands for. */
static bool does_event(const struct sf_rule *rule)
{
    sf_event_set any = sf_event_find(sf_slice_str("ANY"));
    sf_event_set named =
        (rule->events & any) == any ? rule->events & ~any : rule->events;

    return (named & (SF_EVENT_BIT(SF_EVENT_STARTTLS) |
                     SF_EVENT_BIT(SF_EVENT_TLS))) != 0;
}

static bool does_scenario(const struct sf_scenario *scenario)
{
    bool does = does_server(&scenario->server);

    for (size_t i = 0; i < scenario->listener_count; i++) {
        const struct sf_listener *listener = &scenario->listeners[i];

        does |= listener->url.is_tls || does_server(&listener->server);
    }
    for (size_t i = 0; i < scenario->rules.count; i++) {
        const struct sf_rule *rule = &scenario->rules.rules[i];

        does |= does_event(rule) || does_condition(rule) || does_action(rule);
    }
    return does;
}

/* One for each `handshake`; that some are alike does no harm. */
static void find_profiles(struct sf_loader *loader,
                          struct sf_scenario *scenario)
{
    const struct sf_ruleset *rules = &scenario->rules;
    struct sf_tls_profile *profiles = NULL;
    size_t count = 0;

    for (size_t i = 0; i < rules->count; i++) {
        count += sf_rule_has_action(&rules->rules[i], SF_ACTION_HANDSHAKE);
    }
    if (count > 0) {
        profiles = sf_loader_keep(loader, count * sizeof(*profiles));
    }
    if (profiles == NULL) {
        return;
    }
    scenario->profiles = profiles;
    for (size_t i = 0; i < rules->count; i++) {
        const struct sf_rule *rule = &rules->rules[i];

        for (size_t j = 0; j < rule->action_count; j++) {
            if (rule->actions[j].kind == SF_ACTION_HANDSHAKE) {
                profiles[scenario->profile_count++] =
                    rule->actions[j].u.handshake.profile;
            }
        }
    }
}

void sf_scenario_derive_tls(struct sf_loader *loader,
                            struct sf_scenario *scenario)
{
    scenario->speaks_tls = does_scenario(scenario);
    find_profiles(loader, scenario);
}
