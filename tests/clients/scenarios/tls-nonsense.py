from client import deliver


def good(server):
    """Wants TLS, and tries again."""
    deliver(server, tls="required")


def good_opportunistic(server):
    """May do without TLS, in another session."""
    deliver(server, attempts=1)
    deliver(server, tls="never")


def bad_gives_up(server):
    """Takes the text for a refusal of the message."""
    deliver(server, attempts=1)


bad_gives_up.fails = "sessions"


def bad_logs_in_without_tls(server):
    deliver(server, attempts=1)
    deliver(server, attempts=1, tls="never", user="joe", clear=True)


bad_logs_in_without_tls.fails = "plaintext-auth"
