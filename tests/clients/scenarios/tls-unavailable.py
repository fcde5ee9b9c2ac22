import ssl

from client import Client, deliver


def good(server):
    """Wants TLS, and tries again later."""
    deliver(server, tls="required", user="joe")


def good_opportunistic(server):
    deliver(server)


def bad_logs_in_without_tls(server):
    deliver(server, user="joe", clear=True)


bad_logs_in_without_tls.fails = "plaintext-auth"


def bad_shakes_hands(server):
    """Does not look at the reply to STARTTLS."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.say("STARTTLS")
    try:
        client.shake_hands()
    except (ssl.SSLError, ConnectionError):
        client.close()


bad_shakes_hands.fails = "violations"
