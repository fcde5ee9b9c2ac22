from client import Client, deliver


def good(server):
    deliver(server, user="joe")


def good_knows_no_such_mechanism(server):
    """`plain` is not PLAIN to it: it gives up inside TLS."""
    client = Client(server)
    client.greet()
    client.ehlo()
    client.starttls()
    client.ehlo()
    client.quit()


def bad_looks_for_capitals(server):
    deliver(server, tls="never")


bad_looks_for_capitals.fails = "starttls"


def bad_logs_in_without_tls(server):
    deliver(server, tls="never", user="joe", clear=True)


bad_logs_in_without_tls.fails = "plaintext-auth"
