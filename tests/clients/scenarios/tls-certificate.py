from client import deliver


def good(server):
    deliver(server, tls="required", user="joe", attempts=2)


def good_between_servers(server):
    """Any TLS is better than none where none is asked for."""
    deliver(server, verifies=False)


def bad_trusts_anybody(server):
    deliver(server, tls="required", user="joe", verifies=False)


bad_trusts_anybody.fails = "auth-attempts"
