from client import deliver, start


def good(server):
    deliver(server, user="joe", clear=True)


def good_tries_each_mechanism(server):
    start(server).auth_plain()
    start(server).auth_login()


def bad_tries_again(server):
    """As after a connection that was lost."""
    for _ in range(5):
        start(server).auth_plain()


def bad_sends_without_login(server):
    start(server).auth_plain()
    deliver(server)


bad_tries_again.fails = "auth-attempts"
bad_sends_without_login.fails = "transactions"
