"""Hands Postfix one message for a server on 127.0.0.1, and is done when it has
been sent or bounced to all, or SECONDS later.  Status 0 whatever became of it.
usage: relay_postfix.py PORT SECONDS RECIPIENT...
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../support"))
from postfix import Postfix  # noqa: E402


def is_done(relay, recipient):
    return not {"sent", "bounced"}.isdisjoint(relay.outcomes(recipient))


def main(port, seconds, *recipients):
    with Postfix(port) as relay:
        relay.submit(*recipients)
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end and \
                not all(is_done(relay, recipient) for recipient in recipients):
            time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
