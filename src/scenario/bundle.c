/* bundle.c - finds a scenario inside the binary. */
#include "scenario/bundle.h"

#include <string.h>

const struct sf_bundled *sf_bundle_find(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < sf_bundle_len; i++) {
        const char *own = sf_bundle[i].name;

        if (strncmp(own, name, len) == 0 &&
            (own[len] == '\0' || strcmp(own + len, ".ini") == 0)) {
            return &sf_bundle[i];
        }
    }
    return NULL;
}
