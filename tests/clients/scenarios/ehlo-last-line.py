from client import deliver


def good(server):
    deliver(server)


def bad_skips_the_last_line(server):
    """Looks for `250-` and finds no STARTTLS."""
    deliver(server, tls="never")


bad_skips_the_last_line.fails = "starttls"
