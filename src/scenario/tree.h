/* tree.h - the files of a scenario, read and cut into sections. */
#ifndef SF_SCENARIO_TREE_H
#define SF_SCENARIO_TREE_H

#include "journal/record.h"
#include "scenario/let.h"
#include "scenario/source.h"

#define SF_FILES_MAX 64

/* A file that was read. */
struct sf_unit {
    struct sf_source source;
    const struct sf_unit *parent; /* that includes it; NULL: asked for */
    const char *path;             /* as it is shown */
    bool is_bundled;
    unsigned depth;
    struct sf_unit *next; /* of the same tree */
};

/* One file that was asked for, with what it includes, in the order in which
 * their sections count. */
struct sf_tree {
    struct sf_lets lets;
    struct sf_unit *first;
    struct sf_unit *last;
};

/* What all trees of a scenario share. */
struct sf_reader {
    const struct sf_load *load;
    struct sf_loader *loader;
    struct sf_record_file *files; /* SF_FILES_MAX of them */
    size_t file_count;
};

/* Reads the file and what it includes into *tree, which is zeroed, and defines
 * its names.  What is wrong is reported. */
void sf_tree_read(struct sf_reader *reader,
                  struct sf_tree *tree,
                  const char *path);

#endif
