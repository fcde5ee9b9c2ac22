/* explain_rule.c - the pages of client rules. */
#include "app/explain_page.h"
#include "app/page.h"
#include "base/slice.h"

void sf_explain_rule(const struct sf_conduct_rule *rule, struct sf_buf *page)
{
    sf_page_title(page, sf_slice_str(rule->id), rule->text);
    sf_page_field(page, "Group",
                  sf_slice_str(sf_conduct_group_title(rule->group)));
    sf_page_field(page, "Level",
                  sf_slice_str(sf_conduct_level_text(rule->level)));
    sf_page_field(page, "Defined in", sf_slice_str(rule->rfc));
    sf_page_field(page, "Seen", sf_slice_str(sf_conduct_seen_text(rule->seen)));
    sf_page_field(page, "Test", sf_slice_str(rule->how));
}

void sf_explain_group(enum sf_conduct_group group, struct sf_buf *page)
{
    sf_page_title(page, sf_slice_str(sf_conduct_group_name(group)),
                  sf_conduct_group_title(group));
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const struct sf_conduct_rule *rule =
            sf_conduct_get((enum sf_conduct_id)i);

        if (rule->group == group) {
            sf_page_field(page, rule->id, sf_slice_str(rule->text));
        }
    }
}
