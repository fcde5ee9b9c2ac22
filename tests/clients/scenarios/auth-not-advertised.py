from client import deliver, start


def good_sends_without(server):
    deliver(server)


def good_gives_up(server):
    start(server).quit()


def bad_tries_it(server):
    deliver(server, user="joe", clear=True)


bad_tries_it.fails = "auth-attempts"
