from client import deliver

OPTIONS = ["--speed", "120"]


def good(server):
    """The minute lasts half a second."""
    deliver(server, message_id="first")
    deliver(server, message_id="second", attempts=5, pause=0.6)


def bad_gives_up(server):
    deliver(server, message_id="first")
    deliver(server, message_id="second", attempts=1)


bad_gives_up.fails = "messages"
