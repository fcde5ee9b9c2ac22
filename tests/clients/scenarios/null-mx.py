from client import Client, deliver

NOWHERE = "a@nullmx.test"
OPTIONS = ["--set", "recipient=*@nullmx.test"]


def good(server):
    deliver(server, to=[NOWHERE, "a@example.test"])


def bad_tries_again(server):
    deliver(server, to=[NOWHERE, "a@example.test"], retries_refused=True)


def bad_sends_to_nobody(server):
    """One recipient that is refused ends it for all."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt()
    client.rcpt(NOWHERE)
    client.quit()


bad_tries_again.fails = "after-permanent"
bad_sends_to_nobody.fails = "delivered"
