from client import deliver


def good(server):
    """Says QUIT, and keeps password and message."""
    deliver(server, tls="required", user="joe")


def good_opportunistic(server):
    deliver(server)


def bad_logs_in_without_tls(server):
    deliver(server, user="joe", clear=True)


bad_logs_in_without_tls.fails = "plaintext-auth"
