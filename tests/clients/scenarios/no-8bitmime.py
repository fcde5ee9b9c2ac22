from client import MESSAGE, Client, deliver


def good(server):
    deliver(server)


def bad_says_body(server):
    """Sends MAIL and RCPT together, as it may, and BODY, as it may not."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.send(b"MAIL FROM:<sender@client.test> BODY=8BITMIME\r\n"
                b"RCPT TO:<a@example.test>\r\n")
    client.reply()
    client.reply()
    client.quit()


bad_says_body.fails = "refused"


def bad_sends_eight_bits(server):
    deliver(server, text=MESSAGE % b"eight-bits" + b"\xc3\xa9\r\n")


bad_sends_eight_bits.fails = "violations"
