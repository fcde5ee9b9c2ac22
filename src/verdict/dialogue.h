/* dialogue.h - what was said, kept as evidence: the first lines of a run, with
 * the numbers that they have in the journal. */
#ifndef SF_VERDICT_DIALOGUE_H
#define SF_VERDICT_DIALOGUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "verdict/outcome.h"

/* Lines that are kept; those beyond show nothing.  Octets of one line. */
#define SF_DIALOGUE_LINES_MAX     32768
#define SF_DIALOGUE_LINE_SIZE_MAX 240

/* Lines of one reply, and lines that one result shows. */
#define SF_DIALOGUE_REPLY_LINES_MAX 4
#define SF_DIALOGUE_SHOWN_MAX       12

struct sf_dialogue {
    struct sf_arena *arena;
    struct sf_evidence *lines; /* by line of the journal, ascending */
    size_t count;
    size_t size;
    struct sf_buf text; /* scratch */
};

/* A part of the dialogue: the lines of one session. */
struct sf_mark {
    uint64_t session; /* 0: of none */
    uint64_t first; /* lines of the journal, both included; 0: there is none */
    uint64_t last;
};

void sf_dialogue_init(struct sf_dialogue *dialogue, struct sf_arena *arena);
void sf_dialogue_fini(struct sf_dialogue *dialogue);

/* Keeps what of the record belongs to the dialogue.  SF_ENOMEM is the only
 * error. */
SF_MUST_CHECK int sf_dialogue_add(struct sf_dialogue *dialogue,
                                  const struct sf_record *record,
                                  uint64_t line);

/* The lines of that part, the last SF_DIALOGUE_SHOWN_MAX of them, in the
 * arena.  Without memory there are none. */
const struct sf_evidence *sf_dialogue_cut(const struct sf_dialogue *dialogue,
                                          struct sf_arena *arena,
                                          const struct sf_mark *mark,
                                          size_t *out_count);

#endif
