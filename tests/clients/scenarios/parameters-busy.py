from client import MESSAGE, Client


def attempt(server, parameters):
    """One session, in which the recipient is named with each parameter until
    one is accepted.  Returns the last reply."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    for parameter in parameters:
        reply = client.rcpt(parameters=parameter)
        if reply.is_good:
            reply = client.data(MESSAGE % b"notify")
            break
    client.quit()
    return reply


def good_tries_again(server):
    while not attempt(server, [" NOTIFY=FAILURE"]).is_good:
        pass


def good_does_without(server):
    attempt(server, [" NOTIFY=FAILURE", ""])


def bad_returns_the_message(server):
    attempt(server, [" NOTIFY=FAILURE"])


bad_returns_the_message.fails = "delivered"
