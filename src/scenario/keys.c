/* keys.c - every section and key of the language. */
#include "scenario/keys.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct sf_key keys[] = {
#define X(member, key, type, def)                                              \
    {SF_SECTION_SERVER, SF_ROLE_SERVER, SF_SERVER_##member, key},
    SF_SERVER_KEY_MAP(X)
#undef X
#define X(name, key, type, scope)                                              \
    {SF_SECTION_RULE, SF_ROLE_CONDITION, SF_CONDITION_##name, key},
        SF_CONDITION_MAP(X)
#undef X
#define X(name, key, type, needs)                                              \
    {SF_SECTION_EXPECT, SF_ROLE_EXPECT, SF_EXPECT_##name, key},
            SF_EXPECT_MAP(X)
#undef X
#define NOW(section, role, id, key)                                            \
    {SF_SECTION_##section, SF_ROLE_##role, id, key},
#include "scenario/keys.def"
#undef NOW
};

static const char *const section_names[SF_SECTION_KIND_COUNT] = {
    [SF_SECTION_SCENARIO] = "scenario", [SF_SECTION_LET] = "let",
    [SF_SECTION_SERVER] = "server",     [SF_SECTION_USERS] = "users",
    [SF_SECTION_LISTEN] = "listen",     [SF_SECTION_EXPECT] = "expect",
};

/* Sections that have keys of their own, for messages. */
static const char *const section_texts[SF_SECTION_KIND_COUNT] = {
    [SF_SECTION_SCENARIO] = "`[scenario]`", [SF_SECTION_SERVER] = "`[server]`",
    [SF_SECTION_LISTEN] = "`[listen]`",     [SF_SECTION_EXPECT] = "`[expect]`",
    [SF_SECTION_RULE] = "a rule",
};

/* A listener has settings of its own, and overrides those of the server. */
static bool is_key_of(const struct sf_key *key, enum sf_section_kind section)
{
    return key->section == section ||
           (section == SF_SECTION_LISTEN && key->section == SF_SECTION_SERVER);
}

/* What is between the words of a key: `header Subject`, `nth domain`,
 * `fired.greylist`; no other keys have two. */
static char separator_of(enum sf_section_kind section)
{
    return section == SF_SECTION_EXPECT ? '.' : ' ';
}

static const struct sf_key *
find_key(enum sf_section_kind section, struct sf_slice name, bool *out_has_word)
{
    struct sf_slice rest = name;
    struct sf_slice first = sf_slice_cut(&rest, separator_of(section));

    *out_has_word = first.len < name.len;
    for (size_t i = 0; i < LENGTH(keys); i++) {
        if (is_key_of(&keys[i], section) &&
            sf_slice_eq_str(first, keys[i].name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static bool takes_word(const struct sf_key *key)
{
    struct sf_slice name = sf_slice_str(key->name);

    if (key->role == SF_ROLE_EXPECT) {
        return sf_expect_has_rule((enum sf_expect_key)key->id);
    }
    return sf_slice_eq_str(name, "header") || sf_slice_eq_str(name, "nth");
}

/* What the section can hold. */
static const char *hint_keys(struct sf_loader *loader,
                             enum sf_section_kind section,
                             const char *text)
{
    struct sf_naming naming;

    sf_naming_init(&naming, text, LENGTH(keys));
    for (size_t i = 0; i < LENGTH(keys); i++) {
        if (is_key_of(&keys[i], section)) {
            sf_naming_add(&naming, keys[i].name);
        }
    }
    return sf_naming_finish(&naming, loader, "");
}

static void report_unknown(struct sf_loader *loader,
                           enum sf_section_kind section,
                           const struct sf_entry *entry)
{
    struct sf_suggestion suggestion;
    struct sf_slice rest = sf_slice_str(entry->key);
    struct sf_slice word = sf_slice_cut(&rest, separator_of(section));

    sf_suggestion_init(&suggestion, word);
    for (size_t i = 0; i < LENGTH(keys); i++) {
        if (is_key_of(&keys[i], section)) {
            sf_suggestion_offer(&suggestion, keys[i].name);
        }
    }
    sf_loader_error(loader, &entry->place,
                    sf_suggestion_hint(&suggestion, loader,
                                       hint_keys(loader, section, "there are")),
                    "%s has no key `%s`", section_texts[section], entry->key);
}

const struct sf_key *sf_keys_find(struct sf_loader *loader,
                                  enum sf_section_kind section,
                                  const struct sf_entry *entry)
{
    bool has_word = false;
    const struct sf_key *key =
        find_key(section, sf_slice_str(entry->key), &has_word);

    if (key == NULL) {
        report_unknown(loader, section, entry);
        return NULL;
    }
    if (has_word && !takes_word(key)) {
        /* Most often a colon further on in a line that lacks its `=`. */
        sf_loader_error(loader, &entry->place,
                        sf_arena_printf(&loader->scratch,
                                        "behind `%s` stands `=`", key->name),
                        "unknown key `%s`", entry->key);
        return NULL;
    }
    return key;
}

struct sf_slice sf_keys_word(const struct sf_entry *entry)
{
    struct sf_slice rest = sf_slice_str(entry->key);

    (void)sf_slice_cut(&rest, ' ');
    return sf_slice_trim(rest);
}

bool sf_keys_has_value(struct sf_loader *loader, const struct sf_entry *entry)
{
    if (entry->value[0] == '\0') {
        sf_loader_error(loader, &entry->place,
                        "an empty value is written `\"\"`", "`%s` has no value",
                        entry->key);
        return false;
    }
    return true;
}

enum sf_key_claim sf_keys_claim(struct sf_loader *loader,
                                const struct sf_place **place,
                                const struct sf_entry *entry)
{
    if (*place == NULL) {
        *place = &entry->place;
        return SF_CLAIM_FIRST;
    }
    if ((*place)->file != entry->place.file) {
        return SF_CLAIM_OVERRIDDEN;
    }
    sf_loader_error(loader, &entry->place, "keep one of the two lines",
                    "`%s` is set already, in line %u", entry->key,
                    (*place)->line);
    return SF_CLAIM_TWICE;
}

/* The kind that a lower-case word names. */
static enum sf_section_kind find_section(struct sf_slice word)
{
    for (size_t i = 0; i < SF_SECTION_KIND_COUNT; i++) {
        if (section_names[i] != NULL &&
            sf_slice_eq_str(word, section_names[i])) {
            return (enum sf_section_kind)i;
        }
    }
    return SF_SECTION_KIND_COUNT;
}

static bool is_section_nocase(struct sf_slice word)
{
    for (size_t i = 0; i < SF_SECTION_KIND_COUNT; i++) {
        if (section_names[i] != NULL &&
            sf_slice_eq_str_nocase(word, section_names[i])) {
            return true;
        }
    }
    return false;
}

enum sf_section_kind sf_keys_kind_of(struct sf_slice name)
{
    struct sf_slice rest = name;
    struct sf_slice word = sf_slice_cut_word(&rest);

    if (word.len > 0 && word.ptr[0] >= 'A' && word.ptr[0] <= 'Z' &&
        !is_section_nocase(word)) {
        return SF_SECTION_RULE;
    }
    return find_section(word);
}

void sf_keys_suggest_section(struct sf_suggestion *suggestion)
{
    for (size_t i = 0; i < SF_SECTION_KIND_COUNT; i++) {
        if (section_names[i] != NULL) {
            sf_suggestion_offer(suggestion, section_names[i]);
        }
    }
}

static bool is_key_word(struct sf_slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!sf_ascii_is_alnum(word.ptr[i]) && word.ptr[i] != '-') {
            return false;
        }
    }
    return word.len > 0 && !sf_ascii_is_digit(word.ptr[0]);
}

/* Those of [expect] are words of plain text as well. */
static bool is_known_word(struct sf_slice word)
{
    for (size_t i = 0; i < LENGTH(keys); i++) {
        if (keys[i].section != SF_SECTION_EXPECT &&
            sf_slice_eq_str_nocase(word, keys[i].name)) {
            return true;
        }
    }
    return false;
}

static bool reads_as_section(struct sf_slice text)
{
    struct sf_slice word = {NULL, 0};

    if (text.len < 3 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']') {
        return false;
    }
    text = sf_slice_trim(sf_slice(text.ptr + 1, text.len - 2));
    word = sf_slice_cut(&text, ' ');
    return sf_event_find(word) != 0 ||
           find_section(word) != SF_SECTION_KIND_COUNT;
}

bool sf_keys_reads_as_line(struct sf_slice text)
{
    /* Text may well hold `word:`, so that a colon counts only behind a known
     * key. */
    size_t equals = sf_slice_find(text, '=');
    size_t colon = sf_slice_find(text, ':');
    bool is_colon = colon < equals;
    size_t end = is_colon ? colon : equals;
    struct sf_slice rest = sf_slice_trim(sf_slice(text.ptr, end));
    struct sf_slice first = {NULL, 0};

    if (reads_as_section(text)) {
        return true;
    }
    if (end == text.len) {
        return false;
    }
    first = sf_slice_cut(&rest, ' ');
    if (rest.ptr != NULL) {
        return is_known_word(first) && is_key_word(sf_slice_trim(rest));
    }
    return is_colon ? is_known_word(first) : is_key_word(first);
}
