from client import Client, deliver

OPTIONS = ["--speed", "60"]


def good(server):
    """Waits for half a minute, and tries again later."""
    deliver(server, attempts=2, timeout=0.5)


def bad_does_not_wait(server):
    deliver(server, attempts=2, timeout=0.05)


bad_does_not_wait.fails = "waited.starttls-no-answer"


def bad_goes_on_in_the_clear(server):
    client = Client(server, timeout=0.5)
    client.greet()
    client.ehlo()
    try:
        client.say("STARTTLS")
    except OSError:
        client.auth_plain()
    client.quit()


bad_goes_on_in_the_clear.fails = "plaintext-auth"
