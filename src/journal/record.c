/* record.c - the words of a record, and its way into the sink. */
#include "journal/record.h"

#include <string.h>

static const char *const type_names[SF_RECORD_COUNT] = {
#define X(name, text) [SF_RECORD_##name] = (text),
#include "journal/record.def"
#undef X
};

static const char *const end_by_names[] = {
    [SF_END_BY_CLIENT] = "client",
    [SF_END_BY_SERVER] = "server",
};

static const char *const end_how_names[] = {
    [SF_END_QUIT] = "quit",     [SF_END_FIN] = "fin",
    [SF_END_RESET] = "reset",   [SF_END_TIMEOUT] = "timeout",
    [SF_END_ABRUPT] = "abrupt",
};

static const char *const stop_names[] = {
    [SF_STOP_NONE] = NULL,         [SF_STOP_TIMEOUT] = "timeout",
    [SF_STOP_LIMIT] = "limit",     [SF_STOP_SIGNAL] = "signal",
    [SF_STOP_FAILURE] = "failure",
};

const char *sf_record_type_name(enum sf_record_type type)
{
    return type_names[type];
}

const char *sf_record_end_by_name(enum sf_end_by by)
{
    return end_by_names[by];
}

const char *sf_record_end_how_name(enum sf_end_how how)
{
    return end_how_names[how];
}

const char *sf_record_stop_name(enum sf_stop stop)
{
    return stop_names[stop];
}

void sf_record_format_peer(char *out,
                           size_t size,
                           const char *client,
                           unsigned port)
{
    if (port == 0) {
        (void)snprintf(out, size, "%s", client);
    } else if (strchr(client, ':') != NULL) {
        (void)snprintf(out, size, "[%s]:%u", client, port);
    } else {
        (void)snprintf(out, size, "%s:%u", client, port);
    }
}

int sf_sink_put(const struct sf_sink *sink, const struct sf_record *record)
{
    if (!(sink->mask & SF_RECORD_BIT(record->type))) {
        return 0;
    }
    return sink->write(sink->ctx, record) == 0 ? 0 : SF_ESINK;
}
