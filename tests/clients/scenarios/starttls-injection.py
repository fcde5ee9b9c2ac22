from client import Client, deliver


def good(server):
    deliver(server, tls="required")


def good_leaves(server):
    """Trusts nobody who says more than 220."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.say("STARTTLS")
    client.close()


def bad_believes(server):
    """Takes what stands behind the 220 for the answer to its next EHLO."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.say("STARTTLS")
    offered = client.reply()
    client._wrap(True)
    client.send(b"EHLO client.test\r\n")
    if any("AUTH" in line for line in offered.lines):
        client.auth_plain()
    client.close()


bad_believes.fails = "auth-attempts"
