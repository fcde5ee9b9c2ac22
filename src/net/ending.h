/* ending.h - how a connection ends: from the session's control, or from what
 * befell it, to its release. */
#ifndef SF_NET_ENDING_H
#define SF_NET_ENDING_H

#include "net/conn_state.h"

/* From here on the session hears of nothing but the end.  `control` is one that
 * ends the connection. */
void sf_ending_begin(struct sf_conn *conn, enum sf_control control);

/* The client sends no more.  Means nothing while output still leaves. */
void sf_ending_meet_eof(struct sf_conn *conn);

/* The client has sent something, which is dropped. */
void sf_ending_meet_input(struct sf_conn *conn);

/* All output of a connection that ends has left. */
void sf_ending_finish_output(struct sf_conn *conn);

/* Time has come for a connection that ends.  Returns false if that means
 * nothing in its phase, or while output still leaves. */
bool sf_ending_meet_deadline(struct sf_conn *conn);

/* The run ends: a connection that is only open for its client is let go. */
void sf_ending_meet_shutdown(struct sf_conn *conn);

/* Closes the socket and ends the session.  The memory goes when libuv has
 * closed both handles. */
void sf_ending_release(struct sf_conn *conn);

/* The same, with RST. */
void sf_ending_release_with_rst(struct sf_conn *conn);

/* The same; before, the session learns why, unless it has ended: RESET,
 * STALLED or ABORTED. */
void sf_ending_give_up(struct sf_conn *conn, enum sf_step_kind why);

#endif
