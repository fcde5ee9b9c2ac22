from client import finish, start

DIGEST = "joe 0123456789abcdef0123456789abcdef"


def good(server):
    client = start(server)
    client.auth_plain()
    client.auth("CRAM-MD5", DIGEST)
    finish(client)


def bad_blames_the_password(server):
    client = start(server)
    client.auth_plain()
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth_plain()
    finish(client)


bad_blames_the_password.fails = "messages"
bad_sends_without_login.fails = "refused"
