from client import Client, deliver


def good(server):
    deliver(server)


def bad_gives_up(server):
    """One message gets through, the next does not."""
    deliver(server)
    deliver(server, message_id="second", attempts=1)


def bad_sends_nothing_again(server):
    """The message has been read to its end, and is not read again."""
    deliver(server, attempts=1)
    for _ in range(2):
        client = Client(server)
        client.greet()
        client.ehlo()
        client.mail()
        client.rcpt()
        client.data(b"")
        client.quit()


bad_gives_up.fails = "attempts"
bad_sends_nothing_again.fails = "octets"
