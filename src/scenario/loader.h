/* loader.h - what the parts of the scenario loader share: places in files,
 * findings, memory.
 *
 * Findings are collected and handed over sorted by file and line, because the
 * parts look at a file several times.  Functions of the loader that return
 * bool return false when they have reported an error or when memory ran out
 * (which is remembered); the caller then leaves the value alone and goes on,
 * so that everything wrong is found in one run. */
#ifndef SF_SCENARIO_LOADER_H
#define SF_SCENARIO_LOADER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/suggestion.h"
#include "smtpfault.h"

/* Where something stands. */
struct sf_place {
    const char *path;   /* as the user wrote it */
    unsigned file;      /* order of loading */
    unsigned line;      /* 0: the file as a whole */
    const char *source; /* the line, or NULL */
    bool is_secret;     /* the line holds a password */
};

struct sf_finding;
struct sf_regex;

struct sf_loader {
    struct sf_arena *arena;     /* lives as long as the scenario */
    struct sf_arena scratch;    /* lives as long as loading */
    const struct sf_load *load; /* NULL: no files, and no TLS library */
    bool is_strict;
    bool is_out_of_memory;
    struct sf_finding *findings; /* newest first */
    size_t finding_count;
    size_t error_count;
    size_t expanded_len;      /* octets of all values so far */
    struct sf_regex *regexes; /* compiled so far; the caller's to free */
    size_t regex_size;        /* of all of them, see regex.h */
};

void sf_loader_init(struct sf_loader *loader,
                    struct sf_arena *arena,
                    bool is_strict);
void sf_loader_fini(struct sf_loader *loader);

/* What the TLS library can do; NULL: not known. */
const struct sf_tls_ability *sf_loader_tls(const struct sf_loader *loader);

/* Zeroed memory of either lifetime; NULL without memory, which is then
 * remembered. */
void *sf_loader_keep(struct sf_loader *loader, size_t size);
void *sf_loader_borrow(struct sf_loader *loader, size_t size);

/* Terminated copies of octets, of either lifetime. */
char *sf_loader_keep_text(struct sf_loader *loader, struct sf_slice text);
char *sf_loader_borrow_text(struct sf_loader *loader, struct sf_slice text);

/* Report a finding.  Every one has a hint that tells what to do about it (NULL
 * only where memory ran out).  With is_strict warnings are errors. */
void sf_loader_error(struct sf_loader *loader,
                     const struct sf_place *place,
                     const char *hint,
                     const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
void sf_loader_warn(struct sf_loader *loader,
                    const struct sf_place *place,
                    const char *hint,
                    const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* Adds the findings to diags, sorted by file and line. */
void sf_loader_publish(struct sf_loader *loader, struct sf_diags *diags);

/* For "%.*s". */
#define SF_SLICE_ARG(slice) (int)(slice).len, (slice).ptr

/* "did you mean `name`?", or `otherwise`. */
const char *sf_suggestion_hint(const struct sf_suggestion *suggestion,
                               struct sf_loader *loader,
                               const char *otherwise);

/* A hint that lists names: a text, then each name in ticks, "and others" in
 * the place of those beyond `limit`. */
struct sf_naming {
    struct sf_buf text;
    size_t limit;
    size_t count;
};

void sf_naming_init(struct sf_naming *naming, const char *text, size_t limit);
void sf_naming_add(struct sf_naming *naming, const char *name);

/* The hint, with `tail` behind it; releases the naming. */
const char *sf_naming_finish(struct sf_naming *naming,
                             struct sf_loader *loader,
                             const char *tail);

#endif
