/* record.c - the names of what a record tells. */
#include "journal/record.h"

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
    [SF_END_QUIT] = "quit",
    [SF_END_FIN] = "fin",
    [SF_END_RESET] = "reset",
    [SF_END_TIMEOUT] = "timeout",
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
