"""Every message that the scenario loader can give is shown by a broken file:
by one in tests/scenario/bad, or by one that is made here because it is too
large, or too odd, to be kept."""
import glob
import os
import re
import tempfile
import unittest

from smtpfault import run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# What a call of the loader reports with, and which argument is the text.
REPORTERS = {"sf_loader_error": 3, "sf_loader_warn": 3, "fail": 2}
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')

RULE = "[RCPT]\nreply = 550 5.1.1 No\n"

# Files that `check` is given, by what is wrong with them.
MADE = {
    "a file over 1M": b"; " + b"x" * 100 + b"\n" + b"; y\n" * 300000,
    "too many rules": b"[NOOP]\nreply = 250 Ok\n" * 10001,
    "too many users": b"[users]\n" + b"".join(
        b"u%d = x\n" % i for i in range(1001)) + RULE.encode(),
    "too many expectations": b"[expect]\nsessions = 1\n" * 1001 +
                             RULE.encode(),
    "too many names": b"[let]\n" + b"".join(
        b"n%d = 1\n" % i for i in range(1001)) + RULE.encode(),
    "too many dynamic names": b"[let]\nmany = " + b"${size}" * 20 +
                              b"\n[MAIL]\nreply = 250 " + b"${many}" * 4 +
                              b"\n",
    "too many extensions": b"[EHLO]\n" + b"extensions = +X\n" * 101,
    "a continuation over 64K": b'[RCPT]\nreply = "550 " "A" * 1K "B" * 1K\n' +
                               b"        " + b"C" * 180 + b"\n" * 1 +
                               (b"        " + b"C" * 180 + b"\n") * 400,
    "values over 16M": b'[RCPT]\n' + b'reply = "550-" "A" * 1K\n' * 16500,
    "too many regular expressions": b"[RCPT]\nrecipient = /x{250}/\n"
                                    b"reply = 550 5.1.1 No\n" * 81,
    "a long regular expression": b"[let]\n" + b"".join(
        b"p%d = %s\n" % (i, b"x" * 180) for i in range(12)) +
        b"[RCPT]\nrecipient = /" + b"".join(
            b"${p%d}" % i for i in range(12)) + b"/\nreply = 550 No\n",
    # Whatever TLS library it is, it lacks one of the two.
    "versions of TLS": b"[server]\nmin-version = 1.0\nmax-version = 1.3\n",
    "too many cipher suites": b"[server]\n" + b"ciphers = %s\n" % (
        b"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256") * 33,
    "a certificate that is a directory": b"[server]\ncertificate = ./\n",
}


def split_arguments(source, start):
    """The arguments of the call whose bracket stands at `start`."""
    arguments, depth, at, is_quoted = [""], 0, start, False
    while True:
        char = source[at]
        if is_quoted:
            arguments[-1] += char
            if char == "\\":
                at += 1
                arguments[-1] += source[at]
            is_quoted = char != '"'
        elif char == "," and depth == 1:
            arguments.append("")
        else:
            is_quoted = char == '"'
            depth += {"(": 1, ")": -1}.get(char, 0)
            if depth == 0:
                return arguments
            arguments[-1] += char
        at += 1


def texts_of(argument):
    """The texts that an argument may be: two, where it is a choice."""
    parts = re.split(r"[?:](?=\s*\")", argument)
    texts = ["".join(STRING.findall(part)) for part in parts]
    return [text.encode().decode("unicode_escape") for text in texts if text]


def find_messages():
    calls = re.compile(r"(?<!\w)(%s)\(" % "|".join(REPORTERS))
    for path in sorted(glob.glob(os.path.join(TOP, "src/scenario/*.c"))):
        with open(path, encoding="utf-8") as file:
            source = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
        for call in calls.finditer(source):
            arguments = split_arguments(source, call.end() - 1)
            index = REPORTERS[call.group(1)]
            if len(arguments) > index:
                for text in texts_of(arguments[index]):
                    if text != "%s":
                        yield os.path.basename(path), text


def as_pattern(text):
    """The text of a printf() format as a regular expression."""
    pieces = re.split(r"(%%|%(?:\.\*|0?\d*)(?:l|ll|z)?[csduzx])", text)
    return "".join("%" if piece == "%%" else ".*" if piece.startswith("%") and
                   len(piece) > 1 else re.escape(piece) for piece in pieces)


class Diagnostics(unittest.TestCase):
    maxDiff = None

    def check(self, directory, name, content):
        path = os.path.join(directory, name)
        with open(path, "wb") as file:
            file.write(content)
        return run("check", path).stderr

    def shown(self):
        """Everything that the broken files make the loader say."""
        text = ""
        pattern = os.path.join(TOP, "tests/scenario/bad/*.expected")
        for path in glob.glob(pattern):
            with open(path, encoding="utf-8", errors="replace") as file:
                text += file.read()
        with tempfile.TemporaryDirectory() as directory:
            for number, content in enumerate(MADE.values()):
                text += self.check(directory, f"{number}.ini", content)
            for number in range(70):
                self.check(directory, f"part{number}.ini",
                           RULE.encode() + b"[scenario]\ninclude = part%d.ini\n"
                           % (number + 1))
            text += run("check", os.path.join(directory, "part0.ini")).stderr
            rule = os.path.join(directory, "rule.ini")
            self.check(directory, "rule.ini", RULE.encode())
            text += run("check", "--set", "n=1", rule).stderr
            text += run("check", os.path.join(directory, "none.ini")).stderr
            text += run("check", directory + "/").stderr
            text += self.check(directory, "directory.ini",
                               b"[scenario]\ninclude = ./\n" + RULE.encode())
            listen = os.path.join(directory, "listen.ini")
            self.check(directory, "listen.ini", b"[listen a]\nrefuse = yes\n")
            self.check(directory, "same.ini", b"[listen a]\nstall = yes\n")
            text += run("--scenario", listen, "--scenario",
                        os.path.join(directory, "same.ini")).stderr
        return text

    def test_every_message_of_the_loader_is_shown_by_a_broken_file(self):
        messages = list(find_messages())
        self.assertGreater(len(messages), 150)
        lines = self.shown().splitlines()
        missing = [f"{path}: {text}" for path, text in messages
                   if not any(re.search(as_pattern(text), line)
                              for line in lines)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
