from client import finish, start


def good(server):
    client = start(server)
    client.auth_plain()
    client.auth_login()
    finish(client)


def bad_blames_the_password(server):
    client = start(server)
    client.auth_plain()
    client.quit()


def bad_guesses(server):
    """CRAM-MD5 is not in the list."""
    client = start(server)
    client.auth_plain()
    client.auth("CRAM-MD5")
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth_plain()
    finish(client)


bad_blames_the_password.fails = "messages"
bad_guesses.fails = "violations"
bad_sends_without_login.fails = "refused"
