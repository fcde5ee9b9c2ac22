from client import Client, deliver


def good(server):
    deliver(server)


def bad_asks_first(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    if client.say("VRFY a@example.test").is_good:
        client.mail()
    client.quit()


bad_asks_first.fails = "delivered"
