from client import MESSAGE, Client, deliver

OPTIONS = ["--set", "recipient=odd@*"]
BOTH = ("odd@example.test", "b@example.test")


def good(server):
    deliver(server, to=BOTH)


def bad_tries_again(server):
    deliver(server, to=BOTH, retries_refused=True)


bad_tries_again.fails = "after-permanent"


def bad_forgets_the_others(server):
    """Leaves when the first recipient is refused, although one was taken."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    replies = [client.rcpt(recipient) for recipient in BOTH]
    if all(reply.is_good for reply in replies):
        client.data(MESSAGE % b"both")
    client.quit()


bad_forgets_the_others.fails = "delivered"
