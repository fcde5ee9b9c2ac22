/* say.h - what people are told on stderr: one line a message. */
#ifndef SF_APP_SAY_H
#define SF_APP_SAY_H

/* `smtpfault: ` and the text, "what was wrong: what to do about it" for an
 * error, and a newline, in one write. */
void sf_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
