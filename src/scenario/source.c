/* source.c - reads a scenario file through inih: the only user of it.
 *
 * inih calls our reader once for each line and our handler for each key.  The
 * reader does what versions of inih disagree about, or do in silence: it
 * counts lines, sees every section, ends lines at blank and `;`, and refuses
 * what inih would cut (then the rest of a line would be read as the next
 * one).  A line that the handler was not called for had no `=`. */
#include "scenario/source.h"

#include <ini.h>
#include <string.h>

#include "scenario/keys.h"

enum line_kind { LINE_EMPTY, LINE_SECTION, LINE_ENTRY };

struct reader {
    struct sf_loader *loader;
    struct sf_source *source;
    struct sf_slice rest;
    struct sf_section **section_end;
    struct sf_section *section;
    struct sf_entry **entry_end;
    const char *key;     /* that a continuation goes on with; "": none */
    bool is_in_users;    /* its lines are passwords */
    bool skips_indented; /* they would go on with a line that was no entry */

    /* The current line. */
    struct sf_place place;
    enum line_kind kind;
    bool is_handled;
    bool is_faulty;
    bool is_indented;
    bool has_comment;
};

/* As isspace() in the C locale, which inih uses. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct sf_slice strip_blanks(struct sf_slice text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* Blank and `;` end a line. */
static struct sf_slice cut_comment(struct sf_slice line)
{
    for (size_t i = 1; i < line.len; i++) {
        if (line.ptr[i] == ';' && is_blank(line.ptr[i - 1])) {
            line.len = i;
            break;
        }
    }
    return line;
}

/* A key line that inih made nothing of. */
static void settle_line(struct reader *reader)
{
    if (reader->kind != LINE_ENTRY || reader->is_handled) {
        return;
    }
    reader->skips_indented = true;
    if (!reader->is_faulty) {
        bool is_reply = reader->place.source != NULL &&
                        sf_ascii_is_digit(reader->place.source[0]);

        sf_loader_error(reader->loader, &reader->place,
                        is_reply ? "further lines of a reply are indented"
                                 : "a comment begins with `;` or `#`, a line "
                                   "that goes on with a value with a blank",
                        "neither a `[section]` nor `key = value`");
    }
}

/* The line as findings show it.  Those of [users] hold passwords: they are not
 * shown. */
static void set_source(struct reader *reader, struct sf_slice line)
{
    bool is_secret =
        reader->is_in_users && !(line.len > 0 && line.ptr[0] == '[');

    reader->place.is_secret = is_secret;
    reader->place.source =
        is_secret ? NULL : sf_loader_borrow_text(reader->loader, line);
}

/* Takes the next line off the text; refuses what inih would cut. */
static struct sf_slice take_line(struct reader *reader)
{
    struct sf_slice line = sf_slice_cut(&reader->rest, '\n');
    size_t nul = 0;

    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    reader->place.line++;
    if (reader->place.line == 1 && line.len >= 3 &&
        memcmp(line.ptr, "\xEF\xBB\xBF", 3) == 0) {
        line = sf_slice(line.ptr + 3, line.len - 3);
    }
    nul = sf_slice_find(line, '\0');
    if (line.len > SF_SOURCE_LINE_MAX) {
        struct sf_slice cut = sf_slice(line.ptr, SF_SOURCE_LINE_MAX);

        reader->is_faulty = true;
        set_source(reader, cut);
        sf_loader_error(reader->loader, &reader->place,
                        "use a continuation line, or a name from `[let]`",
                        "the line has %zu octets, %d are the limit", line.len,
                        SF_SOURCE_LINE_MAX);
        line = cut;
    } else {
        set_source(reader, line);
    }
    if (nul < line.len) {
        reader->is_faulty = true;
        line.len = nul;
        sf_loader_error(reader->loader, &reader->place,
                        "in a quoted value it is written `\\0`",
                        "there is a NUL octet in the line");
    }
    return line;
}

static void add_section(struct reader *reader, struct sf_slice name)
{
    struct sf_section *section =
        sf_loader_borrow(reader->loader, sizeof(*section));

    reader->section = section;
    reader->key = "";
    if (section == NULL) {
        return;
    }
    section->place = reader->place;
    section->name = sf_loader_borrow_text(reader->loader, name);
    reader->is_in_users = sf_slice_eq_str_nocase(name, "users");
    section->is_faulty = reader->is_faulty || section->name == NULL;
    *reader->section_end = section;
    reader->section_end = &section->next;
    reader->entry_end = &section->entries;
}

/* A line that begins with `[`. */
static void read_section(struct reader *reader, struct sf_slice line)
{
    struct sf_slice rest = sf_slice(line.ptr + 1, line.len - 1);
    struct sf_slice name = {NULL, 0};
    const char *hint = NULL;
    bool has_end = sf_slice_find(rest, ']') < rest.len;
    bool was_faulty = reader->is_faulty;

    name = sf_slice_cut(&rest, ']');
    rest = strip_blanks(rest);
    reader->is_faulty = true;
    if (was_faulty) {
        /* Reported when the line was taken. */
    } else if (!has_end) {
        sf_loader_error(reader->loader, &reader->place,
                        "put a `]` behind the name",
                        "the section's name has no `]`");
    } else if (rest.len > 0) {
        hint = rest.ptr[0] == ';' || rest.ptr[0] == '#'
                   ? "a comment behind a section begins with blank and `;`"
                   : "what belongs to the section stands in its own line";
        sf_loader_error(reader->loader, &reader->place, hint,
                        "text behind `]`");
    } else if (name.len > SF_SOURCE_SECTION_MAX) {
        sf_loader_error(reader->loader, &reader->place,
                        "take a shorter label; events that get the same "
                        "treatment may be rules of their own",
                        "the section's name has %zu octets, %d are the limit",
                        name.len, SF_SOURCE_SECTION_MAX);
    } else if (strip_blanks(name).len == 0) {
        sf_loader_error(reader->loader, &reader->place,
                        "for example `[RCPT]`, `[server]` or `[let]`",
                        "the section has no name");
    } else {
        reader->is_faulty = false;
    }
    add_section(reader, strip_blanks(name));
}

/* Finds out what inih will make of the line; returns what it may see. */
static struct sf_slice classify_line(struct reader *reader,
                                     struct sf_slice line)
{
    struct sf_slice text = {NULL, 0};
    bool is_first = line.len > 0 && (line.ptr[0] == ';' || line.ptr[0] == '#');
    size_t len = line.len;

    reader->kind = LINE_EMPTY;
    line = cut_comment(line);
    reader->has_comment = line.len < len;
    text = strip_blanks(line);
    if (is_first || text.len == 0 || text.ptr[0] == ';' || text.ptr[0] == '#') {
        return sf_slice("", 0);
    }
    reader->is_indented = text.ptr > line.ptr;
    if (text.ptr[0] == '[' && !(reader->is_indented && reader->key[0])) {
        reader->skips_indented = false;
        reader->kind = LINE_SECTION;
        read_section(reader, text);
        return reader->is_faulty ? sf_slice("[]", 2) : text;
    }
    if (reader->skips_indented && reader->is_indented) {
        return sf_slice("", 0);
    }
    reader->skips_indented = false;
    reader->kind = LINE_ENTRY;
    return line;
}

/* Called by inih for the next line, as fgets() would be. */
static char *read_line(char *str, int num, void *stream)
{
    struct reader *reader = stream;
    struct sf_slice line = {NULL, 0};
    size_t size = num > 0 ? (size_t)num : 0;

    settle_line(reader);
    reader->is_faulty = false;
    reader->is_handled = false;
    reader->kind = LINE_EMPTY;
    if (reader->rest.len == 0 || size < 3) {
        return NULL;
    }
    line = classify_line(reader, take_line(reader));
    if (reader->loader->is_out_of_memory) {
        return NULL;
    }
    line.len = line.len < size - 2 ? line.len : size - 2;
    memcpy(str, line.ptr, line.len);
    str[line.len] = '\n';
    str[line.len + 1] = '\0';
    return str;
}

static void add_entry(struct reader *reader, const char *value, bool is_more)
{
    struct sf_entry *entry = sf_loader_borrow(reader->loader, sizeof(*entry));

    if (entry == NULL) {
        return;
    }
    entry->place = reader->place;
    entry->key = reader->key;
    entry->value = sf_loader_borrow_text(reader->loader, sf_slice_str(value));
    entry->is_continuation = is_more;
    entry->is_faulty = reader->is_faulty || entry->value == NULL;
    entry->has_comment = reader->has_comment;
    *reader->entry_end = entry;
    reader->entry_end = &entry->next;
    reader->section->entry_count++;
}

/* A continuation that was meant as a line of its own. */
static void check_continuation(struct reader *reader, const char *value)
{
    if (reader->is_faulty || reader->section->is_faulty ||
        !sf_keys_reads_as_line(sf_slice_str(value))) {
        return;
    }
    reader->is_faulty = true;
    sf_loader_error(reader->loader, &reader->place,
                    "a line of its own begins in the first column",
                    "an indented line goes on with `%s`, but this one reads "
                    "as a line of its own",
                    reader->key);
}

/* Whether the line has a key, and a section to be in. */
static bool check_key(struct reader *reader, const char *name)
{
    const char *text = NULL;
    const char *hint = NULL;

    if (name[0] == '\0') {
        text = "there is no key before the `=`";
        hint = "a line reads `key = value`, for example `delay = 2s`";
    } else if (reader->section == NULL) {
        text = "the line stands before any section";
        hint = "begin a section above it, for example `[RCPT]`";
    }
    if (text != NULL && !reader->is_faulty) {
        sf_loader_error(reader->loader, &reader->place, hint, "%s", text);
    }
    return text == NULL;
}

/* The handler of inih.  What it is told besides (the section, the key of a
 * continuation) it would cut, and we know already. */
#if INI_HANDLER_LINENO
static int handle_key(void *user,
                      const char *section,
                      const char *name,
                      const char *value,
                      int lineno)
#else
static int
handle_key(void *user, const char *section, const char *name, const char *value)
#endif
{
    struct reader *reader = user;
    bool is_more = reader->is_indented && reader->key[0] != '\0';

    (void)section;
#if INI_HANDLER_LINENO
    (void)lineno;
#endif
    if (reader->kind != LINE_ENTRY || name == NULL || value == NULL) {
        return 1;
    }
    reader->is_handled = true;
    if (!is_more && !check_key(reader, name)) {
        reader->skips_indented = true;
        return 1;
    }
    if (is_more) {
        check_continuation(reader, value);
    } else {
        const char *key =
            sf_loader_borrow_text(reader->loader, sf_slice_str(name));

        reader->key = key != NULL ? key : "";
    }
    add_entry(reader, value, is_more);
    return 1;
}

void sf_source_parse(struct sf_loader *loader,
                     const struct sf_place *place,
                     struct sf_slice text,
                     struct sf_source *out_source)
{
    struct reader reader = {
        .loader = loader,
        .source = out_source,
        .rest = text,
        .section_end = &out_source->sections,
        .key = "",
        .place = *place,
    };

    *out_source = (struct sf_source){.place = *place};
    /* Its result knows the first bad line only; we have reported them all.
     * Without memory it does not begin, which is then all that it can say. */
    if (ini_parse_stream(read_line, &reader, handle_key, &reader) == -2) {
        loader->is_out_of_memory = true;
    }
}
