from client import finish, start

DIGEST = "joe 0123456789abcdef0123456789abcdef"


def good(server):
    """CRAM-MD5 from the second session on."""
    client = start(server)
    client.auth("CRAM-MD5", DIGEST)
    client.auth_plain()
    finish(client, "first")
    client = start(server)
    client.auth("CRAM-MD5", DIGEST)
    finish(client, "second")


def good_may_not_use_plain(server):
    client = start(server)
    client.auth("CRAM-MD5", DIGEST)
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth("CRAM-MD5", DIGEST)
    finish(client)


bad_sends_without_login.fails = "refused"
