from client import deliver

TO = ["a@example.test", "b@example.test", "c@example.test"]


def good(server):
    deliver(server, to=TO)


def bad_gives_up(server):
    deliver(server, to=TO, attempts=1)


def bad_begins_again(server):
    """Sends to everybody once more, those first that were deferred."""
    deliver(server, to=TO, attempts=1)
    deliver(server, to=TO[::-1], attempts=1)


bad_gives_up.fails = "delivered"
bad_begins_again.fails = "duplicates"
