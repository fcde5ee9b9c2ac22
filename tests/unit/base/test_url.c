/* test_url.c - the addresses that a listener can have. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/url.h"

static const struct {
    const char *text;
    const char *canonical;
} good_urls[] = {
    {"smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"},
    {"smtp://127.0.0.1:0", "smtp://127.0.0.1:0"},
    {"smtp://127.0.0.1", "smtp://127.0.0.1:2525"},
    {"smtp://127.0.0.1/", "smtp://127.0.0.1:2525"},
    {"smtp://127.0.0.1:65535/", "smtp://127.0.0.1:65535"},
    {"SMTP://LocalHost:25", "smtp://127.0.0.1:25"},
    {"smtp://0.0.0.0:25", "smtp://0.0.0.0:25"},
    {"smtp://[::1]:0", "smtp://[::1]:0"},
    {"smtp://[::1]", "smtp://[::1]:2525"},
    {"smtp://[0:0:0:0:0:0:0:1]:7", "smtp://[::1]:7"},
    {"smtp://[::ffff:10.0.0.1]:7", "smtp://[::ffff:10.0.0.1]:7"},
    {"smtps://127.0.0.1", "smtps://127.0.0.1:4650"},
    {"SMTPS://[::1]:465", "smtps://[::1]:465"},
    {"lmtp://127.0.0.1", "lmtp://127.0.0.1:2424"},
    {"lmtp://[::]:24", "lmtp://[::]:24"},
    {"lmtp+unix:///run/lmtp.sock", "lmtp+unix:///run/lmtp.sock"},
    {"lmtp+unix:///a=b:c", "lmtp+unix:///a=b:c"},
};

Test(url, what_is_parsed_is_written_in_canonical_form)
{
    for (size_t i = 0; i < sizeof(good_urls) / sizeof(good_urls[0]); i++) {
        struct sf_url url;
        char text[SF_URL_TEXT_SIZE];

        cr_assert_null(sf_url_parse(good_urls[i].text, &url), "%s",
                       good_urls[i].text);
        sf_url_format(&url, text);
        cr_assert_str_eq(text, good_urls[i].canonical, "%s", good_urls[i].text);
    }
}

static const struct {
    const char *text;
    const char *error; /* a part of it */
} bad_urls[] = {
    {"", "not a listener's URL"},
    {"127.0.0.1:25", "not a listener's URL"},
    {"smtp:/127.0.0.1:25", "not a listener's URL"},
    {"http://127.0.0.1", "not a listener's URL"},
    {"smtp+unix:///x", "not a listener's URL"},
    {"smtp://", "numeric address"},
    {"smtp://:25", "numeric address"},
    {"smtp://example.com:25", "numeric address"},
    {"smtp://localhost.:25", "numeric address"},
    {"smtp://127.1:25", "numeric address"},
    {"smtp://1.2.3.4.5", "numeric address"},
    {"smtp:// 127.0.0.1", "numeric address"},
    {"smtp://::1:25", "numeric address"},
    {"smtp://[::1:25", "numeric address"},
    {"smtp://[127.0.0.1]:25", "numeric address"},
    {"smtp://[fe80::1%lo]:25", "numeric address"},
    {"smtp://[]", "numeric address"},
    {"smtp://[0000000000000000000000000000000000000000000000000::1]:25",
     "numeric address"},
    {"smtp://127.0.0.1:", "port"},
    {"smtp://127.0.0.1:65536", "port"},
    {"smtp://127.0.0.1:-1", "port"},
    {"smtp://127.0.0.1:25x", "port"},
    {"smtp://127.0.0.1:99999999999999999999999", "port"},
    {"smtp://[::1]25", "port"},
    {"smtp://127.0.0.1:25/path", "port"},
    {"lmtp+unix://", "not absolute"},
    {"lmtp+unix:///", "not absolute"},
    {"lmtp+unix://run/x", "not absolute"},
    {"lmtp+unix:///run/x y", "blank"},
    {"lmtp+unix:///run/x\ny", "control"},
};

Test(url, what_cannot_be_a_listener_is_refused_with_a_reason)
{
    for (size_t i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++) {
        struct sf_url url;
        const struct sf_url_fault *fault = sf_url_parse(bad_urls[i].text, &url);

        cr_assert_not_null(fault, "%s", bad_urls[i].text);
        cr_assert(strstr(fault->text, bad_urls[i].error), "'%s' gives: %s",
                  bad_urls[i].text, fault->text);
        cr_assert_not_null(fault->hint);
    }
}

Test(url, a_path_may_have_107_octets_and_no_more)
{
    char text[200] = "lmtp+unix:///";
    struct sf_url url;
    const size_t scheme = strlen("lmtp+unix://");

    memset(text + scheme + 1, 'x', 106);
    cr_assert_null(sf_url_parse(text, &url));
    cr_assert(sf_url_is_unix(&url));
    cr_assert_eq(strlen(url.address.local.sun_path), 107);
    text[scheme + 107] = 'x';
    cr_assert(strstr(sf_url_parse(text, &url)->text, "too long"));
}

Test(url, the_protocol_follows_from_the_scheme)
{
    struct sf_url url;

    cr_assert_null(sf_url_parse("smtp://[::1]", &url));
    cr_assert_eq(url.protocol, SF_PROTOCOL_SMTP);
    cr_assert_null(sf_url_parse("lmtp://[::1]", &url));
    cr_assert_eq(url.protocol, SF_PROTOCOL_LMTP);
    cr_assert_null(sf_url_parse("lmtp+unix:///x", &url));
    cr_assert_eq(url.protocol, SF_PROTOCOL_LMTP);
}

Test(url, only_this_machine_reaches_loopback)
{
    static const struct {
        const char *text;
        bool is_loopback;
    } cases[] = {
        {"smtp://127.0.0.1", true}, {"smtp://127.255.0.9", true},
        {"smtp://[::1]", true},     {"lmtp+unix:///x", true},
        {"smtp://0.0.0.0", false},  {"smtp://128.0.0.1", false},
        {"smtp://[::]", false},     {"smtp://[2001:db8::1]", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_url url;

        cr_assert_null(sf_url_parse(cases[i].text, &url));
        cr_assert_eq(sf_url_is_loopback(&url), cases[i].is_loopback, "%s",
                     cases[i].text);
    }
}

Test(url, a_peer_is_an_address_without_brackets_and_a_port)
{
    static const struct {
        const char *text;
        const char *host;
        unsigned port;
    } cases[] = {
        {"smtp://127.0.0.1:2525", "127.0.0.1", 2525},
        {"smtp://[2001:db8::1]:40000", "2001:db8::1", 40000},
        {"lmtp+unix:///x", "unix", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_url url;
        char host[INET6_ADDRSTRLEN];
        unsigned port;

        cr_assert_null(sf_url_parse(cases[i].text, &url));
        sf_url_peer(&url.address, host, &port);
        cr_assert_str_eq(host, cases[i].host);
        cr_assert_eq(port, cases[i].port);
    }
}

Test(url, a_port_can_be_read_and_set)
{
    static const char *const texts[] = {"smtp://127.0.0.1:7", "smtp://[::1]:7"};

    for (size_t i = 0; i < 2; i++) {
        struct sf_url url;

        cr_assert_null(sf_url_parse(texts[i], &url));
        cr_assert_eq(sf_url_port(&url), 7);
        sf_url_set_port(&url, 40000);
        cr_assert_eq(sf_url_port(&url), 40000);
    }
}

Test(url, two_that_cannot_both_be_listened_at_collide)
{
    static const struct {
        const char *one;
        const char *other;
        bool shares_host;
        bool collides;
    } cases[] = {
        {"smtp://127.0.0.1:7", "lmtp://127.0.0.1:7", true, true},
        {"smtp://127.0.0.1:7", "smtp://127.0.0.1:8", true, false},
        {"smtp://127.0.0.1:0", "smtp://127.0.0.1:0", true, false},
        {"smtp://127.0.0.1:7", "smtp://127.0.0.2:7", false, false},
        {"smtp://127.0.0.1:7", "smtp://0.0.0.0:7", true, true},
        {"smtp://0.0.0.0:7", "smtp://[::]:7", false, false},
        {"smtp://[::1]:7", "smtp://[::]:7", true, true},
        {"smtp://[::1]:7", "smtp://[::2]:7", false, false},
        {"lmtp+unix:///a", "lmtp+unix:///a", true, true},
        {"lmtp+unix:///a", "lmtp+unix:///b", false, false},
        {"lmtp+unix:///a", "smtp://0.0.0.0:0", false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_url one;
        struct sf_url other;

        cr_assert_null(sf_url_parse(cases[i].one, &one));
        cr_assert_null(sf_url_parse(cases[i].other, &other));
        cr_assert_eq(sf_url_shares_host(&one, &other), cases[i].shares_host,
                     "%s %s", cases[i].one, cases[i].other);
        cr_assert_eq(sf_url_collides(&one, &other), cases[i].collides, "%s %s",
                     cases[i].one, cases[i].other);
        cr_assert_eq(sf_url_collides(&other, &one), cases[i].collides, "%s %s",
                     cases[i].other, cases[i].one);
    }
}
