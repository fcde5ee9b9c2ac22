#!/usr/bin/python3
"""Writes docs/CLIENTS.md anew: `make clients-table`."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "../../docs/CLIENTS.md")

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(HERE, "../support"))

from judge_lab import SUBJECTS, UNREACHED, run, trials

INTRODUCTION = """\
# Real clients judged

What real clients do with the bundled scenarios, judged by each scenario's `[expect]`. `make clients-table` runs them and
writes this page; `.ci/deps table` installs them. Each client sends one message, with a timeout of its own of 3 seconds
where it has one.

A client **sends once**, and leaves it to its caller to come back, or it **queues**. Expectations such as `attempts = 2..` are for
who queues, or for the program around a client that sends once; here there is none. The exit status is not judged as such,
but a client that ends with 0 and has delivered nothing says so in its cell.

| | |
|---|---|
| ok | every expectation was met |
| once | it sent once where one has to come back, which a client of this kind leaves to its caller; the rest was right |
| a key | that expectation failed; what follows from sending once is left out |
| SEQ-17 | that [rule for clients](CLIENT-RULES.md) was broken, and the scenario expects `violations = none` |
| - | the fault was not reached: nothing was proved |
| **hangs** | the run was over before the client was, after 5 seconds |
| **says sent** | it ended with status 0, and no message was accepted |

For scenarios about TLS or AUTH clients are set up with STARTTLS, the CA to trust, and, for AUTH, a login;
swaks, msmtp and s-nail are told to use PLAIN, the others choose a mechanism themselves.
"""

OTHERS = """\
As they are set up here, with one message, none of them reaches the fault of these:

"""

# Whose wrong behaviour is shown with its report: client and scenario.
EVIDENCE = {
    ("nodemailer", "ehlo-client-name"):
        "Without a pool of connections it closes instead of saying QUIT.",
    ("esmtp", "hello-unqualified"):
        "It names itself by the bare name of the machine.",
    ("net/smtp (Go)", "hello-unqualified"):
        "`SendMail` says `EHLO localhost`, and cannot be told another name.",
    ("s-nail", "ehlo-auth-empty-or-elsewhere"):
        "It logs in where no mechanism is offered.",
    ("nodemailer", "ehlo-auth-empty-or-elsewhere"):
        "It guesses LOGIN where no mechanism is offered.",
    ("curl", "ehlo-auth-equals"):
        "It does not read `AUTH=`, the old way to offer mechanisms, and goes on without a login.",
    ("swaks", "ehlo-lower-case"):
        "It reads only capitals, so that STARTTLS in lower case is none.",
    ("curl", "ehlo-lower-case"):
        "So does curl.",
    ("s-nail", "null-mx"):
        "Once a recipient was refused it leaves without QUIT, and so do all that have SEQ-17 in the table.",
    ("swaks", "starttls-injection"):
        "It takes text injected in front of the handshake for the answer to its EHLO, and sends its password.",
    ("s-nail", "auth-not-advertised"):
        "It logs in where AUTH is not offered at all.",
    ("curl", "auth-334-bad-base64"):
        "It does not look at the challenge, and answers it with the password.",
    ("smtplib", "auth-extra-round"):
        "A second, empty challenge is too much for its PLAIN.",
    ("msmtp", "auth-no-answer"):
        "Its timeout does not cover the wait for a reply inside TLS.",
    ("Postfix", "no-mail-host"):
        "By default it takes a 5yz greeting for a reason to try again (`smtp_skip_5xx_greeting`).",
}
LINES = 24  # of a report


def line(cells):
    return "| " + " | ".join(cells) + " |\n"


def cells(subjects, trial, results):
    return [results[subject, trial].cell if (subject, trial) in results
            else "?" for subject in subjects]


def table(subjects, chosen, results):
    """The rows of the scenarios whose fault somebody reached, and the names of
    the others."""
    rows = {trial.name: cells(subjects, trial, results) for trial in chosen}
    others = [name for name, row in rows.items() if set(row) == {UNREACHED}]
    head = line(["scenario", *(subject.name for subject in subjects)])
    text = head + "|" + "---|" * (len(subjects) + 1) + "\n" + "".join(
        line([name, *row]) for name, row in rows.items()
        if name not in others)
    if others:
        text += "\n" + OTHERS + "".join(f"- {name}\n" for name in others)
    return text


def clients():
    return line(["client", "version", "kind"]) + "|---|---|---|\n" + "".join(
        line([subject.name, subject.number(),
              "queues" if subject.queues else "sends once"])
        for subject in SUBJECTS)


def evidence(results):
    """What the reports say of what was not met."""
    parts = []
    for (subject, trial), result in results.items():
        if (subject.name, trial.name) not in EVIDENCE:
            continue
        bad = [text for text in result.report.splitlines()
               if not text.startswith("ok ")]
        parts.append(f"\n### {subject.name}, {trial.name}\n\n"
                     f"{EVIDENCE[subject.name, trial.name]}\n\n```\n" +
                     "".join(text + "\n" for text in bad[:LINES]) + "```\n")
    return "".join(parts)


def render(results):
    chosen = trials()
    clear = [trial for trial in chosen if not trial.protected()]
    protected = [trial for trial in chosen if trial.protected()]
    return (INTRODUCTION + "\n## Clients\n\n" + clients() +
            "\n## In the clear\n\n" + table(SUBJECTS, clear, results) +
            "\n## TLS and AUTH\n\n" +
            table([subject for subject in SUBJECTS if subject.protects],
                  protected, results) +
            "\n## Evidence\n" + evidence(results))


def names(page):
    """The scenarios of a page, in a row or among those that nobody reached."""
    return sorted(match for match in re.findall(
        r"^(?:\| |- )([a-z0-9-]+)(?: \||$)", page.split("\n## In the clear")[1]
        .split("\n## Evidence")[0], re.MULTILINE) if match != "scenario")


def prose(page):
    """What does not depend on a run: text and heads of tables."""
    kept = re.sub(r"^```\n.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    kept = kept.split("\n## Evidence")[0].replace(OTHERS, "")
    return [text for text in kept.splitlines()
            if text and not text.startswith("- ") and
            (not text.startswith("| ") or text.startswith("| scenario"))]


def main():
    missing = {subject.missing() for subject in SUBJECTS if subject.missing()}
    if missing:
        sys.exit("; ".join(missing) + ": run .ci/deps table")
    results = run(SUBJECTS, trials())
    with open(PAGE, "w", encoding="utf-8") as page:
        page.write(render(results))


if __name__ == "__main__":
    main()
