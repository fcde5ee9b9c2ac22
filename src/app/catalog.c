/* catalog.c - the commands `list` and `show`: the scenarios in the binary.
 *
 * Titles and tags come from the loader, as it understands the files. */
#include "app/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "app/load.h"
#include "app/print.h"
#include "app/say.h"
#include "base/slice.h"
#include "base/suggestion.h"
#include "scenario/bundle.h"
#include "scenario/scenario.h"

#define TEXT_LIMIT 16777216

struct catalog {
    const struct sf_options *options;
    struct sf_scenario **scenarios; /* one for each of the bundle */
};

static void free_catalog(struct catalog *catalog)
{
    for (size_t i = 0; catalog->scenarios && i < sf_bundle_len; i++) {
        sf_scenario_free(catalog->scenarios[i]);
    }
    free(catalog->scenarios);
}

/* What the environment says about loading is not about these. */
static int load_catalog(struct catalog *catalog)
{
    const struct sf_options plain = {.is_strict = false};
    struct sf_reader reader = {.is_bundle_only = true};
    int err = 0;

    catalog->scenarios =
        calloc(sf_bundle_len + 1, sizeof(struct sf_scenario *));
    if (!catalog->scenarios) {
        sf_say("the scenarios cannot be loaded: %s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    for (size_t i = 0; err == 0 && i < sf_bundle_len; i++) {
        err = sf_load(&plain, &reader, &sf_bundle[i].name, 1,
                      &catalog->scenarios[i]);
    }
    sf_reader_fini(&reader);
    return err;
}

/* Tags. */

static bool has_tag(const struct sf_scenario *scenario, const char *text)
{
    const struct sf_tag *tag = scenario->tags;

    while (tag && !sf_slice_eq_str_nocase(sf_slice_str(text), tag->text)) {
        tag = tag->next;
    }
    return tag != NULL;
}

static bool is_wanted(const struct catalog *catalog, size_t index)
{
    for (size_t i = 0; i < catalog->options->tag_count; i++) {
        if (!has_tag(catalog->scenarios[index], catalog->options->tags[i])) {
            return false;
        }
    }
    return true;
}

static bool is_known(const struct catalog *catalog, const char *tag)
{
    size_t i = 0;

    while (i < sf_bundle_len && !has_tag(catalog->scenarios[i], tag)) {
        i++;
    }
    return i < sf_bundle_len;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every tag of the bundle once, sorted, between commas. */
static void put_tags(const struct catalog *catalog, struct sf_buf *out)
{
    const char **tags = NULL;
    size_t count = 0;
    size_t size = 0;

    for (size_t i = 0; i < sf_bundle_len; i++) {
        const struct sf_tag *tag = catalog->scenarios[i]->tags;

        for (; tag; tag = tag->next) {
            size++;
        }
    }
    tags = calloc(size + 1, sizeof(*tags));
    for (size_t i = 0; tags && i < sf_bundle_len; i++) {
        const struct sf_tag *tag = catalog->scenarios[i]->tags;

        for (; tag; tag = tag->next) {
            tags[count++] = tag->text;
        }
    }
    if (tags) {
        qsort(tags, count, sizeof(*tags), compare_texts);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(tags[i - 1], tags[i]) != 0) {
            sf_buf_printf(out, "%s%s", i == 0 ? "" : ", ", tags[i]);
        }
    }
    sf_buf_putc(out, '\0');
    free(tags);
}

static int check_tags(const struct catalog *catalog)
{
    const struct sf_options *options = catalog->options;
    struct sf_buf tags;

    for (size_t i = 0; i < options->tag_count; i++) {
        if (is_known(catalog, options->tags[i])) {
            continue;
        }
        sf_buf_init(&tags, TEXT_LIMIT);
        put_tags(catalog, &tags);
        sf_say("no bundled scenario has the tag '%.60s': there are %s",
               options->tags[i], tags.failed ? "others" : tags.ptr);
        sf_buf_fini(&tags);
        return SF_ESYNTAX;
    }
    return 0;
}

/* Lines. */

static void put_line(struct sf_buf *out,
                     const struct sf_bundled *bundled,
                     const struct sf_scenario *scenario,
                     size_t width)
{
    if (scenario->title) {
        sf_buf_printf(out, "%-*s  %s\n", (int)width, bundled->stem,
                      scenario->title);
    } else {
        sf_buf_printf(out, "%s\n", bundled->stem);
    }
}

static enum sf_status print_catalog(const struct catalog *catalog)
{
    struct sf_buf text;
    size_t width = 0;

    for (size_t i = 0; i < sf_bundle_len; i++) {
        size_t len = strlen(sf_bundle[i].stem);

        width = is_wanted(catalog, i) && len > width ? len : width;
    }
    if (width == 0) {
        sf_say("no bundled scenario has all these tags: leave one out");
    }
    sf_buf_init(&text, TEXT_LIMIT);
    for (size_t i = 0; i < sf_bundle_len; i++) {
        if (is_wanted(catalog, i)) {
            put_line(&text, &sf_bundle[i], catalog->scenarios[i], width);
        }
    }
    return sf_print(&text);
}

enum sf_status sf_catalog_list(const struct sf_options *options)
{
    struct catalog catalog = {.options = options};
    enum sf_status status;
    int err = load_catalog(&catalog);

    if (err == 0) {
        err = check_tags(&catalog);
    }
    status = err == 0 ? print_catalog(&catalog) : sf_status_of(err);
    free_catalog(&catalog);
    return status;
}

/* show */

static void say_unknown(const char *name)
{
    struct sf_suggestion suggestion;

    sf_suggestion_init(&suggestion, sf_slice_str(name));
    for (size_t i = 0; i < sf_bundle_len; i++) {
        sf_suggestion_offer(&suggestion, sf_bundle[i].stem);
    }
    if (suggestion.name) {
        sf_say("no bundled scenario is called '%.60s': did you mean %s?", name,
               suggestion.name);
    } else {
        sf_say(
            "no bundled scenario is called '%.60s': choose from those of "
            "smtpfault list",
            name);
    }
}

enum sf_status sf_catalog_show(const struct sf_options *options)
{
    const struct sf_bundled *bundled = sf_bundle_find(options->operands[0]);
    struct sf_buf text;

    if (!bundled) {
        say_unknown(options->operands[0]);
        return SF_STATUS_USAGE;
    }
    sf_buf_init(&text, TEXT_LIMIT);
    sf_buf_append(&text, bundled->text, bundled->len);
    return sf_print(&text);
}
