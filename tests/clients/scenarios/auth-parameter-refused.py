from client import finish, start


def logged_in(server):
    client = start(server)
    client.auth_plain()
    client.mail(parameters=" AUTH=<>")
    return client


def good_does_without(server):
    finish(logged_in(server))


def good_returns_the_message(server):
    logged_in(server).quit()


def bad_tries_again(server):
    for _ in range(3):
        logged_in(server).quit()


bad_tries_again.fails = "attempts"
