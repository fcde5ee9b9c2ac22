from client import Client, deliver


def good(server):
    deliver(server)


def bad_knows_one_size_only(server):
    """Cannot read two limits, and takes its own message for too large."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.quit()


bad_knows_one_size_only.fails = "delivered"
