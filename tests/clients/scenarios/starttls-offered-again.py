from client import Client, deliver


def good(server):
    deliver(server, tls="required")


def bad_says_it_again(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.starttls()
    client.ehlo()
    client.say("STARTTLS")
    client.quit()


bad_says_it_again.fails = "violations"
