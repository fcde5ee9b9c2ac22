from client import MESSAGE, Client, deliver


def good(server):
    deliver(server)


def bad_asks_for_reports(server):
    client = Client(server)
    client.greet()
    client.ehlo()
    client.mail()
    client.rcpt(parameters=" NOTIFY=FAILURE")
    client.quit()


bad_asks_for_reports.fails = "refused"


def bad_asks_all_the_same(server):
    """Tries it, and can do without."""
    client = Client(server)
    client.greet()
    client.ehlo()
    if not client.mail(parameters=" RET=HDRS").is_good:
        client.mail()
    client.rcpt()
    client.data(MESSAGE % b"without")
    client.quit()


bad_asks_all_the_same.fails = "violations"
