/* capability.h - what an EHLO answer offers (RFC 5321 4.1.1.1). */
#ifndef SF_SMTP_CAPABILITY_H
#define SF_SMTP_CAPABILITY_H

#include "smtpfault.h"

enum sf_capability {
#define X(name, keyword) SF_CAPABILITY_##name,
#include "smtp/capability.def"
#undef X
    SF_CAPABILITY_COUNT
};

/* A set of capabilities: bit 1 << capability. */
typedef uint64_t sf_capability_set;

#define SF_CAPABILITY_BIT(capability) ((sf_capability_set)1 << (capability))

/* The bit of the keyword that begins a line of an EHLO answer, whatever its
 * case; 0 if it is empty or nothing here depends on it.  `AUTH=` counts as
 * AUTH, the form of clients from before RFC 2554. */
sf_capability_set sf_capability_of_line(struct sf_slice line);

/* An edit of the list: scenario key `extensions`.  With is_full, `add` is the
 * whole list; else first every line whose keyword is in `remove` goes, then
 * `add` is appended, raw lines as written.  Everything is borrowed. */
struct sf_extensions {
    bool is_full;
    const struct sf_slice *remove;
    size_t remove_count;
    const struct sf_slice *add;
    size_t add_count;
};

/* Whether the edit adds a line of that keyword. */
bool sf_extensions_add(const struct sf_extensions *edit,
                       enum sf_capability capability);

/* What the server has by itself, what its settings add, and what a rule does.
 */
#define SF_CAPABILITY_LINES_MAX 256

/* The lines of an EHLO answer after the first; borrowed text. */
struct sf_capability_list {
    struct sf_slice lines[SF_CAPABILITY_LINES_MAX];
    size_t count;
};

/* Appends a line; beyond SF_CAPABILITY_LINES_MAX it is dropped and false
 * returned (the scenario loader refuses such lists before). */
bool sf_capability_list_add(struct sf_capability_list *list,
                            struct sf_slice line);

void sf_capability_list_edit(struct sf_capability_list *list,
                             const struct sf_extensions *edit);

#endif
