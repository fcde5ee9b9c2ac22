from client import encode, finish, start

TOKEN = "user=joe\1auth=Bearer " + "t" * 2000 + "\1\1"


def good_waits_for_the_challenge(server):
    client = start(server)
    client.auth("XOAUTH2", TOKEN)
    finish(client)


def good_tries_without(server):
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN))
    client.auth("XOAUTH2", TOKEN)
    finish(client)


def bad_gives_up(server):
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN))
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth("XOAUTH2 " + encode(TOKEN))
    finish(client)


bad_gives_up.fails = "messages"
bad_sends_without_login.fails = "messages"
