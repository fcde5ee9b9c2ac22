from client import MESSAGE, Client, deliver


def good(server):
    deliver(server)


def good_says_ehlo_then(server):
    client = Client(server)
    client.greet()
    if not client.ehlo(verb="HELO").is_good:
        client.ehlo()
    client.mail()
    client.rcpt()
    client.data(MESSAGE % b"ehlo")
    client.quit()


def bad_knows_helo_only(server):
    client = Client(server)
    client.greet()
    client.ehlo(verb="HELO")
    client.quit()


bad_knows_helo_only.fails = "delivered"
