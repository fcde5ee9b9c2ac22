/* param.c - the parameters of MAIL and RCPT: which are known, and what each
 * of them may say. */
#include "smtp/param.h"

#include "base/slice.h"
#include "base/text.h"

#define ENVID_LEN_MAX 100 /* RFC 3461 4.4 */
#define ORCPT_LEN_MAX 500 /* RFC 3461 4.2 */

/* A parameter on its way through the checks. */
struct context {
    sf_capability_set offered;
    struct sf_command *command;
};

typedef enum sf_fault_kind check_fn(const struct context *context,
                                    const struct sf_param *param);

static enum sf_fault_kind fault_unless(bool is_good)
{
    return is_good ? SF_ARGUMENT_OK : SF_ARGUMENT_BAD_PARAM;
}

static enum sf_fault_kind check_none(const struct context *context,
                                     const struct sf_param *param)
{
    if (!param->has_value &&
        sf_slice_eq_str_nocase(param->keyword, "SMTPUTF8")) {
        context->command->is_smtputf8 = true;
    }
    return fault_unless(!param->has_value);
}

static enum sf_fault_kind check_any(const struct context *context,
                                    const struct sf_param *param)
{
    (void)context;
    return fault_unless(param->has_value);
}

/* RFC 1870 3: up to twenty digits.  What is over 64 bits is too big anyway. */
static enum sf_fault_kind check_size(const struct context *context,
                                     const struct sf_param *param)
{
    struct sf_command *command = context->command;
    const int err = sf_slice_parse_u64(param->value, &command->size);

    if (err == SF_ETOOBIG) {
        command->size = UINT64_MAX;
    }
    command->has_size = err != SF_ESYNTAX;
    return fault_unless(command->has_size);
}

static enum sf_fault_kind check_body(const struct context *context,
                                     const struct sf_param *param)
{
    const sf_capability_set binary =
        SF_CAPABILITY_BIT(SF_CAPABILITY_BINARYMIME);

    context->command->is_8bit =
        sf_slice_eq_str_nocase(param->value, "8BITMIME");
    if (context->command->is_8bit ||
        sf_slice_eq_str_nocase(param->value, "7BIT")) {
        return SF_ARGUMENT_OK;
    }
    if (!sf_slice_eq_str_nocase(param->value, "BINARYMIME")) {
        return SF_ARGUMENT_BAD_PARAM;
    }
    if ((context->offered & binary) == 0) {
        return SF_ARGUMENT_UNKNOWN_PARAM;
    }
    context->command->is_binary = true;
    return SF_ARGUMENT_OK;
}

static enum sf_fault_kind check_ret(const struct context *context,
                                    const struct sf_param *param)
{
    (void)context;
    return fault_unless(sf_slice_eq_str_nocase(param->value, "FULL") ||
                        sf_slice_eq_str_nocase(param->value, "HDRS"));
}

static bool is_upper_hex(char c)
{
    return sf_ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* RFC 3461 4: printable ASCII, where "+" begins two hexadecimal digits and
 * "=" does not occur (the value as a whole has none).  UTF-8 is for the caller
 * to refuse. */
static bool is_xtext(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '+') {
            continue;
        }
        if (text.len - i < 3 || !is_upper_hex(text.ptr[i + 1]) ||
            !is_upper_hex(text.ptr[i + 2])) {
            return false;
        }
        i += 2;
    }
    return true;
}

static bool is_ascii(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static enum sf_fault_kind check_xtext(const struct context *context,
                                      const struct sf_param *param)
{
    (void)context;
    return fault_unless(param->has_value && is_ascii(param->value) &&
                        is_xtext(param->value));
}

static enum sf_fault_kind check_envid(const struct context *context,
                                      const struct sf_param *param)
{
    return param->value.len > ENVID_LEN_MAX ? SF_ARGUMENT_BAD_PARAM
                                            : check_xtext(context, param);
}

/* Address type, semicolon, address.  Only the type utf-8 may show its address
 * as it is (RFC 6533 3). */
static enum sf_fault_kind check_orcpt(const struct context *context,
                                      const struct sf_param *param)
{
    struct sf_slice address = param->value;
    const struct sf_slice type = sf_slice_cut(&address, ';');
    const bool is_utf8 = sf_slice_eq_str_nocase(type, "utf-8");

    (void)context;
    return fault_unless(param->value.len <= ORCPT_LEN_MAX && type.len > 0 &&
                        is_ascii(type) && address.ptr != NULL &&
                        (is_utf8 || is_ascii(address)) && is_xtext(address));
}

/* RFC 3461 4.1: NEVER alone, or a list of the others. */
static enum sf_fault_kind check_notify(const struct context *context,
                                       const struct sf_param *param)
{
    struct sf_slice rest = param->value;

    (void)context;
    if (sf_slice_eq_str_nocase(rest, "NEVER")) {
        return SF_ARGUMENT_OK;
    }
    do {
        const struct sf_slice item = sf_slice_cut(&rest, ',');

        if (!sf_slice_eq_str_nocase(item, "SUCCESS") &&
            !sf_slice_eq_str_nocase(item, "FAILURE") &&
            !sf_slice_eq_str_nocase(item, "DELAY")) {
            return SF_ARGUMENT_BAD_PARAM;
        }
    } while (rest.ptr != NULL);
    return SF_ARGUMENT_OK;
}

enum value_kind {
    VALUE_NONE,
    VALUE_ANY,
    VALUE_SIZE,
    VALUE_BODY,
    VALUE_RET,
    VALUE_XTEXT,
    VALUE_ENVID,
    VALUE_ORCPT,
    VALUE_NOTIFY,
};

static check_fn *const checks[] = {
    [VALUE_NONE] = check_none,     [VALUE_ANY] = check_any,
    [VALUE_SIZE] = check_size,     [VALUE_BODY] = check_body,
    [VALUE_RET] = check_ret,       [VALUE_XTEXT] = check_xtext,
    [VALUE_ENVID] = check_envid,   [VALUE_ORCPT] = check_orcpt,
    [VALUE_NOTIFY] = check_notify,
};

struct known_param {
    const char *keyword;
    enum sf_event event;
    enum sf_capability capability;
    enum value_kind value;
};

static const struct known_param known_params[] = {
#define X(keyword, where, capability, value)                                   \
    {(keyword), SF_EVENT_##where, SF_CAPABILITY_##capability, VALUE_##value},
#include "smtp/param.def"
#undef X
};

static const struct known_param *find_known(enum sf_event event,
                                            struct sf_slice keyword)
{
    for (size_t i = 0; i < sizeof(known_params) / sizeof(known_params[0]);
         i++) {
        if (known_params[i].event == event &&
            sf_slice_eq_str_nocase(keyword, known_params[i].keyword)) {
            return &known_params[i];
        }
    }
    return NULL;
}

/* esmtp-keyword: letters, digits and, not first, hyphens. */
static bool is_keyword(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!sf_ascii_is_alnum(text.ptr[i]) && (i == 0 || text.ptr[i] != '-')) {
            return false;
        }
    }
    return text.len > 0;
}

/* esmtp-value: anything printable but "=", and UTF-8 (RFC 6531 3.3). */
static bool is_value(struct sf_slice text)
{
    const size_t all = text.len;

    while (text.len > 0) {
        const size_t len = sf_text_printable_len(text);

        if (len == 0 || text.ptr[0] == '=') {
            return false;
        }
        text = sf_slice_skip(text, len);
    }
    return all > 0;
}

static bool is_repeated(const struct sf_command *command,
                        struct sf_slice keyword)
{
    for (size_t i = 0; i < command->param_count; i++) {
        if (sf_slice_eq_nocase(command->params[i].keyword, keyword)) {
            return true;
        }
    }
    return false;
}

/* `param` is not yet among those of the command. */
static enum sf_fault_kind check_param(const struct context *context,
                                      enum sf_event event,
                                      const struct sf_param *param)
{
    const struct known_param *known = find_known(event, param->keyword);

    if (!is_keyword(param->keyword) ||
        (param->has_value && !is_value(param->value))) {
        return SF_ARGUMENT_BAD_PARAM;
    }
    if (known == NULL ||
        (context->offered & SF_CAPABILITY_BIT(known->capability)) == 0) {
        return SF_ARGUMENT_UNKNOWN_PARAM;
    }
    if (is_repeated(context->command, param->keyword)) {
        return SF_ARGUMENT_BAD_PARAM;
    }
    return checks[known->value](context, param);
}

static struct sf_slice cut_next_word(struct sf_slice *rest)
{
    *rest = sf_slice_skip_blanks(*rest);
    return sf_slice_cut_word(rest);
}

void sf_param_parse(struct sf_slice text,
                    enum sf_event event,
                    sf_capability_set offered,
                    struct sf_command *command)
{
    const struct context context = {offered, command};
    struct sf_slice word = cut_next_word(&text);

    for (; word.len > 0; word = cut_next_word(&text)) {
        struct sf_param param = {.value = word};
        enum sf_fault_kind fault = SF_ARGUMENT_BAD_PARAM;

        if (command->param_count == SF_PARAMS_MAX) {
            command->fault = command->fault == SF_ARGUMENT_OK
                                 ? SF_ARGUMENT_BAD_PARAM
                                 : command->fault;
            return;
        }
        param.keyword = sf_slice_cut(&param.value, '=');
        param.has_value = param.value.ptr != NULL;
        fault = check_param(&context, event, &param);
        if (command->fault == SF_ARGUMENT_OK) {
            command->fault = fault;
        }
        command->params[command->param_count++] = param;
    }
}
