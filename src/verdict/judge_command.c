/* judge_command.c - the command under test: how it ended, what it wrote, what
 * it took. */
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "verdict/judging.h"

/* Octets of its output that a result shows. */
#define OUTPUT_SHOWN_MAX 200

void sf_judge_exit(struct sf_judging *judging,
                   const struct sf_expectation *expectation,
                   struct sf_result *result)
{
    const struct sf_exit *ended = &judging->history->exit;

    result->actual = sf_judging_printf(judging, "%d", ended->status);
    if (ended->stop == SF_STOP_TIMEOUT) {
        result->standing = SF_STANDING_FAILED;
        result->text = "the time of the command ran out";
        result->advice =
            "give it more with --timeout, or look at what it waits for";
        return;
    }
    if (ended->stop == SF_STOP_LIMIT && expectation->is_default) {
        return; /* it was ended by us, as the options have it */
    }
    if (!sf_selector_matches(&expectation->u.selector,
                             (uint64_t)ended->status)) {
        result->standing = SF_STANDING_FAILED;
        result->text = sf_judging_printf(
            judging, "expected the command to end with %s, it ended with %d",
            sf_judging_wish(judging, expectation, &expectation->u.selector),
            ended->status);
    }
}

/* The end of an output, on one line. */
static const char *put_tail(struct sf_judging *judging, struct sf_slice output)
{
    struct sf_buf buf;
    const char *text = NULL;
    bool is_cut = false;

    while (output.len > 0 && output.ptr[output.len - 1] == '\n') {
        output.len--;
    }
    is_cut = output.len > OUTPUT_SHOWN_MAX;
    if (is_cut) {
        output = sf_slice_skip(output, output.len - OUTPUT_SHOWN_MAX);
    }
    sf_buf_init(&buf, 8192);
    sf_buf_puts(&buf, is_cut ? "..." : "");
    sf_text_put_printable(&buf, output);
    sf_buf_putc(&buf, '\0');
    text = sf_judging_printf(judging, "%s", buf.failed ? "" : buf.ptr);
    sf_buf_fini(&buf);
    return text;
}

void sf_judge_output(struct sf_judging *judging,
                     const struct sf_expectation *expectation,
                     struct sf_result *result)
{
    const struct sf_exit *ended = &judging->history->exit;
    bool is_stdout = expectation->key == SF_EXPECT_STDOUT;
    struct sf_slice output =
        is_stdout ? ended->standard_output : ended->standard_error;

    result->actual = output.len > 0 ? put_tail(judging, output) : "nothing";
    if (!sf_list_matches(&expectation->u.list, output)) {
        result->standing = SF_STANDING_FAILED;
        result->text = sf_judging_printf(
            judging, "what the command wrote to %s is not as expected%s",
            is_stdout ? "stdout" : "stderr",
            ended->is_cut ? "; only the first 64 KiB were kept" : "");
    }
}

/* A time or size that the command took. */
static void judge_taken(struct sf_judging *judging,
                        const struct sf_expectation *expectation,
                        uint64_t taken,
                        const char *what,
                        struct sf_result *result)
{
    result->actual = sf_judging_value(judging, expectation, taken);
    if (!sf_selector_matches(&expectation->u.selector, taken)) {
        result->standing = SF_STANDING_FAILED;
        result->text = sf_judging_printf(
            judging, "expected %s of the command to be %s, it was %s", what,
            sf_judging_wish(judging, expectation, &expectation->u.selector),
            result->actual);
    }
}

void sf_judge_duration(struct sf_judging *judging,
                       const struct sf_expectation *expectation,
                       struct sf_result *result)
{
    judge_taken(judging, expectation, judging->history->exit.duration_us,
                "the duration", result);
}

void sf_judge_cpu(struct sf_judging *judging,
                  const struct sf_expectation *expectation,
                  struct sf_result *result)
{
    judge_taken(judging, expectation, judging->history->exit.cpu_us,
                "the CPU time", result);
    if (result->standing == SF_STANDING_FAILED) {
        result->advice =
            "a client that spins where it should wait, at the end "
            "of a connection for example, shows here";
    }
}

void sf_judge_memory(struct sf_judging *judging,
                     const struct sf_expectation *expectation,
                     struct sf_result *result)
{
    judge_taken(judging, expectation, judging->history->exit.memory_bytes,
                "the memory", result);
}

static bool holds(struct sf_slice text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, word, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Which of them it is stays unsaid: a report is no place for it. */
void sf_judge_secrets(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result)
{
    const struct sf_expectations *expectations = judging->expectations;
    const struct sf_exit *ended = &judging->history->exit;

    (void)expectation;
    result->actual = "never";
    for (size_t i = 0; i < expectations->secret_count; i++) {
        const char *secret = expectations->secrets[i];
        bool is_out = holds(ended->standard_output, secret);

        if (is_out || holds(ended->standard_error, secret)) {
            result->standing = SF_STANDING_FAILED;
            result->actual = is_out ? "stdout" : "stderr";
            result->text = sf_judging_printf(
                judging, "the command wrote a password of [users] to %s",
                result->actual);
            result->advice = "what a client prints ends in logs that many read";
            return;
        }
    }
}
