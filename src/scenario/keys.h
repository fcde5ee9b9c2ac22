/* keys.h - every section and key of the language: one table, from which come
 * "unknown key" and "did you mean". */
#ifndef SF_SCENARIO_KEYS_H
#define SF_SCENARIO_KEYS_H

#include "scenario/scenario.h"
#include "scenario/source.h"

enum sf_section_kind {
    SF_SECTION_SCENARIO,
    SF_SECTION_LET,
    SF_SECTION_SERVER,
    SF_SECTION_RULE,
    SF_SECTION_USERS,
    SF_SECTION_LISTEN,
    SF_SECTION_EXPECT,
    SF_SECTION_KIND_COUNT
};

/* What a key is, and so which enumeration its id is of. */
enum sf_key_role {
    SF_ROLE_SETTING,   /* [scenario]: sf_setting_key */
    SF_ROLE_SERVER,    /* [server], [listen]: sf_server_key */
    SF_ROLE_LISTEN,    /* [listen]: sf_listen_key */
    SF_ROLE_CONDITION, /* sf_condition_kind */
    SF_ROLE_PER,
    SF_ROLE_ACTION, /* sf_action_kind; of `reply` the lines */
    SF_ROLE_DELIBERATE,
    SF_ROLE_FIRED,
    SF_ROLE_EXPECT, /* [expect]: sf_expect_key */
};

enum sf_setting_key {
    SF_SETTING_TITLE,
    SF_SETTING_ABOUT,
    SF_SETTING_REFERENCE,
    SF_SETTING_TAGS,
    SF_SETTING_SEED,
    SF_SETTING_INCLUDE,
    SF_SETTING_COUNT
};

enum sf_server_key {
#define X(member, key, type, def) SF_SERVER_##member,
    SF_SERVER_KEY_MAP(X)
#undef X
        SF_SERVER_KEY_COUNT
};

enum sf_listen_key {
    SF_LISTEN_URL,
    SF_LISTEN_REFUSE,
    SF_LISTEN_STALL,
    SF_LISTEN_BACKLOG,
    SF_LISTEN_KEY_COUNT
};

struct sf_key {
    enum sf_section_kind section;
    enum sf_key_role role;
    int id;
    const char *name;
};

/* The key of an entry in a section of this kind.  NULL, and reported, if it is
 * unknown. */
const struct sf_key *sf_keys_find(struct sf_loader *loader,
                                  enum sf_section_kind section,
                                  const struct sf_entry *entry);

/* The second word of the entry's key, `domain` of `nth domain`; empty if there
 * is none. */
struct sf_slice sf_keys_word(const struct sf_entry *entry);

/* Whether the entry has a value; reported if not. */
bool sf_keys_has_value(struct sf_loader *loader, const struct sf_entry *entry);

/* What becomes of an entry whose key counts once, in the first file that has
 * it. */
enum sf_key_claim {
    SF_CLAIM_FIRST,
    SF_CLAIM_OVERRIDDEN, /* by another file: it is checked, not used */
    SF_CLAIM_TWICE,      /* reported */
};

/* *place is where the key was set; NULL: nowhere yet, now here. */
enum sf_key_claim sf_keys_claim(struct sf_loader *loader,
                                const struct sf_place **place,
                                const struct sf_entry *entry);

/* The kind of a section of this name; SF_SECTION_RULE if it begins as rules
 * do, SF_SECTION_KIND_COUNT if there is none.  `[SERVER]` is none: it was
 * hardly meant as a rule. */
enum sf_section_kind sf_keys_kind_of(struct sf_slice name);

/* Offers the names of sections that are not rules. */
void sf_keys_suggest_section(struct sf_suggestion *suggestion);

/* Whether text reads `key = value` or `[section]`, so that it was hardly meant
 * to go on with the line before it. */
bool sf_keys_reads_as_line(struct sf_slice text);

#endif
