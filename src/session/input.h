/* input.h - what the client sends. */
#ifndef SF_SESSION_INPUT_H
#define SF_SESSION_INPUT_H

#include "session/session.h"

/* Takes as much of the step's input as can be looked at now. */
void sf_input_step(struct sf_session *session,
                   const struct sf_step *step,
                   struct sf_effects *effects);

/* All octets of the BDAT have come: begins its event. */
void sf_input_end_chunk(struct sf_session *session);

#endif
