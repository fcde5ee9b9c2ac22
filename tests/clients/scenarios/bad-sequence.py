from client import MESSAGE, Client, deliver


def good(server):
    deliver(server)


def bad_tries_again(server):
    """Takes a refusal of DATA for one of this attempt only."""
    deliver(server, retries_refused=True)


bad_tries_again.fails = "after-permanent"


def bad_sends_the_message(server):
    """Does not look at the reply to DATA."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt()
    client.say("DATA")
    client.body(MESSAGE % b"unasked")
    client.close()


bad_sends_the_message.fails = "violations"
