from client import Client, deliver


def good(server):
    """Two messages: the second one meets a host without TLS first."""
    for name in ("first", "second"):
        deliver(server, tls="required", message_id=name)


def good_opportunistic(server):
    for name in ("first", "second"):
        deliver(server, message_id=name)


def bad_remembers(server):
    """Logs in where the last session had TLS, without it if need be."""
    for _ in range(2):
        client = Client(server)
        client.greet()
        client.ehlo()
        if "STARTTLS" in client.extensions:
            client.starttls()
            client.ehlo()
        client.auth_plain()
        client.quit()


bad_remembers.fails = "plaintext-auth"


def bad_takes_tls_for_granted(server):
    """Says STARTTLS without having been offered it."""
    for _ in range(2):
        client = Client(server)
        client.greet()
        client.ehlo()
        if client.starttls().code == 220:
            client.ehlo()
        client.quit()


bad_takes_tls_for_granted.fails = "violations"
