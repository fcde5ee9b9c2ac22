/* mechanism.h - SASL mechanisms: their names, and which of them an EHLO answer
 * offers (RFC 4954 3). */
#ifndef SF_SMTP_MECHANISM_H
#define SF_SMTP_MECHANISM_H

#include "smtpfault.h"

enum sf_mechanism {
#define X(name, text, kind) SF_MECHANISM_##name,
#include "smtp/mechanism.def"
#undef X
    SF_MECHANISM_COUNT
};

enum sf_mechanism_kind {
    SF_MECHANISM_IS_SHOWS,   /* the client sends the password */
    SF_MECHANISM_IS_HIDES,   /* the client proves that it has the password */
    SF_MECHANISM_IS_NAMED,   /* offered only where a scenario says so */
    SF_MECHANISM_IS_FOREIGN, /* known by name, not spoken here */
};

/* A set of mechanisms: bit 1 << mechanism. */
typedef uint32_t sf_mechanism_set;

#define SF_MECHANISM_BIT(mechanism) ((sf_mechanism_set)1 << (mechanism))

/* Whatever its case; SF_MECHANISM_COUNT: none of that name is known. */
enum sf_mechanism sf_mechanism_find(struct sf_slice name);

/* Never NULL for a valid mechanism. */
const char *sf_mechanism_name(enum sf_mechanism mechanism);

enum sf_mechanism_kind sf_mechanism_kind(enum sf_mechanism mechanism);

/* The mechanisms that a line of an EHLO answer offers: `AUTH PLAIN LOGIN`, or
 * `AUTH=` as before RFC 2554; 0 if it is no such line. */
sf_mechanism_set sf_mechanism_of_line(struct sf_slice line);

#endif
