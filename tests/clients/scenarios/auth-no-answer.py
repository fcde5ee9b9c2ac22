from client import start

OPTIONS = ["--speed", "60"]


def wait(server, seconds):
    """Gives up and leaves after that time."""
    client = start(server)
    client.socket.settimeout(seconds)
    try:
        client.auth_plain()
    except TimeoutError:
        client.close()


def good(server):
    """Waits for half a minute, as the scenario sees it, and tries again."""
    wait(server, 0.5)
    wait(server, 0.5)


def bad_is_impatient(server):
    wait(server, 0.01)


def bad_goes_on_without(server):
    client = start(server)
    client.send(b"AUTH LOGIN\r\n")
    client.mail()
    client.quit()


bad_is_impatient.fails = "waited.auth-no-answer"
bad_goes_on_without.fails = "transactions"
