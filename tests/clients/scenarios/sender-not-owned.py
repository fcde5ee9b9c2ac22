from client import deliver


def good(server):
    """Reports it to the sender."""
    deliver(server)
    deliver(server, to="sender@client.test", sender="", message_id="report")


def bad_tries_again(server):
    deliver(server, retries_refused=True)


bad_tries_again.fails = "after-permanent"
