from client import Client, deliver


def good(server):
    deliver(server, tls="required", user="joe")


def good_asks_first(server):
    """Begins TLS when it is told to."""
    client = Client(server)
    client.greet()
    client.ehlo()
    if client.mail().code == 530:
        client.quit()
    deliver(server, tls="required")


def bad_shows_the_password(server):
    deliver(server, tls="never", user="joe", clear=True)


bad_shows_the_password.fails = "plaintext-auth"
