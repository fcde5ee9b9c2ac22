/* output.c - the output queue: segments, boundaries, deadlines.
 *
 * The first octet may leave when all of these have come: the time of the cut
 * before it, the time that its pace gives it, the end of a hold.  A pace that
 * has to know all of its output (SPLIT counts from the end, WHOLE sends it as
 * one) gathers a run, which leaves when it has ended. */
#include "session/output.h"

#include <stdlib.h>
#include <string.h>

enum mark_kind {
    MARK_CUT,  /* ends a segment; what follows has a time */
    MARK_GAP,  /* ends a segment; what follows leaves so much later */
    MARK_PACE, /* the pace changes */
};

struct mark {
    size_t at; /* offset in pending: the first octet behind the mark */
    enum mark_kind kind;
    uint64_t us;                /* CUT: when, GAP: how much later */
    const struct sf_pace *pace; /* PACE; NULL: none */
};

struct sf_plan {
    const struct sf_pace *pace; /* of the first octet; NULL: none */
    uint64_t cut_us;            /* not before, because of a cut */
    uint64_t pace_us;           /* because of the pace */
    uint64_t hold_us;           /* because it is held; 0: it is not */
    uint64_t left_us;           /* when the last segment was to leave */
    const struct sf_pace *run;  /* that gathers; NULL: none does */
    size_t run_at;              /* where what it gathers begins */
    struct mark *marks;
    size_t mark_count;
    size_t mark_size;
};

void sf_output_spare_init(struct sf_output_spare *spare)
{
    sf_buf_init(&spare->buf, SF_OUTPUT_LIMIT_BYTES);
}

void sf_output_spare_fini(struct sf_output_spare *spare)
{
    sf_buf_fini(&spare->buf);
}

void sf_output_init(struct sf_output *output)
{
    *output = (struct sf_output){0};
    sf_buf_init(&output->pending, SF_OUTPUT_LIMIT_BYTES);
}

static void free_plan(struct sf_output *output)
{
    if (output->plan != NULL) {
        free(output->plan->marks);
        free(output->plan);
        output->plan = NULL;
    }
}

void sf_output_fini(struct sf_output *output)
{
    sf_buf_fini(&output->pending);
    free_plan(output);
}

struct sf_buf *sf_output_buf(struct sf_output *output,
                             struct sf_output_spare *spare)
{
    if (output->plan != NULL) {
        output->plan->hold_us = 0;
    }
    if (output->pending.ptr == NULL && spare->buf.ptr != NULL) {
        output->pending = spare->buf;
        sf_buf_clear(&output->pending);
        sf_buf_init(&spare->buf, SF_OUTPUT_LIMIT_BYTES);
    }
    return &output->pending;
}

/* Marks. */

/* The plan, made when it is first needed; NULL without memory. */
static struct sf_plan *get_plan(struct sf_output *output)
{
    if (output->plan == NULL) {
        output->plan = calloc(1, sizeof(*output->plan));
    }
    return output->plan;
}

static int add_mark(struct sf_output *output, const struct mark *mark)
{
    struct sf_plan *plan = get_plan(output);

    if (plan == NULL) {
        return SF_ENOMEM;
    }
    if (plan->mark_count == plan->mark_size) {
        size_t size = plan->mark_size == 0 ? 4 : plan->mark_size * 2;
        struct mark *grown = realloc(plan->marks, size * sizeof(*grown));

        if (grown == NULL) {
            return SF_ENOMEM;
        }
        plan->marks = grown;
        plan->mark_size = size;
    }
    plan->marks[plan->mark_count++] = *mark;
    return 0;
}

int sf_output_cut(struct sf_output *output, uint64_t due_us)
{
    const struct mark mark = {
        .at = output->pending.len, .kind = MARK_CUT, .us = due_us};

    return add_mark(output, &mark);
}

static bool gathers(const struct sf_pace *pace)
{
    return pace != NULL &&
           (pace->kind == SF_PACE_SPLIT || pace->kind == SF_PACE_WHOLE);
}

/* Where in a run of `len` octets the offset cuts; 0: nowhere. */
static size_t find_cut(int32_t offset, size_t len, bool knows_end)
{
    size_t from_end = offset < 0 ? (size_t)(-(int64_t)offset) : 0;

    if (offset > 0) {
        return (size_t)offset < len ? (size_t)offset : 0;
    }
    return knows_end && from_end < len ? len - from_end : 0;
}

/* Cuts the run that was gathered, in the order of the places. */
static int cut_run(struct sf_output *output, bool knows_end)
{
    const struct sf_pace *pace = output->plan->run;
    size_t run_at = output->plan->run_at;
    size_t len = output->pending.len - run_at;
    size_t next = 0;

    for (;;) {
        struct mark mark = {.kind = MARK_GAP, .us = pace->interval_us};
        size_t last = next;

        next = len;
        for (size_t i = 0; i < pace->offset_count; i++) {
            size_t at = find_cut(pace->offsets[i], len, knows_end);

            next = at > last && at < next ? at : next;
        }
        if (next == len) {
            return 0;
        }
        mark.at = run_at + next;
        if (add_mark(output, &mark) != 0) {
            return SF_ENOMEM;
        }
    }
}

int sf_output_end_run(struct sf_output *output)
{
    int err = 0;

    if (sf_output_is_gathering(output)) {
        err = cut_run(output, true);
        output->plan->run_at = output->pending.len;
    }
    return err;
}

bool sf_output_is_gathering(const struct sf_output *output)
{
    return output->plan != NULL && output->plan->run != NULL;
}

/* The pace of what is appended next. */
static const struct sf_pace *find_pace(const struct sf_plan *plan)
{
    for (size_t i = plan->mark_count; i > 0; i--) {
        if (plan->marks[i - 1].kind == MARK_PACE) {
            return plan->marks[i - 1].pace;
        }
    }
    return plan->pace;
}

int sf_output_pace(struct sf_output *output, const struct sf_pace *pace)
{
    const struct mark mark = {
        .at = output->pending.len, .kind = MARK_PACE, .pace = pace};
    int err = sf_output_end_run(output);

    /* A mark would part what is held from what follows. */
    if (err != 0 || (pace == NULL && (output->plan == NULL ||
                                      find_pace(output->plan) == NULL))) {
        return err;
    }
    err = add_mark(output, &mark);
    if (err == 0) {
        output->plan->run = gathers(pace) ? pace : NULL;
        output->plan->run_at = output->pending.len;
    }
    return err;
}

int sf_output_release(struct sf_output *output)
{
    struct sf_plan *plan = output->plan;

    if (plan == NULL || output->pending.len == 0) {
        free_plan(output);
        return 0;
    }
    plan->hold_us = 0;
    while (plan->mark_count > 0 &&
           plan->marks[plan->mark_count - 1].at == output->pending.len) {
        plan->mark_count--;
    }
    return sf_output_pace(output, NULL);
}

int sf_output_hold(struct sf_output *output, uint64_t until_us)
{
    if (output->pending.len == 0) {
        return 0; /* it has left already */
    }
    if (get_plan(output) == NULL) {
        return SF_ENOMEM;
    }
    output->plan->hold_us = until_us;
    return 0;
}

/* Takes over what marks before the first octet say. */
static void absorb_marks(struct sf_plan *plan)
{
    size_t count = 0;

    while (count < plan->mark_count && plan->marks[count].at == 0) {
        const struct mark *mark = &plan->marks[count++];

        if (mark->kind == MARK_PACE) {
            plan->pace = mark->pace;
            plan->pace_us = 0;
        } else if (mark->kind == MARK_CUT) {
            plan->cut_us = mark->us;
        } else {
            plan->cut_us = plan->left_us + mark->us;
        }
    }
    if (count > 0) {
        plan->mark_count -= count;
        memmove(plan->marks, plan->marks + count,
                plan->mark_count * sizeof(*plan->marks));
    }
}

/* Segments. */

static uint64_t find_due(const struct sf_plan *plan)
{
    return plan->cut_us > plan->pace_us ? plan->cut_us : plan->pace_us;
}

/* How many of these octets the pace lets leave together. */
static size_t
measure_pace(const struct sf_pace *pace, const char *octets, size_t len)
{
    const char *line_end;

    if (len == 0 || pace == NULL || gathers(pace)) {
        return len;
    }
    if (pace->kind == SF_PACE_OCTETS) {
        return len < pace->octets ? len : (size_t)pace->octets;
    }
    line_end = memchr(octets, '\n', len);
    return line_end == NULL ? len : (size_t)(line_end - octets) + 1;
}

/* The length of the first segment; 0 if it is still gathered. */
static size_t find_segment(const struct sf_output *output)
{
    const struct sf_plan *plan = output->plan;
    size_t len = plan->mark_count > 0 ? plan->marks[0].at : output->pending.len;

    if (plan->run != NULL && plan->run_at < len) {
        len = plan->run_at;
    }
    return measure_pace(plan->pace, output->pending.ptr, len);
}

/* A segment leaves: later ones are counted from when it was to leave, not from
 * when it did, unless that is long ago. */
static void note_left(struct sf_plan *plan, uint64_t now_us)
{
    uint64_t due_us = find_due(plan);
    uint64_t interval_us = plan->pace == NULL ? 0 : plan->pace->interval_us;
    bool is_long_ago = due_us == 0 || due_us + interval_us < now_us;

    plan->left_us = is_long_ago ? now_us : due_us;
    plan->cut_us = 0;
    plan->pace_us = 0;
    if (plan->pace != NULL && !gathers(plan->pace)) {
        plan->pace_us = plan->left_us + interval_us;
    }
}

static void shift_marks(struct sf_plan *plan, size_t len)
{
    for (size_t i = 0; i < plan->mark_count; i++) {
        plan->marks[i].at -= len;
    }
    plan->run_at -= len < plan->run_at ? len : plan->run_at;
    absorb_marks(plan);
}

/* Moves the last octets out and leaves the session without memory. */
static struct sf_slice take_all(struct sf_output *output,
                                struct sf_output_spare *spare)
{
    sf_buf_fini(&spare->buf);
    spare->buf = output->pending;
    sf_buf_init(&output->pending, SF_OUTPUT_LIMIT_BYTES);
    return sf_buf_slice(&spare->buf);
}

/* Copies the first segment out, for what follows it has to wait. */
static struct sf_slice
take_first(struct sf_output *output, struct sf_output_spare *spare, size_t len)
{
    sf_buf_clear(&spare->buf);
    sf_buf_append(&spare->buf, output->pending.ptr, len);
    if (spare->buf.failed) {
        output->pending.failed = spare->buf.failed;
        return (struct sf_slice){NULL, 0};
    }
    sf_buf_consume(&output->pending, len);
    return sf_buf_slice(&spare->buf);
}

/* A run that fills the queue leaves before its end is known. */
static int release_high_run(struct sf_output *output)
{
    struct sf_plan *plan = output->plan;
    int err = 0;

    if (plan->run != NULL && sf_output_is_high(output)) {
        err = cut_run(output, false);
        plan->run = NULL;
    }
    return err;
}

static void drop_idle_plan(struct sf_output *output, uint64_t now_us)
{
    const struct sf_plan *plan = output->plan;

    if (output->pending.len == 0 && plan->mark_count == 0 &&
        plan->pace == NULL && plan->run == NULL && find_due(plan) <= now_us) {
        free_plan(output);
    }
}

struct sf_slice sf_output_take(struct sf_output *output,
                               struct sf_output_spare *spare,
                               uint64_t now_us)
{
    struct sf_slice segment = {NULL, 0};
    struct sf_plan *plan = output->plan;
    size_t len;

    if (plan == NULL) {
        return output->pending.len == 0 ? segment : take_all(output, spare);
    }
    absorb_marks(plan);
    if (release_high_run(output) != 0) {
        output->pending.failed = SF_ENOMEM;
        return segment;
    }
    len = find_segment(output);
    if (len > 0 && find_due(plan) <= now_us && plan->hold_us <= now_us) {
        segment = len == output->pending.len ? take_all(output, spare)
                                             : take_first(output, spare, len);
        plan->hold_us = 0;
        note_left(plan, now_us);
        shift_marks(plan, segment.len);
    }
    drop_idle_plan(output, now_us);
    return segment;
}

void sf_output_drop(struct sf_output *output)
{
    sf_output_fini(output);
    sf_output_init(output);
}

/* The marks of `back` behind the octets of `front`. */
static int move_marks(struct sf_output *front, const struct sf_output *back)
{
    const struct sf_plan *plan = back->plan;
    size_t shift = front->pending.len;
    uint64_t due_us = find_due(plan);
    struct mark pace = {.at = shift, .kind = MARK_PACE, .pace = plan->pace};
    int err = due_us > 0 ? sf_output_cut(front, due_us) : 0;

    if (err == 0) {
        err = add_mark(front, &pace);
    }
    for (size_t i = 0; err == 0 && i < plan->mark_count; i++) {
        struct mark mark = plan->marks[i];

        mark.at += shift;
        err = add_mark(front, &mark);
    }
    if (err == 0) {
        front->plan->run = plan->run;
        front->plan->run_at = plan->run_at + shift;
    }
    return err;
}

int sf_output_join(struct sf_output *front, struct sf_output *back)
{
    int err = back->plan == NULL ? 0 : move_marks(front, back);

    if (front->pending.len == 0) {
        sf_buf_fini(&front->pending);
        front->pending = back->pending;
        sf_buf_init(&back->pending, SF_OUTPUT_LIMIT_BYTES);
    } else {
        sf_buf_put_slice(&front->pending, sf_buf_slice(&back->pending));
    }
    sf_output_drop(back);
    return err != 0 ? err : front->pending.failed;
}

bool sf_output_is_empty(const struct sf_output *output)
{
    return output->pending.len == 0;
}

bool sf_output_is_high(const struct sf_output *output)
{
    return output->pending.len >= SF_OUTPUT_HIGH_BYTES;
}

/* Whether what stands behind a mark may leave as soon as what stands before. */
static bool is_prompt_behind(const struct sf_output *output,
                             size_t index,
                             const struct sf_pace *pace,
                             uint64_t now_us)
{
    const struct sf_plan *plan = output->plan;
    const struct mark *mark = &plan->marks[index];
    size_t end = index + 1 < plan->mark_count ? plan->marks[index + 1].at
                                              : output->pending.len;
    size_t len = end - mark->at;

    if ((mark->kind == MARK_CUT && mark->us > now_us) ||
        (mark->kind == MARK_GAP && mark->us > 0)) {
        return len == 0;
    }
    return measure_pace(pace, output->pending.ptr + mark->at, len) == len;
}

bool sf_output_is_held(const struct sf_output *output, uint64_t now_us)
{
    return output->plan != NULL && output->pending.len > 0 &&
           output->plan->hold_us > now_us;
}

bool sf_output_is_shut(struct sf_output *output, uint64_t now_us)
{
    if (output->plan == NULL || output->pending.len > 0) {
        return false;
    }
    absorb_marks(output->plan);
    return find_due(output->plan) > now_us;
}

bool sf_output_is_prompt(struct sf_output *output, uint64_t now_us)
{
    struct sf_plan *plan = output->plan;
    const struct sf_pace *pace;
    size_t end;

    if (plan == NULL || plan->hold_us > now_us) {
        return true;
    }
    absorb_marks(plan);
    if (output->pending.len == 0) {
        return true;
    }
    pace = plan->pace;
    end = plan->mark_count > 0 ? plan->marks[0].at : output->pending.len;
    if (find_due(plan) > now_us || find_segment(output) < end) {
        return false;
    }
    for (size_t i = 0; i < plan->mark_count; i++) {
        if (plan->marks[i].kind == MARK_PACE) {
            pace = plan->marks[i].pace;
        }
        if (!is_prompt_behind(output, i, pace, now_us)) {
            return false;
        }
    }
    return plan->run == NULL || plan->run_at == output->pending.len;
}

uint64_t sf_output_deadline(const struct sf_output *output)
{
    const struct sf_plan *plan = output->plan;
    uint64_t due_us;

    if (output->pending.len == 0) {
        return UINT64_MAX;
    }
    if (plan == NULL) {
        return 0;
    }
    if (find_segment(output) == 0 && !sf_output_is_high(output)) {
        return UINT64_MAX;
    }
    due_us = find_due(plan);
    return due_us > plan->hold_us ? due_us : plan->hold_us;
}
