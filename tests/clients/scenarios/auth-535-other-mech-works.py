from client import finish, start


def good_reports(server):
    client = start(server)
    client.auth_login()
    client.quit()


def good_tries_another(server):
    client = start(server)
    client.auth_login()
    client.auth_plain()
    finish(client)


def bad_goes_round(server):
    client = start(server)
    for _ in range(10):
        client.auth_login()
    client.quit()


def bad_does_not_stop_at_success(server):
    client = start(server)
    client.auth_login()
    client.auth_plain()
    client.auth_login()
    finish(client)


bad_goes_round.fails = "auth-attempts"
bad_does_not_stop_at_success.fails = "violations"
