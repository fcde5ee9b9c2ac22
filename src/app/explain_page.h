/* explain_page.h - the pages of `smtpfault explain`, one function a kind of
 * topic. */
#ifndef SF_APP_EXPLAIN_PAGE_H
#define SF_APP_EXPLAIN_PAGE_H

#include "base/buf.h"
#include "conduct/conduct.h"
#include "smtp/code.h"
#include "smtp/enhanced.h"
#include "smtp/event.h"

/* Each appends its page. */
void sf_explain_code(const struct sf_code_info *info, struct sf_buf *page);
void sf_explain_event(enum sf_event event, struct sf_buf *page);
void sf_explain_any(struct sf_buf *page);
void sf_explain_rule(const struct sf_conduct_rule *rule, struct sf_buf *page);
void sf_explain_group(enum sf_conduct_group group, struct sf_buf *page);

/* Returns false, and appends nothing, if no row is about the code. */
bool sf_explain_enhanced(const struct sf_enhanced *enhanced,
                         struct sf_buf *page);

#endif
