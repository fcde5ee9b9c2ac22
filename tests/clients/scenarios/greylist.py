from client import deliver

OPTIONS = ["--speed", "600"]


def good(server):
    """The window lasts half a second, the pause is three minutes."""
    deliver(server, attempts=5, pause=0.3)


def bad_gives_up(server):
    deliver(server, attempts=1)


def bad_hammers(server):
    deliver(server, attempts=300, pause=0.005)


def bad_changes_its_name(server):
    """A new sender each time, as some do that look for bounces."""
    for number in range(3):
        deliver(server, sender=f"bounce-{number}@client.test", attempts=1)


bad_changes_its_name.fails = "delivered"
bad_gives_up.fails = "attempts"
bad_hammers.fails = "gap"
