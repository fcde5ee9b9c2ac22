from client import encode, finish, start


def good(server):
    client = start(server)
    client.auth_login()
    finish(client)


def good_with_the_name_at_once(server):
    client = start(server)
    client.auth("LOGIN " + encode("joe"), "secret")
    finish(client)


def bad_reads_the_prompts(server):
    client = start(server)
    if client.auth("LOGIN").lines != ["334 " + encode("Username:")]:
        client.say("*")
    client.quit()


bad_reads_the_prompts.fails = "messages"
