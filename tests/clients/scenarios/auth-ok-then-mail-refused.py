from client import deliver, finish, start


def good(server):
    deliver(server, user="joe", clear=True)


def bad_logs_in_again(server):
    client = start(server)
    client.auth_plain()
    client.mail()
    client.auth_plain()
    finish(client)


def bad_tries_again(server):
    deliver(server, user="joe", clear=True, retries_refused=True)


bad_logs_in_again.fails = "violations"
bad_tries_again.fails = "after-permanent"
