from client import Client, deliver

OPTIONS = ["--speed", "600"]


def good(server):
    deliver(server, attempts=5, pause=0.3)


def bad_gives_up(server):
    deliver(server, attempts=1)


def bad_comes_back_for_nothing(server):
    """Connects again, as a check of the connection does, and sends nothing."""
    for _ in range(2):
        client = Client(server)
        client.greet()
        client.quit()


bad_gives_up.fails = "sessions"
bad_comes_back_for_nothing.fails = "delivered"
