from client import Client, deliver


def good(server):
    deliver(server)


def bad_calls_itself_localhost(server):
    client = Client(server)
    client.greet()
    client.ehlo("localhost")
    client.mail()
    client.rcpt()
    client.quit()


bad_calls_itself_localhost.fails = "delivered"
