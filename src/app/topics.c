/* topics.c - the command `explain`: several topics, one page each. */
#include "app/topics.h"

#include "app/explain.h"
#include "app/print.h"
#include "app/say.h"
#include "base/slice.h"

#define TEXT_LIMIT 16777216

enum sf_status sf_topics_explain(const struct sf_options *options)
{
    char error[SF_EXPLAIN_ERROR_SIZE];
    struct sf_buf text;

    sf_buf_init(&text, TEXT_LIMIT);
    for (size_t i = 0; i < options->operand_count; i++) {
        struct sf_slice topic = sf_slice_str(options->operands[i]);

        sf_buf_puts(&text, i > 0 ? "\n" : "");
        if (sf_explain(topic, &text, error, sizeof(error)) == SF_ENOTFOUND) {
            sf_say("%s", error);
            sf_buf_fini(&text);
            return SF_STATUS_USAGE;
        }
    }
    return sf_print(&text);
}
