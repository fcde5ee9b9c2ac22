from client import deliver, finish, start


def good(server):
    deliver(server, user="joe", clear=True)


def bad_gives_up(server):
    deliver(server, user="joe", clear=True, attempts=1)


def bad_sends_without_login(server):
    client = start(server)
    client.auth_plain()
    finish(client)


bad_gives_up.fails = "auth-attempts"
bad_sends_without_login.fails = "messages"
