from client import deliver

OPTIONS = ["--speed", "600"]


def good(server):
    """The window lasts half a second, the pause is three minutes."""
    deliver(server, attempts=5, pause=0.3)


def bad_gives_up(server):
    deliver(server, attempts=1)


def bad_hammers(server):
    deliver(server, attempts=300, pause=0.005)


bad_gives_up.fails = "attempts"
bad_hammers.fails = "gap"
