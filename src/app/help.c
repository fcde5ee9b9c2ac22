/* help.c - what --help and --version print. */
#include "app/help.h"

#include "app/commands.h"
#include "app/option.h"
#include "app/print.h"

static void put_command(struct sf_buf *out, const struct sf_command_row *row)
{
    if (row->word) {
        sf_buf_printf(out, "  %s %s\n        %s\n", row->word, row->operands,
                      row->text);
    }
}

static void put_option(struct sf_buf *out, const struct sf_option_row *row)
{
    sf_buf_printf(out, "  %c%c%c --%s%s%s\n        %s\n",
                  row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
                  row->letter ? ',' : ' ', row->name, row->argument ? " " : "",
                  row->argument ? row->argument : "", row->text);
}

void sf_help_put(struct sf_buf *out)
{
    sf_buf_puts(
        out,
        "usage: smtpfault [--scenario FILE]... [options]\n"
        "       smtpfault [--scenario FILE]... [options] -- COMMAND...\n"
        "       smtpfault COMMAND [options] [operands]\n"
        "\n"
        "Without a command it serves, without a scenario it accepts "
        "mail, and without\n"
        "--listen it does so at " SF_OPTIONS_URL
        ".\n"
        "Behind -- stands a command under test: it runs, with {host} "
        "{port} {url} {ca}\nreplaced in its arguments, and its run is "
        "judged.\n"
        "\n"
        "Commands:\n");
    for (int kind = 0; kind < SF_COMMAND_COUNT; kind++) {
        put_command(out, sf_commands_get((enum sf_command_kind)kind));
    }
    sf_buf_puts(out, "\nOptions:\n");
    for (size_t i = 0; i < sf_option_row_count; i++) {
        put_option(out, &sf_option_rows[i]);
    }
    sf_buf_puts(out,
                "\nSMTPFAULT_OPTIONS in the environment is read before the "
                "arguments.\nThe manual: smtpfault(1), "
                "smtpfault-scenario(5).\n");
}

enum sf_status sf_help_print(const struct sf_options *options)
{
    struct sf_buf text;

    (void)options;
    sf_buf_init(&text, SIZE_MAX / 2);
    sf_help_put(&text);
    return sf_print(&text);
}

enum sf_status sf_help_print_version(const struct sf_options *options)
{
    struct sf_buf text;

    (void)options;
    sf_buf_init(&text, SIZE_MAX / 2);
    sf_buf_puts(&text, "smtpfault " SF_VERSION "\n");
    return sf_print(&text);
}
