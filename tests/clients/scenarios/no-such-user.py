from client import Client, deliver

GONE = "gone@example.test"
OPTIONS = ["--set", "recipient=" + GONE]


def good(server):
    deliver(server, to=[GONE, "a@example.test"])


def bad_tries_again(server):
    deliver(server, to=[GONE, "a@example.test"], retries_refused=True)


def bad_sends_to_nobody(server):
    """One recipient that is refused ends it for all."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt()
    client.rcpt(GONE)
    client.quit()


bad_tries_again.fails = "after-permanent"
bad_sends_to_nobody.fails = "delivered"
