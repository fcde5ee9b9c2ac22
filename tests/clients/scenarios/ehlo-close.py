from client import MESSAGE, Client, deliver


def good(server):
    deliver(server)


def bad_tries_helo(server):
    """Takes every refusal of EHLO for an old server."""
    client = Client(server)
    client.greet()
    if client.ehlo().is_good:
        return
    client = Client(server)
    client.greet()
    client.ehlo(verb="HELO")
    client.mail()
    client.rcpt()
    client.data(MESSAGE % b"helo")
    client.quit()


bad_tries_helo.fails = "delivered"
