/* test_reader.c - reads scenario files for the loader. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/reader.h"

static char directory[] = "/tmp/smtpfault-test-XXXXXX";
static struct sf_reader reader;
static char *text;
static size_t len;

static void enter_directory(void)
{
    cr_assert_not_null(mkdtemp(directory));
    cr_assert_eq(chdir(directory), 0);
}

static void remove_directory(void)
{
    (void)unlink("a.ini");
    (void)rmdir("greylist");
    cr_assert_eq(chdir("/"), 0);
    (void)rmdir(directory);
    sf_reader_fini(&reader);
}

static void write_file(const char *path, const char *content, size_t count)
{
    FILE *file = fopen(path, "w");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content, 1, count, file), count);
    cr_assert_eq(fclose(file), 0);
}

TestSuite(reader, .init = enter_directory, .fini = remove_directory);

Test(reader, a_file_comes_whole_and_terminated)
{
    static const char content[] = "[RCPT]\n\0reply = 250\n";

    write_file("a.ini", content, sizeof(content) - 1);
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), 0);
    cr_assert_eq(len, sizeof(content) - 1);
    cr_assert_eq(memcmp(text, content, sizeof(content)), 0);
    free(text);
}

Test(reader, an_empty_file_is_an_empty_text)
{
    write_file("a.ini", "", 0);
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), 0);
    cr_assert_eq(len, 0);
    cr_assert_str_eq(text, "");
    free(text);
}

Test(reader, what_is_not_there_may_be_in_the_bundle)
{
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), SF_ENOTFOUND);
    write_file("a.ini", "x", 1);
    cr_assert_eq(sf_reader_read(&reader, "a.ini/b", &text, &len), SF_ENOTFOUND);
    cr_assert_eq(sf_reader_read(&reader, "", &text, &len), SF_ENOTFOUND);
}

Test(reader, a_directory_hides_no_bundled_name_but_is_no_file)
{
    cr_assert_eq(mkdir("greylist", 0700), 0);
    cr_assert_eq(sf_reader_read(&reader, "greylist", &text, &len),
                 SF_ENOTFOUND);
    cr_assert_eq(sf_reader_read(&reader, "./greylist", &text, &len), SF_EREAD);
}

Test(reader, a_file_without_end_is_refused)
{
    cr_assert_eq(sf_reader_read(&reader, "/dev/zero", &text, &len), SF_EREAD);
}

Test(reader, a_file_of_the_greatest_size_is_taken_and_one_more_is_not)
{
    char *big = calloc(1, SF_READER_FILE_BYTES + 1);

    cr_assert_not_null(big);
    write_file("a.ini", big, SF_READER_FILE_BYTES);
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), 0);
    cr_assert_eq(len, SF_READER_FILE_BYTES);
    free(text);
    write_file("a.ini", big, SF_READER_FILE_BYTES + 1);
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), SF_EREAD);
    free(big);
}

Test(reader, standard_input_can_be_read_again)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "[NOOP]\n", 7), 7);
    close(ends[1]);
    cr_assert_geq(dup2(ends[0], STDIN_FILENO), 0);
    close(ends[0]);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(sf_reader_read(&reader, "-", &text, &len), 0);
        cr_assert_str_eq(text, "[NOOP]\n");
        cr_assert_eq(len, 7);
        free(text);
    }
}

Test(reader, without_files_only_the_bundle_is_left)
{
    write_file("a.ini", "x", 1);
    reader.is_bundle_only = true;
    cr_assert_eq(sf_reader_read(&reader, "a.ini", &text, &len), SF_ENOTFOUND);
}

Test(reader, a_file_that_has_the_name_of_what_is_bundled_may_be_meant_or_not)
{
    write_file("default", "x", 1);
    reader.bundled = "default";
    cr_assert_eq(sf_reader_read(&reader, "default", &text, &len), SF_ENOTFOUND);
    reader.bundled = NULL;
    cr_assert_eq(sf_reader_read(&reader, "default", &text, &len), 0);
    free(text);
}
