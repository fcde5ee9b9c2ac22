/* command.h - one command line, taken apart (RFC 5321 4.1.1).
 *
 * Parsing never judges: it tells what was there and what was wrong, and the
 * session decides what a correct server answers. */
#ifndef SF_SMTP_COMMAND_H
#define SF_SMTP_COMMAND_H

#include "smtp/capability.h"
#include "smtp/event.h"
#include "smtp/path.h"

struct sf_param {
    struct sf_slice keyword;
    struct sf_slice value;
    bool has_value;
};

#define SF_PARAMS_MAX 32

/* What is wrong with the argument of MAIL or RCPT, by the answer it gets. */
enum sf_fault_kind {
    SF_ARGUMENT_OK,
    SF_ARGUMENT_NO_PATH,       /* FROM: or TO: or the path is missing or bad */
    SF_ARGUMENT_BAD_PARAM,     /* a parameter's syntax or value; one twice */
    SF_ARGUMENT_UNKNOWN_PARAM, /* not known, or its extension not offered */
};

struct sf_command {
    enum sf_event event;
    struct sf_slice line;     /* without its line end */
    struct sf_slice verb;     /* as sent */
    struct sf_slice argument; /* what follows the verb and blanks, as sent */

    /* MAIL (and SEND SOML SAML), RCPT. */
    enum sf_fault_kind fault;
    bool has_path;
    struct sf_path path;
    struct sf_param params[SF_PARAMS_MAX];
    size_t param_count;
    bool has_size; /* MAIL SIZE= */
    uint64_t size;
    bool is_8bit;     /* BODY=8BITMIME */
    bool is_binary;   /* BODY=BINARYMIME */
    bool is_smtputf8; /* SMTPUTF8 */

    /* BDAT (RFC 3030 2). */
    bool has_chunk;
    uint64_t chunk_size; /* octets */
    bool is_last;
};

/* Takes one line (without its line end) apart.  `offered` is what the last
 * EHLO answer offered; it decides which parameters are known.  Everything in
 * *out_command borrows from line.  A blank after `FROM:` or `TO:` is passed
 * over, as nearly every server does. */
void sf_command_parse(struct sf_slice line,
                      sf_capability_set offered,
                      struct sf_command *out_command);

#endif
