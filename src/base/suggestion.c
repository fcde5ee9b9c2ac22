/* suggestion.c - the name that a misspelt word stands for: the nearest one. */
#include "base/suggestion.h"

#include "base/slice.h"

/* What is longer is hardly a name. */
#define WORD_SIZE_MAX 64

void sf_suggestion_init(struct sf_suggestion *suggestion, struct sf_slice word)
{
    /* A third of the word may be wrong, two letters at most. */
    suggestion->word = word;
    suggestion->name = NULL;
    suggestion->distance = word.len < 4 ? 2 : 3;
}

void sf_suggestion_offer(struct sf_suggestion *suggestion, const char *name)
{
    char lower[2][WORD_SIZE_MAX];
    struct sf_slice words[2] = {suggestion->word, sf_slice_str(name)};
    unsigned distance = 0;

    for (size_t i = 0; i < 2; i++) {
        if (words[i].len >= sizeof(lower[i])) {
            return;
        }
        for (size_t j = 0; j < words[i].len; j++) {
            lower[i][j] = sf_ascii_lower(words[i].ptr[j]);
        }
        words[i].ptr = lower[i];
    }
    distance = sf_text_distance(words[0], words[1]);
    if (distance < suggestion->distance && distance < words[1].len) {
        suggestion->distance = distance;
        suggestion->name = name;
    }
}
