"""Sends standard input with smtplib.  Status 1 and the server's words on
stderr where nothing was sent.
usage: send_smtplib.py HOST PORT SECONDS TLS CA USER:PASSWORD SENDER \\
           RECIPIENT...
TLS is '', starttls or implicit.  CA is a file, whom to trust; where it is '',
TLS is what smtplib makes of it by itself.  A login of '' is none.
"""
import smtplib
import ssl
import sys


def connect(host, port, seconds, tls, ca):
    context = ssl.create_default_context(cafile=ca) if ca else None
    if tls == "implicit":
        return smtplib.SMTP_SSL(host, int(port), "client.test",
                                timeout=int(seconds), context=context)
    client = smtplib.SMTP(host, int(port), "client.test",
                          timeout=int(seconds))
    try:
        if tls:
            client.starttls(context=context)
    except (smtplib.SMTPException, OSError):
        client.close()
        raise
    return client


def send(host, port, seconds, tls, ca, login, sender, *recipients):
    with connect(host, port, seconds, tls, ca) as client:
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
