from client import deliver

OPTIONS = ["--speed", "600"]


def good(server):
    """Waits for three minutes, and tries again."""
    deliver(server, attempts=2, timeout=0.3)


def good_opportunistic(server):
    """May do without TLS, in another session."""
    deliver(server, attempts=1, timeout=0.3)
    deliver(server, tls="never")


def bad_gives_up(server):
    deliver(server, attempts=1, timeout=0.3)


bad_gives_up.fails = "sessions"


def bad_waits_too_long(server):
    deliver(server, attempts=1, timeout=1.6)
    deliver(server, tls="never")


bad_waits_too_long.fails = "waited.tls-hang"


def bad_logs_in_without_tls(server):
    deliver(server, attempts=1, timeout=0.3)
    deliver(server, attempts=1, tls="never", user="joe", clear=True)


bad_logs_in_without_tls.fails = "plaintext-auth"
