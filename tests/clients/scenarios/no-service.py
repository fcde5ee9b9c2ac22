from client import Client, deliver


def good(server):
    deliver(server)


def bad_comes_back(server):
    deliver(server, retries_refused=True)


def bad_goes_on(server):
    """Does not look at the greeting."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.quit()


bad_comes_back.fails = "sessions"
bad_goes_on.fails = "transactions"
