/* maildir.c - accepted messages as files, for --save.
 *
 * A name is seconds.pid_n.host, as https://cr.yp.to/proto/maildir.html has it,
 * with n counting the messages of this process.  Where such a name is taken (a
 * process of the same number in the same second, as containers have it) the
 * next n is tried. */
#include "app/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/text.h"

#define HOST_SIZE      65  /* escaped and cut, with NUL */
#define NAME_SIZE      136 /* three numbers, their separators, the host */
#define NAME_TRIES_MAX 10000
#define HEADER_KEPT    65536 /* octets of memory kept between messages */

struct sf_maildir {
    char *dir;
    char *tmp_path; /* of the message in hand */
    char *new_path;
    size_t path_size; /* of both */
    char host[HOST_SIZE];
    uint64_t count;
    struct sf_buf header;
};

/* Slash and colon mean something in a file name here, so that they are written
 * in octal, and with them everything that is not usual in a host name. */
static void escape_host(const char *host, char out[HOST_SIZE])
{
    size_t len = 0;

    for (const char *c = host; *c != '\0' && len + 5 <= HOST_SIZE; c++) {
        if (sf_ascii_is_alnum(*c) || *c == '-' || *c == '.') {
            out[len++] = *c;
        } else {
            (void)snprintf(out + len, HOST_SIZE - len, "\\%03o",
                           (unsigned char)*c);
            len += 4;
        }
    }
    out[len] = '\0';
}

static void find_host(char out[HOST_SIZE])
{
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0') {
        (void)snprintf(host, sizeof(host), "localhost");
    }
    escape_host(host, out);
}

static bool is_usable_dir(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return false;
    }
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return false;
    }
    return access(path, W_OK | X_OK) == 0;
}

static bool make_dir(const char *path)
{
    return (mkdir(path, 0700) == 0 || errno == EEXIST) && is_usable_dir(path);
}

static bool make_dirs(struct sf_maildir *maildir)
{
    static const char *const parts[] = {"tmp", "new", "cur"};

    if (!make_dir(maildir->dir)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        (void)snprintf(maildir->tmp_path, maildir->path_size, "%s/%s",
                       maildir->dir, parts[i]);
        if (!make_dir(maildir->tmp_path)) {
            return false;
        }
    }
    return true;
}

static struct sf_maildir *new_maildir(const char *dir)
{
    struct sf_maildir *maildir = calloc(1, sizeof(*maildir));

    if (maildir == NULL) {
        return NULL;
    }
    /* No limit here: it is bounded by the paths that the session holds. */
    sf_buf_init(&maildir->header, SIZE_MAX);
    maildir->path_size = strlen(dir) + sizeof("/tmp/") + NAME_SIZE;
    maildir->dir = strdup(dir);
    maildir->tmp_path = malloc(maildir->path_size);
    maildir->new_path = malloc(maildir->path_size);
    if (maildir->dir == NULL || maildir->tmp_path == NULL ||
        maildir->new_path == NULL) {
        sf_maildir_free(maildir);
        return NULL;
    }
    find_host(maildir->host);
    return maildir;
}

static void explain(const char *verb,
                    const char *dir,
                    int error_number,
                    char *error,
                    size_t error_size)
{
    const struct sf_file_use use = {verb, "Maildir", dir, "--save"};

    sf_file_explain(&use, error_number, error, error_size);
}

int sf_maildir_open(const char *dir,
                    struct sf_maildir **out_maildir,
                    char *error,
                    size_t error_size)
{
    struct sf_maildir *maildir = new_maildir(dir);

    if (maildir == NULL) {
        explain("open", dir, ENOMEM, error, error_size);
        return SF_ENOMEM;
    }
    if (!make_dirs(maildir)) {
        explain("open", dir, errno, error, error_size);
        sf_maildir_free(maildir);
        return SF_EIO;
    }
    *out_maildir = maildir;
    return 0;
}

void sf_maildir_free(struct sf_maildir *maildir)
{
    if (maildir == NULL) {
        return;
    }
    sf_buf_fini(&maildir->header);
    free(maildir->dir);
    free(maildir->tmp_path);
    free(maildir->new_path);
    free(maildir);
}

/* RFC 5322 3.3, in UTC and in English whatever the locale. */
static void put_date(struct sf_buf *buf, time_t now)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = {.tm_mday = 1};

    (void)gmtime_r(&now, &tm);
    sf_buf_printf(buf, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday],
                  tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
                  tm.tm_min, tm.tm_sec);
}

/* ` ([127.0.0.1])`; RFC 5321 4.1.3 marks literals of IPv6.  What is no address
 * (a UNIX socket) has no square brackets. */
static void put_client(struct sf_buf *buf, const char *client)
{
    if (strchr(client, ':') != NULL) {
        sf_buf_printf(buf, " ([IPv6:%s])", client);
    } else if (sf_ascii_is_digit(client[0])) {
        sf_buf_printf(buf, " ([%s])", client);
    } else {
        sf_buf_printf(buf, " (%s)", client);
    }
}

static void
put_header(struct sf_buf *buf, const struct sf_record *record, time_t now)
{
    sf_buf_puts(buf, "Return-Path: <");
    sf_text_put_clean(buf, record->u.message.sender);
    sf_buf_puts(buf, ">\r\n");
    for (size_t i = 0; i < record->u.message.accepted_count; i++) {
        sf_buf_puts(buf, "X-Envelope-To: ");
        sf_text_put_clean(buf, record->u.message.accepted[i]);
        sf_buf_puts(buf, "\r\n");
    }
    sf_buf_puts(buf, "Received: from ");
    if (record->u.message.helo.len > 0) {
        sf_text_put_clean(buf, record->u.message.helo);
    } else {
        sf_buf_puts(buf, "unknown");
    }
    if (record->u.message.client != NULL) {
        put_client(buf, record->u.message.client);
    }
    sf_buf_printf(buf, "\r\n\tby smtpfault with %s id %s; ",
                  record->u.message.protocol, record->u.message.id);
    put_date(buf, now);
    sf_buf_puts(buf, "\r\n");
}

static void choose_name(struct sf_maildir *maildir, time_t now)
{
    char name[NAME_SIZE];

    maildir->count++;
    (void)snprintf(name, sizeof(name), "%jd.%jd_%" PRIu64 ".%s", (intmax_t)now,
                   (intmax_t)getpid(), maildir->count, maildir->host);
    (void)snprintf(maildir->tmp_path, maildir->path_size, "%s/tmp/%s",
                   maildir->dir, name);
    (void)snprintf(maildir->new_path, maildir->path_size, "%s/new/%s",
                   maildir->dir, name);
}

/* Returns a descriptor, or -1 with errno. */
static int create_tmp(struct sf_maildir *maildir, time_t now)
{
    for (unsigned i = 0; i < NAME_TRIES_MAX; i++) {
        int fd = -1;

        choose_name(maildir, now);
        if (access(maildir->new_path, F_OK) == 0) {
            continue;
        }
        fd = open(maildir->tmp_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  0600);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    errno = EEXIST;
    return -1;
}

static bool write_message(int fd,
                          const struct sf_buf *header,
                          const struct sf_chunk *content)
{
    if (sf_file_write(fd, header->ptr, header->len) < header->len) {
        return false;
    }
    for (; content != NULL; content = content->next) {
        if (sf_file_write(fd, content->octets, content->len) < content->len) {
            return false;
        }
    }
    return true;
}

/* Returns 0, or the errno of what went wrong; nothing is left then. */
static int
keep(struct sf_maildir *maildir, const struct sf_chunk *content, time_t now)
{
    int fd = create_tmp(maildir, now);
    int error_number = 0;

    if (fd < 0) {
        return errno;
    }
    if (!write_message(fd, &maildir->header, content)) {
        error_number = errno;
    }
    if (close(fd) != 0 && error_number == 0) {
        error_number = errno;
    }
    if (error_number == 0 &&
        rename(maildir->tmp_path, maildir->new_path) != 0) {
        error_number = errno;
    }
    if (error_number != 0) {
        (void)unlink(maildir->tmp_path);
    }
    return error_number;
}

int sf_maildir_save(struct sf_maildir *maildir,
                    const struct sf_record *record,
                    time_t now,
                    const char **out_path,
                    char *error,
                    size_t error_size)
{
    int error_number = ENOMEM;

    sf_buf_clear(&maildir->header);
    put_header(&maildir->header, record, now);
    if (!maildir->header.failed) {
        error_number = keep(maildir, record->u.message.content, now);
    }
    if (maildir->header.size > HEADER_KEPT) {
        sf_buf_fini(&maildir->header);
    }
    if (error_number != 0) {
        explain("write", maildir->dir, error_number, error, error_size);
        return error_number == ENOMEM ? SF_ENOMEM : SF_EIO;
    }
    *out_path = maildir->new_path;
    return 0;
}
