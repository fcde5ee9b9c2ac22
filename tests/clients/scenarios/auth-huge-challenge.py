from client import start


def good_goes_on(server):
    client = start(server)
    client.auth_login()
    client.quit()


def good_cancels(server):
    client = start(server)
    client.auth("LOGIN")
    client.say("*")
    client.quit()


def bad_cuts_the_line(server):
    """Has a buffer of 1024 octets.  What follows is no reply that it knows, so
    it begins anew, in the middle of the exchange."""
    client = start(server)
    client.send(b"AUTH LOGIN\r\n")
    client.socket.recv(1024)
    client.send(b"EHLO client.test\r\n")
    client.reply()
    client.reply()
    client.quit()


bad_cuts_the_line.fails = "violations"
