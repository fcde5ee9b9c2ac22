from client import deliver


def good(server):
    deliver(server)


def bad_gives_up(server):
    deliver(server, attempts=1)


bad_gives_up.fails = "attempts"
