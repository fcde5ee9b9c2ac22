from client import deliver, start

OPTIONS = ["--speed", "60"]


def good(server):
    """A minute, as the scenario sees it."""
    deliver(server, user="joe", clear=True, timeout=1, attempts=1)


def bad_is_impatient(server):
    deliver(server, user="joe", clear=True, timeout=0.05, attempts=2)


def bad_goes_on_without(server):
    client = start(server)
    client.send(b"AUTH LOGIN\r\n")
    client.mail()
    client.quit()


bad_is_impatient.fails = "waited.auth-no-answer"
bad_goes_on_without.fails = "transactions"
