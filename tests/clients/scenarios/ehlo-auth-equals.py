from client import MESSAGE, Client, deliver


def good(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    if "AUTH=PLAIN" in client.extensions:
        client.auth_plain()
    client.mail()
    client.rcpt()
    client.data(MESSAGE % b"logged-in")
    client.quit()


def good_ignores_the_old_form(server):
    """Gives up: there is no AUTH that it knows."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.quit()


def bad_sends_without_login(server):
    """`AUTH=PLAIN` is an unknown keyword: no AUTH, no login."""
    deliver(server)


bad_sends_without_login.fails = "refused"
