/* suggestion.c - the name that a misspelt word stands for: the nearest one. */
#include "base/suggestion.h"

#include "base/slice.h"

/* What is longer is hardly a name. */
#define WORD_SIZE_MAX 64

/* So many letters are taken for the start of a name. */
#define START_LEN_MIN 3

void sf_suggestion_init(struct sf_suggestion *suggestion, struct sf_slice word)
{
    /* A third of the word may be wrong, one letter at least, two at most. */
    suggestion->word = word;
    suggestion->name = NULL;
    suggestion->distance = word.len < 6 ? 2 : 3;
}

static bool is_start_of(struct sf_slice start, struct sf_slice word)
{
    return start.len >= START_LEN_MIN && start.len < word.len &&
           sf_slice_eq(start, sf_slice(word.ptr, start.len));
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
    if (is_start_of(words[0], words[1])) {
        distance = 1;
    }
    if (distance < suggestion->distance && distance < words[1].len) {
        suggestion->distance = distance;
        suggestion->name = name;
    }
}
