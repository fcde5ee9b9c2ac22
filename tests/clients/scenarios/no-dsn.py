from client import Client, deliver


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
