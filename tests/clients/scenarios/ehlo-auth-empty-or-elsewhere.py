from client import Client, deliver


def good(server):
    """Says that there is no mechanism, and leaves."""
    client = Client(server)
    client.greet()
    client.ehlo()
    if client.extensions["AUTH"]:
        client.auth_plain()
    client.quit()


def good_without_credentials(server):
    deliver(server)


def bad_guesses(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.auth_login()
    client.quit()


bad_guesses.fails = "auth-attempts"
