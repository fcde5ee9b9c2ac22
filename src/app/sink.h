/* sink.h - where the records of a run go: journal, transcript, Maildir.
 *
 * Lines are gathered and written whole: at sf_sinks_flush(), or once
 * SF_SINKS_GATHER_BYTES have come together.  A journal that cannot be written
 * is an error, which stays; what it holds then ends in a completed line, as far
 * as that can be had (a pipe takes nothing back).  A message is in the Maildir
 * before its record is written, so before the session may answer 250.  A
 * transcript that cannot be written is given up without a word.  A reader that
 * does not read (a full pipe) is waited for. */
#ifndef SF_APP_SINK_H
#define SF_APP_SINK_H

#include "smtpfault.h"

#define SF_SINKS_GATHER_BYTES 65536
#define SF_JOURNAL_MAX_BYTES  (UINT64_C(4) << 30)

struct sf_sinks;

struct sf_sinks_config {
    const char *journal_path;   /* NULL: none; "-": stdout */
    uint64_t journal_max_bytes; /* 0: SF_JOURNAL_MAX_BYTES; reaching it is an
                                   error as a full disk is */
    bool has_transcript;        /* the live dialogue on stderr */
    bool has_color;
    void (*before_transcript)(void *ctx); /* ahead of each write of it; or
                                             NULL */
    void *ctx;
    const char *save_dir; /* a Maildir, made where it is not; NULL: none */
};

/* Opens everything.  On failure returns SF_EIO (or SF_ENOMEM) and writes one
 * line, "what was wrong: what to do about it", into error. */
SF_MUST_CHECK int sf_sinks_open(const struct sf_sinks_config *config,
                                struct sf_sinks **out_sinks,
                                char *error,
                                size_t error_size);

/* The sink to give to runs; valid until sf_sinks_close(). */
struct sf_sink sf_sinks_sink(struct sf_sinks *sinks);

/* Writes what was formatted since the last flush; call it once a loop turn,
 * before blocking.  Returns 0 or SF_ESINK. */
SF_MUST_CHECK int sf_sinks_flush(struct sf_sinks *sinks);

/* Why a write failed, as one line; NULL if none did.  Sticky. */
const char *sf_sinks_error(const struct sf_sinks *sinks);

/* Flushes, closes, frees; accepts NULL.  Returns 0 or SF_ESINK (the error is
 * then copied to `error`). */
SF_MUST_CHECK int
sf_sinks_close(struct sf_sinks *sinks, char *error, size_t error_size);

#endif
