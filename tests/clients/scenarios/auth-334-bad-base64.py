from client import start


def good_cancels(server):
    client = start(server)
    client.auth("LOGIN")
    client.say("*")
    client.quit()


def good_leaves(server):
    client = start(server)
    client.auth("LOGIN")
    client.close()


def good_goes_another_way(server):
    client = start(server)
    client.auth("LOGIN")
    client.say("*")
    client.auth_plain()
    client.quit()


def bad_sends_name_and_password(server):
    client = start(server)
    client.auth_login()
    client.quit()


bad_sends_name_and_password.fails = "violations"
