from client import Client, deliver


def good(server):
    deliver(server, tls="required", user="joe")


def good_between_servers(server):
    deliver(server)


def secured(server):
    """A connection behind the handshake, with EHLO said again."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.starttls()
    client.ehlo()
    return client


def bad_remembers_mechanisms(server):
    client = secured(server)
    client.say("AUTH CRAM-MD5")
    client.quit()


bad_remembers_mechanisms.fails = "violations"


def bad_remembers_parameters(server):
    client = secured(server)
    client.mail(parameters=" SMTPUTF8")
    client.quit()


bad_remembers_parameters.fails = "violations"
