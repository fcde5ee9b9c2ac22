from client import deliver


def good(server):
    deliver(server)


def bad_comes_back(server):
    deliver(server, retries_refused=True)


bad_comes_back.fails = "sessions"
