from client import deliver


def good(server):
    deliver(server)


def bad_tries_again(server):
    deliver(server, retries_refused=True)


bad_tries_again.fails = "after-permanent"
