from client import encode, finish, start


def good_tries_without(server):
    client = start(server)
    client.auth("LOGIN " + encode("joe"), "secret")
    client.auth_login()
    finish(client)


def good_never_sends_one(server):
    client = start(server)
    client.auth_login()
    finish(client)


def bad_gives_up(server):
    client = start(server)
    client.auth("LOGIN " + encode("joe"), "secret")
    client.quit()


bad_gives_up.fails = "messages"
