"""Sends standard input with smtplib.  Status 1 and the server's words on
stderr where nothing was sent.
usage: send_smtplib.py PORT USER:PASSWORD|'' SENDER RECIPIENT...
"""
import smtplib
import sys


def send(port, login, sender, *recipients):
    with smtplib.SMTP("127.0.0.1", int(port), "client.test",
                      timeout=15) as client:
        if login:
            client.login(*login.split(":"))
        refused = client.sendmail(sender, recipients, sys.stdin.read())
    for recipient, reply in refused.items():
        print(recipient, reply, file=sys.stderr)


if __name__ == "__main__":
    try:
        send(*sys.argv[1:])
    except (smtplib.SMTPException, OSError) as error:
        sys.exit(repr(error))
