from client import deliver, finish, start


def good(server):
    deliver(server, user="joe", clear=True)


def bad_tries_again(server):
    deliver(server, user="joe", clear=True, retries_refused=True)


def bad_sends_without_login(server):
    client = start(server)
    client.auth_plain()
    finish(client)


bad_tries_again.fails = "auth-attempts"
bad_sends_without_login.fails = "transactions"
