"""What the tests in real time share: another try, and a look at the wire."""
import functools

TRIES = 3


def try_again(test):
    """A busy machine may spoil a measurement: it is done up to TRIES times, and
    has to come out well once."""
    @functools.wraps(test)
    def run(self):
        for attempt in range(1, TRIES + 1):
            try:
                return test(self)
            except self.failureException as error:
                if attempt == TRIES:
                    raise
                print(f"again: {error}", flush=True)
    return run
