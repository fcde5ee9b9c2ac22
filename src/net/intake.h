/* intake.h - when a connection is read, and what becomes of what comes. */
#ifndef SF_NET_INTAKE_H
#define SF_NET_INTAKE_H

#include "net/conn_state.h"

/* Reads while there is room and the client may send. */
void sf_intake_update(struct sf_conn *conn);

/* The client may send and is not read, so that FIN and RST are not heard. */
bool sf_intake_is_deaf(const struct sf_conn *conn);

/* Notices that the client of a deaf connection has left: a client that is gone
 * may not keep a rule that stalls. */
void sf_intake_look(struct sf_conn *conn);

/* Drops what has come so far and was not read.  The connection may have
 * ended. */
void sf_intake_discard(struct sf_conn *conn);

#endif
