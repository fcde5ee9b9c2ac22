/* refuse.c - how a connection over max-connections shows in the journal. */
#include "net/refuse.h"

#include "base/slice.h"

int sf_refuse_begin(const struct sf_sink *sink,
                    const char *listener,
                    const struct sf_session_config *peer,
                    uint64_t now_us)
{
    const struct sf_slice line = SF_SLICE_LIT(SF_REFUSE_REPLY);
    struct sf_record record = {
        .type = SF_RECORD_CONNECT, .t_us = now_us, .listener = listener};
    char text[64];
    int err;

    sf_record_format_peer(text, sizeof(text), peer->client, peer->port);
    record.u.connect.peer = text;
    err = sf_sink_put(sink, &record);
    if (err != 0) {
        return err;
    }

    record = (struct sf_record){
        .type = SF_RECORD_REPLY, .t_us = now_us, .listener = listener};
    record.u.reply.code = 421;
    record.u.reply.enhanced = sf_slice(line.ptr + 4, 5);
    record.u.reply.lines = &line;
    record.u.reply.line_count = 1;
    return sf_sink_put(sink, &record);
}

int sf_refuse_end(const struct sf_sink *sink,
                  const char *listener,
                  const struct sf_refuse_end *end)
{
    struct sf_record record = {.type = SF_RECORD_DISCONNECT,
                               .t_us = end->now_us,
                               .listener = listener};

    record.u.disconnect.by = SF_END_BY_SERVER;
    record.u.disconnect.how = end->is_reset ? SF_END_RESET : SF_END_FIN;
    record.u.disconnect.bytes_in = end->octets_in;
    record.u.disconnect.bytes_out = sizeof(SF_REFUSE_REPLY "\r\n") - 1;
    record.u.disconnect.unread = end->octets_in;
    record.u.disconnect.duration_us = end->now_us - end->opened_us;
    return sf_sink_put(sink, &record);
}
