from client import MESSAGE, Client, deliver


def good(server):
    deliver(server, user="joe", clear=True)


def say_ehlo_twice(server, goes_on):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.auth_plain()
    if client.ehlo().is_good or goes_on:
        client.mail()
        client.rcpt()
        client.data(MESSAGE % b"twice")
    client.quit()


def good_goes_on(server):
    say_ehlo_twice(server, True)


def bad_gives_up(server):
    say_ehlo_twice(server, False)


bad_gives_up.fails = "delivered"
