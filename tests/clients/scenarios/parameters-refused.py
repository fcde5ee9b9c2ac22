from client import MESSAGE, Client


def start(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    return client


def good_does_without(server):
    client = start(server)
    for parameter in (" SIZE=100 BODY=7BIT", " SIZE=100", ""):
        if client.mail(parameters=parameter).is_good:
            client.rcpt()
            client.data(MESSAGE % b"without")
            break
    client.quit()


def good_returns_the_message(server):
    client = start(server)
    client.mail(parameters=" SIZE=100")
    client.quit()


def bad_tries_again(server):
    """Says the same as long as it gets the same answer."""
    client = start(server)
    for _ in range(10):
        if client.mail(parameters=" SIZE=100").is_good:
            break
    client.quit()


bad_tries_again.fails = "attempts"
