from client import deliver

TO = ["a@example.test", "b@example.test"]


def good(server):
    deliver(server, to=TO)


def bad_tries_again(server):
    deliver(server, to=TO, retries_refused=True)


def bad_tries_each_alone(server):
    """As if one of the recipients were to blame."""
    for recipient in [TO] + TO:
        deliver(server, to=recipient)


bad_tries_again.fails = "after-permanent"
bad_tries_each_alone.fails = "after-permanent"
