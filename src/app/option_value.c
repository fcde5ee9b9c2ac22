/* option_value.c - what each option does with its value. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/option.h"
#include "base/slice.h"
#include "base/text.h"
#include "scenario/scenario.h"

static const char *const when_names[] = {"auto", "always", "never"};

int sf_option_fail(struct sf_option_parser *parser, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(parser->error, parser->error_size, format, arguments);
    va_end(arguments);
    return SF_ESYNTAX;
}

int sf_option_take_scenario(struct sf_option_parser *parser, const char *value)
{
    struct sf_options *options = parser->options;

    options->scenarios[options->scenario_count++] = value;
    return 0;
}

/* The name before `=`, if the value has one before its URL begins. */
static struct sf_slice take_listener_name(const char **value)
{
    const char *equals = strchr(*value, '=');
    const char *scheme = strstr(*value, "://");
    struct sf_slice name = {NULL, 0};

    if (equals && (!scheme || equals < scheme)) {
        name = sf_slice(*value, (size_t)(equals - *value));
        *value = equals + 1;
    }
    return name;
}

static int check_listener_name(struct sf_option_parser *parser,
                               struct sf_slice name)
{
    const struct sf_options *options = parser->options;

    if (!sf_listener_is_name(name)) {
        return sf_option_fail(
            parser,
            "--listen: '%.*s' is no name for a listener: use letters, "
            "digits, '.', '_' and '-', at most 40",
            (int)(name.len < 60 ? name.len : 60), name.ptr);
    }
    for (size_t i = 0; i < options->listener_count; i++) {
        const char *other = options->listeners[i].name;

        if (other && sf_slice_eq_str(name, other)) {
            return sf_option_fail(
                parser,
                "--listen: two listeners are called '%s': give them "
                "different names",
                other);
        }
    }
    return 0;
}

int sf_option_take_listen(struct sf_option_parser *parser, const char *value)
{
    struct sf_options *options = parser->options;
    struct sf_listen_option *listen =
        &options->listeners[options->listener_count];
    struct sf_slice name = take_listener_name(&value);
    const struct sf_url_fault *fault = NULL;
    int err = name.ptr ? check_listener_name(parser, name) : 0;

    if (err != 0) {
        return err;
    }
    fault = sf_url_parse(value, &listen->url);
    if (fault) {
        return sf_option_fail(parser, "--listen %s: %s: %s", value, fault->text,
                              fault->hint);
    }
    if (name.ptr) {
        listen->name = sf_arena_dup(&options->arena, name);
        if (!listen->name) {
            return SF_ENOMEM;
        }
    }
    options->listener_count++;
    return 0;
}

int sf_option_take_port_file(struct sf_option_parser *parser, const char *value)
{
    if (strcmp(value, "-") == 0) {
        return sf_option_fail(
            parser,
            "--port-file -: not a file: leave it out, the ready lines on "
            "standard output say the same");
    }
    parser->options->port_file = value;
    return 0;
}

/* Adds `name=value` to the settings. */
static int take_pair(struct sf_option_parser *parser,
                     const char *value,
                     const char *option,
                     const char *hint,
                     struct sf_setting *settings,
                     size_t *count)
{
    const char *equals = strchr(value, '=');
    struct sf_setting *setting = &settings[*count];

    if (!equals || equals == value) {
        return sf_option_fail(parser, "%s %s: not %s", option, value, hint);
    }
    setting->name = sf_arena_dup(&parser->options->arena,
                                 sf_slice(value, (size_t)(equals - value)));
    setting->value = equals + 1;
    if (!setting->name) {
        return SF_ENOMEM;
    }
    (*count)++;
    return 0;
}

int sf_option_take_set(struct sf_option_parser *parser, const char *value)
{
    return take_pair(
        parser, value, "--set", "NAME=VALUE: write --set window=5s",
        parser->options->settings, &parser->options->setting_count);
}

int sf_option_take_expect(struct sf_option_parser *parser, const char *value)
{
    return take_pair(
        parser, value, "--expect", "KEY=VALUE: write --expect attempts=2..3",
        parser->options->expectations, &parser->options->expectation_count);
}

int sf_option_take_speed(struct sf_option_parser *parser, const char *value)
{
    double speed;

    /* strtod() takes more than decimal numbers. */
    speed =
        value[strspn(value, "0123456789.")] == '\0' ? strtod(value, NULL) : 0;
    if (!(speed > 0 && speed <= 1e6) ||
        strchr(value, '.') != strrchr(value, '.')) {
        return sf_option_fail(
            parser,
            "--speed %s: not a number above 0 and up to 1000000: "
            "write for example 60 or 0.5",
            value);
    }
    parser->options->speed = speed;
    return 0;
}

int sf_option_take_seed(struct sf_option_parser *parser, const char *value)
{
    struct sf_options *options = parser->options;

    options->is_seed_random = strcmp(value, "random") == 0;
    options->has_seed = true;
    if (!options->is_seed_random &&
        sf_slice_parse_u64(sf_slice_str(value), &options->seed) != 0) {
        return sf_option_fail(
            parser,
            "--seed %s: not a number below 2^64: write one, or "
            "'random'",
            value);
    }
    return 0;
}

int sf_option_take_tls_cert(struct sf_option_parser *parser, const char *value)
{
    parser->options->tls_cert = value;
    return 0;
}

int sf_option_take_tls_key(struct sf_option_parser *parser, const char *value)
{
    parser->options->tls_key = value;
    return 0;
}

int sf_option_take_ca_file(struct sf_option_parser *parser, const char *value)
{
    if (strcmp(value, "-") == 0) {
        return sf_option_fail(parser,
                              "--ca-file -: not a file: name one that "
                              "the client can be told");
    }
    parser->options->ca_file = value;
    return 0;
}

int sf_option_take_journal(struct sf_option_parser *parser, const char *value)
{
    parser->options->journal = value;
    return 0;
}

int sf_option_take_save(struct sf_option_parser *parser, const char *value)
{
    parser->options->save_dir = value;
    return 0;
}

/* `text, json, junit, tap or github`, without blanks at the end. */
static void list_formats(char *out, size_t size)
{
    struct sf_buf buf;

    sf_buf_init(&buf, size - 1);
    for (size_t i = 0; i < sf_report_format_count; i++) {
        if (i > 0) {
            sf_buf_puts(&buf, i + 1 < sf_report_format_count ? ", " : " or ");
        }
        sf_buf_puts(&buf, sf_report_formats[i].name);
    }
    (void)snprintf(out, size, "%.*s", (int)buf.len, buf.ptr ? buf.ptr : "");
    sf_buf_fini(&buf);
}

int sf_option_take_report(struct sf_option_parser *parser, const char *value)
{
    struct sf_options *options = parser->options;
    struct sf_slice path = sf_slice_str(value);
    struct sf_slice name = sf_slice_cut(&path, ':');
    const struct sf_report_format *format = sf_report_find(name);
    char formats[80];

    list_formats(formats, sizeof(formats));
    if (!format) {
        return sf_option_fail(
            parser, "--report %s: '%.*s' is no format: use %s", value,
            (int)(name.len < 60 ? name.len : 60), name.ptr, formats);
    }
    if (path.len == 0) {
        return sf_option_fail(
            parser, "--report %s: no file: write --report %s:FILE, or %s:-",
            value, format->name, format->name);
    }
    options->reports[options->report_count++] =
        (struct sf_report_option){format, path.ptr};
    return 0;
}

int sf_option_take_max_sessions(struct sf_option_parser *parser,
                                const char *value)
{
    uint64_t *count = &parser->options->max_sessions;

    if (sf_slice_parse_u64(sf_slice_str(value), count) != 0 || *count == 0) {
        return sf_option_fail(
            parser, "--max-sessions %s: not a number from 1 up: write 1",
            value);
    }
    return 0;
}

static int take_duration(struct sf_option_parser *parser,
                         const char *name,
                         const char *value,
                         uint64_t *out_us)
{
    if (sf_text_parse_duration(sf_slice_str(value), out_us) != 0) {
        return sf_option_fail(
            parser,
            "--%s %s: not a duration: write for example 500ms, 10s "
            "or 5m",
            name, value);
    }
    return 0;
}

int sf_option_take_until_idle(struct sf_option_parser *parser,
                              const char *value)
{
    return take_duration(parser, "until-idle", value,
                         &parser->options->until_idle_us);
}

int sf_option_take_timeout(struct sf_option_parser *parser, const char *value)
{
    parser->options->has_timeout = true;
    return take_duration(parser, "timeout", value,
                         &parser->options->timeout_us);
}

static int take_when(struct sf_option_parser *parser,
                     const char *name,
                     const char *value,
                     enum sf_when *out_when)
{
    for (int i = SF_WHEN_AUTO; i <= SF_WHEN_NEVER; i++) {
        if (strcmp(value, when_names[i]) == 0) {
            *out_when = (enum sf_when)i;
            return 0;
        }
    }
    return sf_option_fail(
        parser, "--%s %s: not known: use auto, always or never", name, value);
}

int sf_option_take_transcript(struct sf_option_parser *parser,
                              const char *value)
{
    return take_when(parser, "transcript", value, &parser->options->transcript);
}

int sf_option_take_color(struct sf_option_parser *parser, const char *value)
{
    return take_when(parser, "color", value, &parser->options->color);
}

int sf_option_take_tag(struct sf_option_parser *parser, const char *value)
{
    struct sf_options *options = parser->options;

    options->tags[options->tag_count++] = value;
    return 0;
}

int sf_option_take_json(struct sf_option_parser *parser, const char *value)
{
    (void)value;
    parser->options->is_json = true;
    return 0;
}

int sf_option_take_strict(struct sf_option_parser *parser, const char *value)
{
    (void)value;
    parser->options->is_strict = true;
    return 0;
}

int sf_option_take_quiet(struct sf_option_parser *parser, const char *value)
{
    (void)value;
    parser->options->is_quiet = true;
    return 0;
}

int sf_option_take_help(struct sf_option_parser *parser, const char *value)
{
    (void)value;
    parser->options->command = SF_COMMAND_HELP;
    parser->has_ended = true;
    return 0;
}

int sf_option_take_version(struct sf_option_parser *parser, const char *value)
{
    (void)value;
    parser->options->command = SF_COMMAND_VERSION;
    parser->has_ended = true;
    return 0;
}
