/* loader.c - places, findings and memory of the scenario loader. */
#include "scenario/loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

#define TEXT_SIZE 640

struct sf_finding {
    struct sf_finding *next;
    size_t number; /* in the order in which they were made */
    enum sf_severity severity;
    struct sf_place place;
    const char *text;
    const char *hint;
};

void sf_loader_init(struct sf_loader *loader,
                    struct sf_arena *arena,
                    bool is_strict)
{
    *loader = (struct sf_loader){.arena = arena, .is_strict = is_strict};
    sf_arena_init(&loader->scratch);
}

void sf_loader_fini(struct sf_loader *loader)
{
    sf_arena_fini(&loader->scratch);
}

const struct sf_tls_ability *sf_loader_tls(const struct sf_loader *loader)
{
    return loader->load == NULL ? NULL : loader->load->tls;
}

void *sf_loader_keep(struct sf_loader *loader, size_t size)
{
    void *memory = sf_arena_alloc(loader->arena, size);

    loader->is_out_of_memory |= memory == NULL;
    return memory;
}

void *sf_loader_borrow(struct sf_loader *loader, size_t size)
{
    void *memory = sf_arena_alloc(&loader->scratch, size);

    loader->is_out_of_memory |= memory == NULL;
    return memory;
}

char *sf_loader_keep_text(struct sf_loader *loader, struct sf_slice text)
{
    char *copy = sf_arena_dup(loader->arena, text);

    loader->is_out_of_memory |= copy == NULL;
    return copy;
}

char *sf_loader_borrow_text(struct sf_loader *loader, struct sf_slice text)
{
    char *copy = sf_arena_dup(&loader->scratch, text);

    loader->is_out_of_memory |= copy == NULL;
    return copy;
}

static void add_finding(struct sf_loader *loader,
                        enum sf_severity severity,
                        const struct sf_place *place,
                        const char *hint,
                        const char *text)
{
    struct sf_finding *finding = NULL;

    if (severity == SF_SEVERITY_ERROR || loader->is_strict) {
        severity = SF_SEVERITY_ERROR;
        loader->error_count++;
    }
    if (loader->finding_count >= SF_DIAGS_MAX) {
        return;
    }
    finding = sf_loader_borrow(loader, sizeof(*finding));
    if (finding == NULL) {
        return;
    }
    finding->number = loader->finding_count++;
    finding->severity = severity;
    finding->place = *place;
    finding->text = sf_loader_borrow_text(loader, sf_slice_str(text));
    finding->hint = hint;
    finding->next = loader->findings;
    loader->findings = finding;
}

void sf_loader_error(struct sf_loader *loader,
                     const struct sf_place *place,
                     const char *hint,
                     const char *format,
                     ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add_finding(loader, SF_SEVERITY_ERROR, place, hint, text);
}

void sf_loader_warn(struct sf_loader *loader,
                    const struct sf_place *place,
                    const char *hint,
                    const char *format,
                    ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add_finding(loader, SF_SEVERITY_WARNING, place, hint, text);
}

static int compare_findings(const void *a, const void *b)
{
    const struct sf_finding *left = *(const struct sf_finding *const *)a;
    const struct sf_finding *right = *(const struct sf_finding *const *)b;

    if (left->place.file != right->place.file) {
        return left->place.file < right->place.file ? -1 : 1;
    }
    if (left->place.line != right->place.line) {
        return left->place.line < right->place.line ? -1 : 1;
    }
    return left->number < right->number ? -1 : 1;
}

void sf_loader_publish(struct sf_loader *loader, struct sf_diags *diags)
{
    size_t count = loader->finding_count;
    const struct sf_finding **sorted = NULL;
    const struct sf_finding *finding = loader->findings;

    if (count == 0) {
        return;
    }
    sorted =
        sf_loader_borrow(loader, count * sizeof(const struct sf_finding *));
    if (sorted == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = finding;
        finding = finding->next;
    }
    qsort(sorted, count, sizeof(const struct sf_finding *), compare_findings);
    for (size_t i = 0; i < count; i++) {
        struct sf_diag diag = {
            .severity = sorted[i]->severity,
            .path = sorted[i]->place.path,
            .line = sorted[i]->place.line,
            .text = sorted[i]->text,
            .source = sorted[i]->place.source,
            .hint = sorted[i]->hint,
        };

        if (diag.text != NULL) {
            sf_diags_add(diags, &diag);
        }
    }
}

const char *sf_suggestion_hint(const struct sf_suggestion *suggestion,
                               struct sf_loader *loader,
                               const char *otherwise)
{
    if (suggestion->name == NULL) {
        return otherwise;
    }
    return sf_arena_printf(&loader->scratch, "did you mean `%s`?",
                           suggestion->name);
}

#define NAMING_SIZE_MAX 8192

void sf_naming_init(struct sf_naming *naming, const char *text, size_t limit)
{
    *naming = (struct sf_naming){.limit = limit};
    sf_buf_init(&naming->text, NAMING_SIZE_MAX);
    sf_buf_puts(&naming->text, text);
}

void sf_naming_add(struct sf_naming *naming, const char *name)
{
    if (++naming->count <= naming->limit) {
        sf_buf_printf(&naming->text, "%s `%s`", naming->count > 1 ? "," : "",
                      name);
    }
}

const char *sf_naming_finish(struct sf_naming *naming,
                             struct sf_loader *loader,
                             const char *tail)
{
    const char *hint = "";

    if (naming->count > naming->limit) {
        sf_buf_puts(&naming->text, " and others");
    }
    sf_buf_puts(&naming->text, tail);
    if (loader->finding_count < SF_DIAGS_MAX) {
        /* Findings beyond are not shown, and there may be very many. */
        hint = sf_loader_borrow_text(loader, sf_buf_slice(&naming->text));
    }
    sf_buf_fini(&naming->text);
    return hint;
}
