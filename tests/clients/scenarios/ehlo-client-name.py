from client import Client, deliver


def good(server):
    deliver(server)


def good_finds_a_loop(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.quit()


def bad_hangs_up(server):
    """Flees from itself."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.close()


bad_hangs_up.fails = "quit"
