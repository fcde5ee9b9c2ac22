from client import deliver


def good(server):
    deliver(server, tls="required")


def bad_sends_again(server):
    """Takes the end of the connection for the loss of the message."""
    deliver(server, tls="required")
    deliver(server, tls="required")


bad_sends_again.fails = "duplicates"
