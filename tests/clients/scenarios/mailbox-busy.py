from client import deliver

OPTIONS = ["--speed", "600"]


def good(server):
    """The minute lasts a tenth of a second."""
    deliver(server, message_id="first")
    deliver(server, message_id="second", attempts=5, pause=0.15)


def bad_gives_up(server):
    deliver(server, message_id="first")
    deliver(server, message_id="second", attempts=1)


bad_gives_up.fails = "messages"
