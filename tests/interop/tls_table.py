#!/usr/bin/python3
"""Writes docs/TLS-CLIENTS.md anew: `make tls-clients`."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "../../docs/TLS-CLIENTS.md")

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(HERE, "../support"))

from tls_lab import (CERTIFICATES, HANDSHAKES, IMPLICIT, RIGHT, STARTTLS,
                     WAYS, Lab, faults, version)

INTRODUCTION = """\
# Who refuses what

What clients do with each `handshake` of smtpfault, tried by `make tls-clients`, which writes this page. Each sends one
message to `localhost`. "CA" says that it was given the file of `--ca-file` to trust; the others check nothing, as they
were told or as they are. In the column `right` the server has nothing wrong.

| | |
|---|---|
| delivers | the message was sent, inside TLS |
| refuses | no message, and the client says so by its exit status; Postfix keeps it and tries again |
| **in the clear** | the message was sent without TLS |
| **says sent** | no message, and the client says that there was one |
| hangs | nothing by the client's own timeout of 3 seconds (of 20 where the server does not hang) and 3 more |
| crashes | the client was ended by a signal |
"""

CONCLUSION = """\
## What it shows

- Whoever checks the chain also checks the host, with one exception: swaks looks at the chain only.
- A key of RSA with 1024 bits is refused by what uses Debian's OpenSSL with its own settings; msmtp (GnuTLS), Node.js
  and Postfix take it.
- smtplib checks nothing unless it is given a context; swaks nothing without `--tls-verify`.
- Where TLS is only wanted, not demanded, a server that does not offer it gets the message in the clear: curl with
  `--ssl`, nodemailer without a setting, Postfix at `may`. nodemailer gives up where STARTTLS is offered and refused.
- Postfix at `may` sends in the clear whatever goes wrong with the handshake, but only once the message has waited.
- swaks takes text behind the 220 of STARTTLS for the answer to its EHLO inside TLS, and shows its password if that
  asks for it. curl and msmtp break off; Net::SMTP, nodemailer, smtplib and Postfix throw the text away
  (`tests/interop/test_injection.py`).
- The timeouts of swaks, msmtp, s-nail and Net::SMTP (STARTTLS) do not cover the handshake.
"""

# Title of a table, its kind, its columns.
TABLES = (
    ("STARTTLS: certificates", STARTTLS, (RIGHT, *CERTIFICATES)),
    ("STARTTLS: handshakes", STARTTLS, HANDSHAKES),
    ("Implicit TLS: certificates", IMPLICIT, (RIGHT, *CERTIFICATES)),
    ("Implicit TLS: handshakes", IMPLICIT, HANDSHAKES),
)


def line(cells):
    return "| " + " | ".join(cells) + " |\n"


def head(columns):
    cells = ["client", "set up with", *(column.name for column in columns)]
    return line(cells) + "|" + "---|" * len(cells) + "\n"


def setting(way):
    return way.setting + (", CA" if way.verifies else "")


def columns_of(kind, columns):
    return [column for column in columns if column in faults(kind)]


def render(results):
    """The page; `results` goes by way and fault, what is not there is `?`."""
    parts = [INTRODUCTION]
    for title, kind, columns in TABLES:
        columns = columns_of(kind, columns)
        parts.append(f"\n## {title}\n\n" + head(columns) + "".join(
            line([f"{way.name} {version(way.name)}", setting(way),
                  *(results.get((way, column), "?") for column in columns)])
            for way in WAYS if way.kind == kind))
    return "".join(parts) + "\n" + CONCLUSION


def parse(page):
    """The cells of a page's tables, by title, client and setting: version and
    what became of it, by column."""
    found, title, columns = {}, "", []
    for text in page.splitlines():
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if text.startswith("## "):
            title = text[3:]
        elif cells[0] == "client":
            columns = cells[2:]
        elif columns and text.startswith("| "):
            name, number = cells[0].rsplit(" ", 1)
            found[title, name, cells[1]] = (number,
                                            dict(zip(columns, cells[2:])))
    return found


def main():
    missing = {way.missing() for way in WAYS if way.missing()}
    if missing:
        sys.exit("; ".join(missing) + ": run .ci/deps clients")
    with open(PAGE, "w", encoding="utf-8") as page:
        page.write(render(Lab(WAYS).run().results))


if __name__ == "__main__":
    main()
