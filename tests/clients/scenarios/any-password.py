from client import deliver, finish, start


def good(server):
    deliver(server, user="joe", clear=True)


def bad_without_login(server):
    deliver(server)


def bad_logs_in_twice(server):
    client = start(server)
    client.auth_plain()
    client.auth_plain()
    finish(client)


bad_without_login.fails = "auth-attempts"
bad_logs_in_twice.fails = "violations"
