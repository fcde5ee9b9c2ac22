from client import deliver, finish, start


def good_logs_in_first(server):
    deliver(server, user="joe", clear=True)


def good_logs_in_when_told(server):
    client = start(server)
    client.mail()
    client.auth_plain()
    finish(client)


def good_without_credentials(server):
    deliver(server)


def bad_tries_again(server):
    deliver(server, retries_refused=True)


bad_tries_again.fails = "attempts"
