from client import encode, finish, start

TOKEN = "user=joe\1auth=Bearer token\1\1"


def good_at_once(server):
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN), "")
    client.quit()


def good_when_asked(server):
    client = start(server)
    client.auth("OAUTHBEARER", "n,,\1auth=Bearer token\1\1", "\1")
    client.quit()


def bad_takes_it_for_success(server):
    """What it sends next is read as a response."""
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN))
    finish(client)


def bad_tries_the_same_token(server):
    client = start(server)
    for _ in range(5):
        client.auth("XOAUTH2 " + encode(TOKEN), "")
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN), "")
    finish(client)


bad_takes_it_for_success.fails = "violations"
bad_tries_the_same_token.fails = "auth-attempts"
bad_sends_without_login.fails = "transactions"
