from client import deliver


def good(server):
    deliver(server)


def bad_tries_again(server):
    """Takes a refusal of DATA for one of this attempt only."""
    deliver(server, retries_refused=True)


bad_tries_again.fails = "after-permanent"
