from client import MESSAGE, Client, deliver

TEXT = MESSAGE % b"large" + b"Text.\r\n" * 2000


def good(server):
    """Learns it when the message is there."""
    deliver(server, text=TEXT)


def good_declares_the_size(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail(parameters=f" SIZE={len(TEXT)}")
    client.quit()


def bad_tries_again(server):
    deliver(server, text=TEXT, retries_refused=True)


bad_tries_again.fails = "after-permanent"
