/* transcript.h - records as a dialogue that people read.
 *
 * A line begins with a lead of fixed width: seconds since the start, number
 * of the session, and who speaks: C: the client, S: the server, -- nobody.
 * What a rule did ends in its label and place.
 *
 *     +0.001    1  -- connect from 127.0.0.1:40213 to default
 *     +0.001    1  S: 220 mx.test ESMTP
 *     +0.002    1  C: EHLO client.test
 *     +0.002    1  S: 250-mx.test
 *     +0.002    1  S: 250 PIPELINING
 *     +0.004    1  C: RCPT TO:<a@example.test>
 *     +0.004    1  -- delay 2s  [greylist, greylist.ini:10]
 *     +2.004    1  S: 451 4.7.1 Greylisted  [greylist, greylist.ini:10]
 *     +2.010    1  -- message 1.1 accepted for <b@example.test>, 512 octets
 *     +2.011    1  -- closed by client, quit: 2.010 s, 812 octets in, 240 out
 *     +2.015    0  -- the command ended with status 0: 2.013 s, 0.004 s of CPU
 */
#ifndef SF_JOURNAL_TRANSCRIPT_H
#define SF_JOURNAL_TRANSCRIPT_H

#include "base/buf.h"
#include "journal/record.h"

/* The types of which sf_transcript_put() makes lines; bits as in sf_sink. */
#define SF_TRANSCRIPT_MASK                                                     \
    (SF_RECORD_BIT(SF_RECORD_CONNECT) | SF_RECORD_BIT(SF_RECORD_DISCONNECT) |  \
     SF_RECORD_BIT(SF_RECORD_COMMAND) | SF_RECORD_BIT(SF_RECORD_REPLY) |       \
     SF_RECORD_BIT(SF_RECORD_AUTH) | SF_RECORD_BIT(SF_RECORD_FAULT) |          \
     SF_RECORD_BIT(SF_RECORD_TLS) | SF_RECORD_BIT(SF_RECORD_MESSAGE) |         \
     SF_RECORD_BIT(SF_RECORD_VIOLATION) | SF_RECORD_BIT(SF_RECORD_EXIT))

/* Appends the lines of a record, none for kinds that a reader of the dialogue
 * does not miss.  Octets from the network are made printable. */
void sf_transcript_put(struct sf_buf *buf,
                       const struct sf_record *record,
                       bool has_color);

#endif
