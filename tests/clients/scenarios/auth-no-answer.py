from client import deliver, start


def good(server):
    deliver(server, user="joe", clear=True, timeout=0.2, attempts=2)


def bad_goes_on_without(server):
    client = start(server)
    client.send(b"AUTH LOGIN\r\n")
    client.mail()
    client.quit()


bad_goes_on_without.fails = "transactions"
