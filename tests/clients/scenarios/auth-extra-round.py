from client import encode, finish, start

PLAIN = "\0joe\0secret"


def good_at_once(server):
    client = start(server)
    client.auth("PLAIN " + encode(PLAIN), "")
    finish(client)


def good_when_asked(server):
    client = start(server)
    client.auth("PLAIN", PLAIN, "")
    finish(client)


def bad_cancels(server):
    client = start(server)
    client.auth("PLAIN " + encode(PLAIN))
    client.say("*")
    client.quit()


def bad_sends_without_login(server):
    client = start(server)
    client.auth("PLAIN " + encode(PLAIN))
    client.say("*")
    finish(client)


def bad_takes_it_for_success(server):
    """What it sends next is read as a response."""
    client = start(server)
    client.auth("PLAIN " + encode(PLAIN))
    finish(client)


bad_cancels.fails = "messages"
bad_sends_without_login.fails = "messages"
bad_takes_it_for_success.fails = "violations"
