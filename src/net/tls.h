/* tls.h - TLS in memory: octets of the wire in and out, octets of the session
 * out and in.  Sockets are the caller's.  For net only. */
#ifndef SF_NET_TLS_H
#define SF_NET_TLS_H

#include "base/buf.h"
#include "smtpfault.h"

/* The most that one sf_tls_read() gives. */
#define SF_TLS_READ_BYTES 16384

struct sf_tls_config;

enum sf_tls_state {
    SF_TLS_HANDSHAKE,
    SF_TLS_UP,
    SF_TLS_ENDED, /* the client sent close_notify */
    SF_TLS_BROKEN,
    SF_TLS_CUT, /* the handshake came to where its profile cuts it off */
};

/* One connection, the server's side. */
struct sf_tls;

/* Returns an owned connection, or NULL: no memory, or no config for such a
 * profile.  Both are borrowed for its life. */
struct sf_tls *sf_tls_new(const struct sf_tls_config *configs,
                          const struct sf_tls_profile *profile);
void sf_tls_free(struct sf_tls *tls); /* accepts NULL */

/* Offers octets that came.  They are borrowed until the caller has shaken, and
 * read until it got 0. */
void sf_tls_offer(struct sf_tls *tls, struct sf_slice wire);

/* Goes on with the handshake as far as what was offered allows. */
enum sf_tls_state sf_tls_shake(struct sf_tls *tls);
enum sf_tls_state sf_tls_state(const struct sf_tls *tls);

/* Writes what came for the session, at most so many octets; 0: no more yet, or
 * ever (see the state). */
size_t sf_tls_read(struct sf_tls *tls, char *out, size_t size);

/* Encrypts, into records of their own.  Returns false if that cannot be. */
bool sf_tls_write(struct sf_tls *tls, struct sf_slice octets);

/* Says that no more comes from us; nothing before the handshake is over. */
void sf_tls_close(struct sf_tls *tls);

/* What is to be sent; the caller empties it. */
struct sf_buf *sf_tls_output(struct sf_tls *tls);

/* What is known of it so far; borrowed until the next description. */
void sf_tls_describe(const struct sf_tls *tls, struct sf_tls_info *out_info);

/* What was described need not be known any more. */
void sf_tls_forget(struct sf_tls *tls);

#endif
