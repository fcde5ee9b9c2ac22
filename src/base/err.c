/* err.c - the texts of result codes. */
#include "smtpfault.h"

static const char *const texts[] = {[0] = "success",
#define X(name, number, text) [number] = (text),
                                    SF_ERR_MAP(X)
#undef X
};

const char *sf_strerror(int err)
{
    const int count = (int)(sizeof(texts) / sizeof(texts[0]));

    if (err > 0 || err <= -count || texts[-err] == NULL) {
        return "unknown error";
    }
    return texts[-err];
}
