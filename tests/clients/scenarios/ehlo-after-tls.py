from client import Client, deliver


def good(server):
    deliver(server, tls="required")


def bad_returns_the_message(server):
    """Goes on behind the handshake, and takes 503 for a refused recipient."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.starttls()
    client.mail()
    client.rcpt("returned@example.test")
    client.quit()
    deliver(server, tls="required", message_id="other")


bad_returns_the_message.fails = "refused"
