from client import Client, deliver


def good(server):
    deliver(server)


def bad_writes_utf8(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt("j\u00f6rg@example.test")
    client.quit()


bad_writes_utf8.fails = "refused"


def bad_says_smtputf8(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail(parameters=" SMTPUTF8")
    client.quit()


bad_says_smtputf8.fails = "violations"
