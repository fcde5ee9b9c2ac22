"""The manuals and the code name the same things: nothing that exists is left
out, nothing that is written down is missing."""
import glob
import os
import re
import tempfile
import unittest

from smtpfault import run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
COMMAND = "docs/man/smtpfault.1"
SCENARIO = "docs/man/smtpfault-scenario.5"
JOURNAL = "docs/JOURNAL.md"


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


class Item:
    """One entry of a list: its line, the text below it, the lists in it."""

    def __init__(self, line):
        self.line = line
        self.text = ""
        self.items = []

    def named(self, macro):
        """What stands behind each occurrence of the macro."""
        return re.findall(rf"\b{macro} (\S+)", self.line)


def parse_items(path):
    """The items of each section of a manual, in order; those of nested lists
    belong to the item that they stand in."""
    sections = {}
    title = None
    stack = []
    for line in read(path).splitlines():
        macro, _, rest = line.partition(" ")
        if macro in (".Sh", ".Ss"):
            title = rest
            stack = []
        elif macro == ".Bl":
            stack.append(stack[-1].items[-1] if stack
                         else sections.setdefault(title, Item("")))
        elif macro == ".El":
            stack.pop()
        elif macro == ".It":
            stack[-1].items.append(Item(rest))
        elif stack and stack[-1].items:
            stack[-1].items[-1].text += line + "\n"
    return {title: item.items for title, item in sections.items()}


def names(items, macro):
    return [name for item in items for name in item.named(macro)]


def rows(path, pattern):
    return re.findall(pattern, read(path), re.MULTILINE)


def macro_rows(path, macro):
    """The arguments of each X() in a list that is a macro."""
    body = re.search(rf"#define {macro}\(X\)((?:.*\\\n)*.*\n)", read(path))
    return [[word.strip().strip('"') for word in row.split(",")]
            for row in re.findall(r"X\(([^)]*)\)", body.group(1))]


def enum_words(path, enum, prefix):
    """The values of an enumeration as the words of the language."""
    body = re.search(rf"enum {enum} \{{(.*?)\}};", read(path), re.DOTALL)
    return [word.lower().replace("_", "-")
            for word in re.findall(rf"\b{prefix}(\w+)", body.group(1))]


def quoted(pattern, path):
    """The quoted words in the first group of the pattern."""
    return re.findall(r'"([^"]+)"', re.search(pattern, read(path),
                                              re.DOTALL).group(1))


def literals(text):
    """The literal displays of a text, as a reader sees them."""
    return [display.replace("\\e", "\\") for display in
            re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed", text,
                       re.MULTILINE)]


def define(path, name):
    text = re.search(rf"#define {name}\s+(.+?)(?: /\*.*)?$", read(path),
                     re.MULTILINE).group(1)
    text = re.sub(r"UINT64_C\((\d+)\)", r"\1", text)
    assert re.fullmatch(r"[\d\s*()<u]+", text), f"{path}: {name} is {text}"
    return eval(text.replace("u", ""))  # a product or shift of numbers


class Manual(unittest.TestCase):
    def assert_same(self, documented, existing):
        self.assertEqual(len(documented), len(set(documented)), documented)
        self.assertEqual(sorted(documented), sorted(existing))


class CommandManual(Manual):
    def setUp(self):
        self.sections = parse_items(COMMAND)

    def test_every_option_is_there(self):
        items = self.sections["OPTIONS"]
        options = rows("src/app/options.def",
                       r"^X\(\w+, \"([^\"]+)\", ('.'|0), (\"[^\"]+\"|NULL)")
        self.assertGreater(len(options), 10)
        words = []
        for name, letter, _ in options:
            words += ["-" + name] + ([letter[1]] if letter != "0" else [])
        self.assert_same(names(items, "Fl"), words)

    def test_an_option_has_its_argument_and_letter_beside_it(self):
        items = {item.named("Fl")[-1]: item.line
                 for item in self.sections["OPTIONS"]}
        for name, letter, argument in rows(
                "src/app/options.def",
                r"^X\(\w+, \"([^\"]+)\", ('.'|0), (\"[^\"]+\"|NULL)"):
            with self.subTest(option=name):
                line = items["-" + name]
                self.assertEqual(" Ar " in line, argument != "NULL")
                self.assertEqual(line.startswith(f"Fl {letter[1:2]} , "),
                                 letter != "0")

    def test_every_command_is_there_with_its_operands_and_an_example(self):
        commands = rows("src/app/commands.def",
                        r'^X\(\w+, "(\w+)", "([^"]*)"')
        self.assertGreater(len(commands), 2)
        items = {item.named("Cm")[0]: item for item in
                 self.sections["COMMANDS"]}
        self.assert_same(list(items), [word for word, _ in commands])
        for word, operands in commands:
            with self.subTest(command=word):
                self.assertEqual(
                    re.findall(r"(?:--|\b)\w{3,}", re.sub(
                        r"(^Cm \w+|\b(Fl|Ar|Op|Oo|Oc) -?)", "",
                        items[word].line)),
                    re.findall(r"\w{3,}", operands))
                self.assertRegex(items[word].text,
                                 rf"(?m)^(\.Dl )?\$ smtpfault {word}\b")

    def test_a_command_names_the_options_that_go_with_it(self):
        where = dict(rows(
            "src/app/options.def",
            r"^X\(\w+, \"([^\"]+)\", [^,]+, [^,]+, ([A-Z_| ]+),"))
        for item in self.sections["COMMANDS"]:
            word = item.named("Cm")[0]
            macros = re.findall(r"\bFl ((?:-[\w-]+(?: , )?)+)", item.line +
                                "\n" + item.text)
            with self.subTest(command=word):
                self.assertEqual(
                    sorted(set(re.findall(r"(?<!\w)-([\w-]+)",
                                          " ".join(macros)))),
                    sorted(name for name, value in where.items()
                           if "IN_" + word.upper() in value))

    def test_an_option_of_commands_alone_names_them(self):
        items = {item.named("Fl")[-1]: item.text
                 for item in self.sections["OPTIONS"]}
        for name, where in rows(
                "src/app/options.def",
                r"^X\(\w+, \"([^\"]+)\", [^,]+, [^,]+, ([A-Z_| ]+),"):
            if "IN_SERVE" not in where and "IN_ANY" not in where:
                for word in re.findall(r"IN_(\w+)", where):
                    with self.subTest(option=name, command=word):
                        self.assertIn(f".Cm {word.lower()}",
                                      items["-" + name])

    def test_every_exit_status_is_there(self):
        self.assert_same(
            [item.line for item in self.sections["EXIT STATUS"]],
            rows("src/app/status.h", r"^    SF_STATUS_\w+ = (\d+),"))

    def test_every_signal_is_there(self):
        numbers = re.search(r"numbers\[\w+\] = \{([^}]*)\}",
                            read("src/app/signals.c")).group(1)
        documented = re.findall(r"SIG\w+", " ".join(
            item.line for item in self.sections["Signals"]))
        self.assert_same(documented, re.findall(r"SIG\w+", numbers))

    def test_every_variable_of_the_environment_is_there(self):
        used = {name for path in glob.glob(TOP + "/src/*/*.c")
                for name in re.findall(r'\bgetenv\("(\w+)"\)', read(path))}
        self.assert_same(names(self.sections["ENVIRONMENT"], "Ev"), used)

    def test_every_word_that_an_option_takes_is_there(self):
        items = {item.named("Fl")[-1]: item for item in
                 self.sections["OPTIONS"]}
        words = quoted(r"when_names\[\] = \{(.*?)\}",
                       "src/app/option_value.c")
        for option in ("-transcript", "-color"):
            with self.subTest(option=option):
                self.assertEqual(
                    sorted(set(re.findall(r"\.Cm (\w+)",
                                          items[option].text))),
                    sorted(words))
        self.assert_same(
            names(items["-report"].items, "Cm"),
            re.findall(r"X\((\w+)\)", re.search(
                r"define SF_REPORT_MAP\(X\)((?:.*\\\n)*.*)",
                read("src/verdict/report.h")).group(1)))
        self.assertEqual(
            re.findall(r"\.Cm (\w+)", items["-seed"].text),
            quoted(r"is_seed_random = strcmp\(value, (.*?)\)",
                   "src/app/option_value.c"))

    def test_every_limit_of_the_server_is_there(self):
        limits = [row[1] for row in macro_rows("src/scenario/scenario.h",
                                               "SF_SERVER_KEY_MAP")
                  if row[2] in ("SIZE", "NUMBER", "DURATION")]
        self.assert_same(names(self.sections["Limits"], "Ic"), limits)


class ScenarioManual(Manual):
    def setUp(self):
        self.sections = parse_items(SCENARIO)

    def test_every_event_is_there(self):
        events = rows("src/smtp/event.def",
                      r'^X\(\w+, "([^"]+)", \w+')
        self.assertGreater(len(events), 20)
        self.assert_same(names(self.sections["EVENTS"], "Sy"),
                         events + ["ANY"])

    def test_every_condition_is_there(self):
        existing = [row[1] for row in macro_rows("src/rule/rule.h",
                                                 "SF_CONDITION_MAP")]
        existing += rows("src/scenario/keys.def",
                         r'^NOW\(RULE, PER, \w+, "([^"]+)"')
        self.assert_same(names(self.sections["Conditions"], "Ic"), existing)

    def test_a_condition_says_what_its_value_is(self):
        kinds = {"LIST": "List: ", "NUMBER": "Selector: ",
                 "DURATION": "Selector of durations: ",
                 "SWITCH": "Switch: ", "SIZE": "Selector of sizes: ",
                 "RATE": "A selector of numbers,\n",
                 "CHANCE": "A percentage, "}
        moments = {"at": "Size: ", "after": "Duration: "}
        items = {item.named("Ic")[0]: item.text
                 for item in self.sections["Conditions"]}
        for _, key, kind, _ in macro_rows("src/rule/rule.h",
                                           "SF_CONDITION_MAP"):
            with self.subTest(condition=key):
                self.assertTrue(items[key].startswith(
                    moments.get(key, kinds[kind])))

    def test_every_item_of_per_is_there(self):
        self.assert_same(names(self.sections["Counters"], "Cm"),
                         [row[1] for row in macro_rows("src/rule/rule.h",
                                                       "SF_PER_MAP")])

    def test_every_action_is_there(self):
        self.assert_same(
            names(self.sections["Actions"], "Ic"),
            rows("src/scenario/keys.def",
                 r'^NOW\(RULE, (?:ACTION|DELIBERATE|FIRED), \w+, "([^"]+)"'))

    def test_every_word_that_an_action_takes_is_there(self):
        words = {item.named("Ic")[0]: names(item.items, "Cm")
                 for item in self.sections["Actions"]}
        rule = "src/rule/rule.h"
        self.assert_same(words["close"],
                         [row[1] for row in macro_rows(rule, "SF_CLOSE_MAP")])
        self.assert_same(words["delay"] + ["range", "text"],
                         enum_words(rule, "sf_delay_kind", "SF_DELAY_"))
        self.assert_same(words["pace"] + ["octets"],
                         enum_words(rule, "sf_pace_kind", "SF_PACE_"))
        self.assert_same(words["read"] + ["rate"],
                         enum_words(rule, "sf_read_kind", "SF_READ_"))
        self.assert_same(words["content"], quoted(
            r"parse_content.*?words\[\] = \{(.*?)\}",
            "src/scenario/action.c"))
        self.assert_same(words["handshake"], rows(
            "src/scenario/handshake.c", r'^    \{"([a-z-]+)",'))
        self.assert_same(words["reply"],
                         [row[0][len("REPLY_"):].lower()
                          for row in macro_rows(rule, "SF_ACTION_MAP")
                          if row[0].startswith("REPLY_")])

    def test_a_word_of_handshake_has_its_argument_beside_it(self):
        items = {item.named("Cm")[0]: item.line
                 for action in self.sections["Actions"]
                 if action.named("Ic") == ["handshake"]
                 for item in action.items}
        arguments = rows("src/scenario/handshake.c",
                         r'^    \{"([a-z-]+)",\s+TAKES_(\w+)')
        self.assertGreater(len(arguments), 10)
        wanted = {"MIN": " Ar version", "MAX": " Ar version",
                  "ALERT": " Ar name", "POINT": " Ar point", "NONE": ""}
        for word, argument in arguments:
            with self.subTest(word=word):
                self.assertEqual(items[word], f"Cm {word}{wanted[argument]}")

    def test_an_action_that_several_rules_share_says_whose_counts(self):
        text = read(SCENARIO).replace("\n", " ")
        shared = re.search(r"If several rules apply, (.*?) count in the first",
                           text).group(1)
        self.assert_same(
            re.findall(r"[a-z]{4,}", shared.replace(" and .Ic", "")),
            [word.lower() for word in rows(
                "src/session/action.c",
                r"SF_ACTION_(\w+)\] = \{.*is_first_only = true")])

    def test_what_takes_an_event_is_there(self):
        text = read(SCENARIO).replace("\n", " ")
        takers = re.search(r"A rule with (\.Ic .*?) \.Em takes",
                           text).group(1)
        kinds = {row[1] for row in macro_rows("src/rule/rule.h",
                                              "SF_ACTION_MAP")
                 if re.search("TAKES|ANSWERS", row[2])}
        self.assert_same(re.findall(r"\.Ic (\w+)", takers) +
                         re.findall(r"or \.Ic(?! \w)", takers), kinds)

    def test_the_examples_of_actions_can_be_loaded(self):
        """Each stands in a rule of its own."""
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "example.ini")
        homes = {"extensions": "EHLO", "content": None, "handshake": "TLS",
                 "challenge": "AUTH"}
        for item in self.sections["Actions"]:
            name = item.named("Ic")[0]
            for example in literals(item.text):
                home = homes.get(name, "RCPT")
                with self.subTest(action=name), \
                        open(path, "w", encoding="utf-8") as file:
                    if home:
                        file.write(f"[{home}]\ndeliberate = yes\n")
                    file.write(example)
                    file.flush()
                    done = run("check", "--strict", path)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_name_that_is_used_exists(self):
        known = {row[1] for row in macro_rows("src/rule/rule.h",
                                              "SF_NAME_MAP")}
        defined = set(re.findall(r"^(\w+) += ", read(SCENARIO),
                                 re.MULTILINE)) | {"name"}
        used = set(re.findall(r"\$\{([\w-]+)\}", read(SCENARIO)))
        self.assertEqual(sorted(used - known - defined), [])

    def test_a_name_of_the_message_says_so(self):
        cases = re.search(r"sf_template_scope\(.*?\n\}",
                          read("src/scenario/template.c"),
                          re.DOTALL).group()
        cases = re.search(r"SF_SCOPE_RECIPIENT;(.*?)SF_SCOPE_MESSAGE", cases,
                          re.DOTALL).group(1)
        wanted = ["${%s}" % word.lower().replace("_", "-")
                  for word in re.findall(r"case SF_NAME_(\w+)", cases)]
        self.assert_same(
            [item.named("Li")[0] for item in self.sections["DYNAMIC NAMES"]
             if "at MESSAGE only" in item.text.replace("\n", " ")], wanted)

    def test_every_dynamic_name_is_there(self):
        self.assert_same(
            names(self.sections["DYNAMIC NAMES"], "Li"),
            ["${%s}" % row[1] for row in macro_rows("src/rule/rule.h",
                                                    "SF_NAME_MAP")])

    def test_every_key_of_scenario_is_there(self):
        self.assert_same(names(self.sections["Section [scenario]"], "Ic"),
                         rows("src/scenario/keys.def",
                              r'^NOW\(SCENARIO, \w+, \w+, "([^"]+)"'))

    def test_every_key_of_server_is_there_with_its_default(self):
        keys = macro_rows("src/scenario/scenario.h", "SF_SERVER_KEY_MAP")
        items = {item.named("Ic")[0]: item.text
                 for item in self.sections["Section [server]"]}
        self.assert_same(list(items), [row[1] for row in keys])
        for _, key, _, default in keys:
            with self.subTest(key=key):
                wanted = rf"Default:\n\.Li {re.escape(default)} [.,]" \
                    if default else "Default: "
                self.assertRegex(items[key], wanted)

    def test_every_key_of_expect_is_there_with_what_its_value_is(self):
        keys = macro_rows("src/verdict/expect.h", "SF_EXPECT_MAP")
        items = self.sections["Section [expect]"]
        self.assert_same([name for item in items for name in
                          re.findall(r"[\w-]+", item.line.split(" Ns ")[0])
                          if name not in ("Ic",)], [row[1] for row in keys])
        kinds = {"NUMBER": "Selector", "DURATION": "Selector of durations",
                 "SIZE": "Selector of sizes", "LIST": "List"}
        for _, key, kind, _ in keys:
            text = next(item.text for item in items
                        if re.search(rf"\b{key}\b", item.line))
            with self.subTest(key=key):
                self.assertRegex(text.strip(),
                                 rf"^{kinds[kind]}[:,]" if kind in kinds
                                 else r"^(\.Cm|List of|How many|The SHA)")

    def test_every_key_of_listen_is_there_with_its_default(self):
        items = {item.named("Ic")[0]: item.text
                 for item in self.sections["Section [listen]"]}
        self.assert_same(list(items),
                         rows("src/scenario/keys.def",
                              r'^NOW\(LISTEN, \w+, \w+, "([^"]+)"'))
        url = re.search(r'#define URL_DEFAULT "(.+)"',
                        read("src/scenario/listen.c")).group(1)
        defaults = {"url": url,
                    "backlog": str(define("src/scenario/scenario.h",
                                          "SF_LISTENER_BACKLOG"))}
        for key, text in items.items():
            with self.subTest(key=key):
                self.assertIn(
                    f"Default:\n.Li {defaults.get(key, 'no')} .", text)

    def test_every_section_is_there(self):
        sections = set(re.findall(r'\[SF_SECTION_\w+\] = "(\w+)"',
                                  read("src/scenario/keys.c")))
        later = set(re.findall(r"\bkind == SF_SECTION_(\w+)",
                               re.search(r"check_section\(.*?\n\}",
                                         read("src/scenario/load.c"),
                                         re.DOTALL).group()))
        later = {word.lower() for word in later} & sections
        documented = re.findall(r"^\.Ss Section \[(\w+)\]$", read(SCENARIO),
                                re.MULTILINE)
        self.assert_same(documented, sections - later)

    def test_the_examples_have_nothing_suspicious(self):
        text = read(SCENARIO)
        text = text[text.index(".Sh EXAMPLES"):]
        text = text[:text.index("\n.Sh ")]
        examples = literals(text)
        self.assertGreaterEqual(len(examples), 6)
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(directory, "example.ini")
        for example in examples:
            with self.subTest(example=example):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(example)
                done = run("check", "--strict", path)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


class Numbers(Manual):
    def test_limits_are_those_of_the_code(self):
        for manual, path, name, text in (
                (SCENARIO, "src/scenario/server.c", "READ_BUFFER_BYTES",
                 "but {} in a scenario"),
                (SCENARIO, "src/scenario/source.h", "SF_SOURCE_LINE_MAX",
                 "a line {} octets"),
                (SCENARIO, "src/scenario/source.h", "SF_SOURCE_SECTION_MAX",
                 "the name of a section {}."),
                (SCENARIO, "src/scenario/tree.h", "SF_FILES_MAX",
                 "and {} files loaded"),
                (SCENARIO, "src/scenario/tree.c", "INCLUDE_DEPTH_MAX",
                 "{} may be nested"),
                (SCENARIO, "src/scenario/value.h", "SF_LET_COUNT_MAX",
                 "{} names at most"),
                (SCENARIO, "src/scenario/value.h", "SF_LET_DEPTH_MAX",
                 "nested {} deep"),
                (SCENARIO, "src/scenario/value.h", "SF_VALUE_NAMES_MAX",
                 "{} dynamic names"),
                (SCENARIO, "src/scenario/list.h", "SF_EXTENSION_LINES_MAX",
                 "a list has {} lines"),
                (SCENARIO, "src/scenario/listen.h", "SF_LISTENERS_MAX",
                 "are {} listeners at most"),
                (SCENARIO, "src/scenario/listen.c", "NAME_LEN_MAX",
                 "up to {} letters"),
                (SCENARIO, "src/scenario/listen.c", "BACKLOG_MAX",
                 "Number from 1 to {}: how many connections"),
                (SCENARIO, "src/scenario/compile.h", "SF_RULES_MAX",
                 "{} rules at most"),
                (SCENARIO, "src/scenario/expect.h", "SF_EXPECTATIONS_MAX",
                 "{} expectations at most"),
                (COMMAND, "src/verdict/history.h", "SF_HISTORY_ITEMS_MAX",
                 "{} attempts"),
                (COMMAND, "src/verdict/history.h", "SF_HISTORY_NAMES_MAX",
                 "{} addresses"),
                (COMMAND, "src/verdict/dialogue.h", "SF_DIALOGUE_LINES_MAX",
                 "the first {} lines"),
                (SCENARIO, "src/base/diag.h", "SF_DIAGS_MAX",
                 "the first {} are shown"),
                (SCENARIO, "src/rule/counter.h", "SF_COUNTER_KEYS_MAX",
                 "keep {} counters"),
                (SCENARIO, "src/rule/counter.h", "SF_COUNTER_KEYS_MAX",
                 "for {} states"),
                (SCENARIO, "src/scenario/odds.h", "SF_RATE_EVENTS_MAX",
                 "Numbers go up to {}."),
                (SCENARIO, "src/scenario/ruleset.h", "SF_RATE_TIMES_MAX",
                 "{} times are kept"),
                (SCENARIO, "src/rule/rule.h", "SF_POINTS_MAX",
                 "may have {} different times or places"),
                (SCENARIO, "src/scenario/flow.h", "SF_PACE_OFFSETS_MAX",
                 "There are {} places at most"),
                (SCENARIO, "src/scenario/flow.h", "SF_PACE_OFFSET_MAX",
                 "from 1 to {} each"),
                (SCENARIO, "src/scenario/value.h", "SF_VALUE_LOOPS_MAX",
                 "repeats {} long pieces"),
                (SCENARIO, "src/scenario/value.c", "WRITTEN_OUT_MAX",
                 "would have more than {} octets"),
                (SCENARIO, "src/session/output.h", "SF_OUTPUT_HIGH_BYTES",
                 "grows to {} octets"),
                (SCENARIO, "src/session/session.h", "SF_MECHANISM_MAX",
                 "which has {} octets at most"),
                (SCENARIO, "src/scenario/server.c", "HOSTNAME_MAX",
                 "up to {} octets without blanks"),
                (SCENARIO, "src/scenario/regex.h", "SF_REGEX_SIZE_MAX",
                 "up to {} octets in one expression"),
                (SCENARIO, "src/scenario/regex.h", "SF_REGEX_TOTAL_MAX",
                 "and {} in a scenario"),
                (SCENARIO, "include/smtpfault.h", "SF_TLS_CIPHERS_MAX",
                 "the preferred one first; {} at most."),
                (SCENARIO, "src/scenario/lint.c", "REPLY_LINE_MAX",
                 "a reply line over {} octets"),
                (JOURNAL, "src/session/expand.h", "SF_EXPAND_SAMPLE_BYTES",
                 "the first {} octets"),
                (COMMAND, "src/rule/counter.h", "SF_COUNTER_KEYS_MAX",
                 "{} values of .Ic per"),
                (COMMAND, "src/session/ledger.h", "SF_LEDGER_MAX",
                 "{} pairs of message and recipient")):
            with self.subTest(limit=name):
                self.assertIn(text.format(define(path, name)),
                              read(manual).replace("\n", " "))

    def test_sizes_are_those_of_the_code(self):
        kib, mib, gib = 2 ** 10, 2 ** 20, 2 ** 30
        for manual, path, name, unit, text in (
                (SCENARIO, "src/scenario/source.h", "SF_SOURCE_SIZE_MAX",
                 mib, "A file has {} MiB"),
                (SCENARIO, "src/scenario/value.h", "SF_VALUE_SIZE_MAX",
                 kib, "A value has {} KiB"),
                (SCENARIO, "src/scenario/value.h", "SF_VALUE_TOTAL_MAX",
                 mib, "all values together {} MiB"),
                (SCENARIO, "src/net/conn.h", "SF_CONN_READ_BYTES",
                 kib, "kept, {} KiB of it"),
                (SCENARIO, "src/session/output.h", "SF_OUTPUT_HIGH_BYTES",
                 kib, "while {} KiB wait, rules pause"),
                (SCENARIO, "src/scenario/flow.c", "SPLIT_INTERVAL_US",
                 1000, "the pieces are {}ms apart"),
                (SCENARIO, "src/net/intake.c", "DISCARD_BYTES",
                 mib, "the kernel has, {} MiB at most"),
                (SCENARIO, "src/net/ending.c", "LINGER_US",
                 10 ** 6, "for {} seconds at most, so that no RST"),
                (SCENARIO, "src/net/ending.c", "RESET_DELAY_US",
                 10 ** 6, "which it has {} second to do"),
                (JOURNAL, "src/session/exchange.c", "REPLY_LIMIT_BYTES",
                 mib, "of a reply over {} MiB"),
                (COMMAND, "src/session/transaction.h",
                 "SF_MESSAGE_LIMIT_BYTES", gib, "and {} GiB whatever"),
                (COMMAND, "src/session/transaction.h",
                 "SF_HEADER_LIMIT_BYTES", kib,
                 "{} KiB of the header section"),
                (COMMAND, "src/session/transaction.h",
                 "SF_BODY_LIMIT_BYTES", mib, "and {} MiB of what is behind"),
                (COMMAND, "src/net/conn.h", "SF_CONN_READ_BYTES",
                 kib, "{} KiB of a connection"),
                (COMMAND, "src/session/output.h", "SF_OUTPUT_HIGH_BYTES",
                 kib, "while {} KiB wait to be sent"),
                (COMMAND, "src/session/output.h", "SF_OUTPUT_LIMIT_BYTES",
                 mib, "A single line over {} MiB"),
                (COMMAND, "src/verdict/history.h",
                 "SF_HISTORY_NAME_BYTES_MAX", mib, "with {} MiB together"),
                (COMMAND, "src/app/passage.h", "SF_PASSAGE_KEPT_BYTES",
                 kib, "the first {} KiB of each are kept"),
                (COMMAND, "src/app/passage.h", "SF_PASSAGE_KEPT_BYTES",
                 kib, "{} KiB of each output"),
                (JOURNAL, "src/app/passage.h", "SF_PASSAGE_KEPT_BYTES",
                 kib, "the first {} KiB of what it"),
                (COMMAND, "src/app/ends.c", "GRACE_MS",
                 1000, "leaves open have {} seconds"),
                (COMMAND, "src/app/child.h", "SF_CHILD_KILL_MS",
                 1000, "of the group {} seconds after that"),
                (COMMAND, "src/app/options.h",
                 "SF_OPTIONS_UNDER_TEST_TIMEOUT_US", 60 * 10 ** 6,
                 ".Fl -timeout is {} minutes"),
                (COMMAND, "src/app/sink.h", "SF_JOURNAL_MAX_BYTES",
                 gib, "{} GiB. A run")):
            with self.subTest(limit=name):
                self.assertIn(text.format(define(path, name) // unit),
                              read(manual).replace("\n", " "))


class Journal(Manual):
    def test_every_type_is_there(self):
        self.assert_same(
            re.findall(r"^\*\*(\w+)\*\*:", read("docs/JOURNAL.md"),
                       re.MULTILINE),
            rows("src/journal/record.def", r'^X\(\w+, "([^"]+)"'))

    def test_every_action_that_is_a_fault_is_there(self):
        table = re.search(r"^\| action \| value \|\n.*?\n\n",
                          read("docs/JOURNAL.md"),
                          re.MULTILINE | re.DOTALL).group()
        reported = {row[1] for row in macro_rows("src/rule/rule.h",
                                                 "SF_ACTION_MAP")}
        self.assert_same(re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE),
                         reported)

    def test_every_key_is_there(self):
        text = read("docs/JOURNAL.md")
        code = read("src/journal/jsonl.c")
        keys = set(re.findall(r'\b(?:sf_json_)?put_\w+\(buf, "(\w+)"', code))
        keys |= set(re.findall(r'\\"(\w+)\\":', code))
        self.assertGreater(len(keys), 30)
        self.assertEqual(
            sorted(key for key in keys if f"`{key}`" not in text), [])
        rest = re.sub(r"^\| action \|.*?\n\n", "", text,
                      flags=re.MULTILINE | re.DOTALL)
        documented = {key for row in re.findall(r"^\| (`[^|]+) \|", rest,
                                                re.MULTILINE)
                      for key in re.findall(r"`(\w+)`", row)}
        self.assertEqual(sorted(documented - keys), [])


class Architecture(unittest.TestCase):
    """docs/ARCHITECTURE.md names files as `#include` does, below src/, or from
    the top of the tree."""

    def setUp(self):
        self.named = set(re.findall(
            r"`([\w./-]+/[\w.-]+\.(?:c|h|def|ini|py|awk|md|[15]))`",
            read("docs/ARCHITECTURE.md")))

    def test_every_file_that_is_named_exists(self):
        self.assertGreater(len(self.named), 50)
        self.assertEqual(
            sorted(path for path in self.named
                   if not os.path.exists(os.path.join(TOP, "src", path)) and
                   not os.path.exists(os.path.join(TOP, path))), [])

    def test_every_source_is_named(self):
        sources = {os.path.relpath(path, os.path.join(TOP, "src"))
                   for path in glob.glob(TOP + "/src/*/*.c")}
        self.assertGreater(len(sources), 40)
        self.assertEqual(sorted(sources - self.named), [])


if __name__ == "__main__":
    unittest.main()
