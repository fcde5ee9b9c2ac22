/* enhanced.h - enhanced status codes: class, subject and detail. */
#ifndef SF_SMTP_ENHANCED_H
#define SF_SMTP_ENHANCED_H

#include "smtpfault.h"

#define SF_ENHANCED_CODES_MAX 15 /* basic codes of a row, and a 0 */

/* A set of classes: bit 1 << class. */
#define SF_ENHANCED_CLASS(class) (1u << (class))

struct sf_enhanced_info {
    unsigned subject;
    unsigned first; /* detail, or the first of a range */
    unsigned last;
    unsigned classes;    /* those that make sense */
    const char *meaning; /* one phrase */
    const char *rfc;     /* sections; "": in no RFC */
    const char *owner;   /* "": the registry's meaning; else whose it is */
    const char *note;    /* where documents and servers contradict, or "" */
    short codes[SF_ENHANCED_CODES_MAX]; /* basic codes, up to a 0 */
};

/* An enhanced code as written. */
struct sf_enhanced {
    int class; /* -1: written as `X` */
    unsigned subject;
    unsigned detail;
};

/* `4.2.2` or `X.2.2`, in any case, and nothing else.  SF_ESYNTAX: it has
 * another form; whether the class exists is not looked at. */
SF_MUST_CHECK int sf_enhanced_parse(struct sf_slice text,
                                    struct sf_enhanced *out_enhanced);

/* Whether the row is about this subject and detail. */
bool sf_enhanced_matches(const struct sf_enhanced_info *info,
                         const struct sf_enhanced *enhanced);

/* Whether a registry or a known server has this subject and detail. */
bool sf_enhanced_is_known(const struct sf_enhanced *enhanced);

/* Whether the row has the basic code. */
bool sf_enhanced_has_code(const struct sf_enhanced_info *info, int code);

/* The registry's rows come first. */
size_t sf_enhanced_count(void);
const struct sf_enhanced_info *sf_enhanced_at(size_t index);

/* What a class or subject is about; NULL: there is no such one. */
const char *sf_enhanced_class_text(int class);
const char *sf_enhanced_subject_text(unsigned subject);

#endif
