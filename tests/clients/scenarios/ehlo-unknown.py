from client import Client, deliver


def good(server):
    deliver(server)


def good_needs_tls(server):
    deliver(server, tls="required")


def hello(server):
    client = Client(server)
    client.greet()
    if not client.ehlo().is_good:
        client.ehlo(verb="HELO")
    return client


def bad_uses_extensions(server):
    """Sends MAIL and RCPT together, with a parameter."""
    client = hello(server)
    client.send(b"MAIL FROM:<sender@client.test> SIZE=100\r\n"
                b"RCPT TO:<a@example.test>\r\n")
    client.reply()
    client.reply()
    client.quit()


bad_uses_extensions.fails = "refused"


def bad_shows_password(server):
    client = hello(server)
    client.auth_plain()
    client.quit()


bad_shows_password.fails = "plaintext-auth"
