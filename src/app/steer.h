/* steer.h - what the signals to a server do. */
#ifndef SF_APP_STEER_H
#define SF_APP_STEER_H

/* TERM and INT end the run, a second one at once; HUP loads the scenario
 * again; USR1 tells the counters.  To a command under test all but USR1 are
 * passed on, HUP without more.  ctx is the serving. */
void sf_steer_on_signal(void *ctx, int number);

#endif
