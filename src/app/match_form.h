/* match_form.h - what `match` prints, for people and for programs. */
#ifndef SF_APP_MATCH_FORM_H
#define SF_APP_MATCH_FORM_H

#include "app/rehearsal.h"

/* Appends the turn: the command, the first line of each reply, the rules. */
void sf_match_put_text(struct sf_buf *out, const struct sf_turn *turn);

/* Appends the turn as one line of JSON. */
void sf_match_put_json(struct sf_buf *out, const struct sf_turn *turn);

#endif
