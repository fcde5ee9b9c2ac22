/* alert.c - the alerts of TLS by name. */
#include "smtp/alert.h"

#include <string.h>

#include "base/slice.h"

static const unsigned char numbers[] = {
#define X(number, name) (number),
#include "smtp/alert.def"
#undef X
};

static const char *const names[] = {
#define X(number, name) (name),
#include "smtp/alert.def"
#undef X
    NULL,
};

const char *sf_alert_name(unsigned number)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (numbers[i] == number) {
            return names[i];
        }
    }
    return "unknown";
}

/* Names differ from what people write in `-` only. */
static bool is_same(struct sf_slice written, const char *name)
{
    if (written.len != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < written.len; i++) {
        struct sf_slice octet = {&written.ptr[i], 1};
        bool is_dash = written.ptr[i] == '-' && name[i] == '_';

        if (!is_dash && !sf_slice_eq_nocase(octet, sf_slice(&name[i], 1))) {
            return false;
        }
    }
    return true;
}

int sf_alert_find(struct sf_slice name)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (is_same(name, names[i])) {
            return numbers[i];
        }
    }
    return -1;
}

const char *const *sf_alert_names(void)
{
    return names;
}
