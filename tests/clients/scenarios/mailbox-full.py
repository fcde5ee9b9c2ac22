from client import deliver

FULL = "full@example.test"


def good(server):
    """Tries again, since a mailbox is emptied now and then."""
    deliver(server, to=FULL, attempts=3)


def bad_gives_up(server):
    deliver(server, to=FULL, attempts=1)


bad_gives_up.fails = "attempts"
