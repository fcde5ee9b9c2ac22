from client import MESSAGE, Client, deliver


def good(server):
    deliver(server, user="joe", clear=True)


def log_in_twice(server, logs_in_again):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.auth_plain()
    client.ehlo()
    reply = client.mail()
    if reply.code == 530 and logs_in_again:
        client.auth_plain()
        reply = client.mail()
    if reply.is_good:
        client.rcpt()
        client.data(MESSAGE % b"again")
    client.quit()


def good_logs_in_again(server):
    log_in_twice(server, True)


def bad_gives_up(server):
    """Takes the 530 for a wrong password."""
    log_in_twice(server, False)


bad_gives_up.fails = "delivered"
