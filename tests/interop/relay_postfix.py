"""Hands Postfix one message for a server on 127.0.0.1, and is done when it has
been sent or bounced, or SECONDS later.  Status 0 whatever became of it.
usage: relay_postfix.py PORT SECONDS
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../support"))
from postfix import Postfix  # noqa: E402


def main(port, seconds):
    with Postfix(port) as relay:
        relay.submit()
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end and \
                not {"sent", "bounced"} & set(relay.outcomes()):
            time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
