from client import MESSAGE, Client, deliver


def begin(server):
    """A connection that is used, and one more, which is sent away."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt()
    another = Client(server)
    another.greet()
    another.close()
    client.data(MESSAGE % b"first")
    return client


def good_comes_back(server):
    begin(server).quit()
    deliver(server, message_id="second")


def good_uses_what_it_has(server):
    client = begin(server)
    client.mail()
    client.rcpt()
    client.data(MESSAGE % b"second")
    client.quit()


def bad_drops_the_second(server):
    begin(server).quit()


bad_drops_the_second.fails = "transactions"
