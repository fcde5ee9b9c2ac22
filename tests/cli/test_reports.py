"""Reports are what their forms want, as tools of each form read them.

The reports are those of tests/data/report: a unit test has the program write
the same octets."""
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from smtpfault import BIN, PATIENCE, run

try:
    import jsonschema
except ImportError:
    jsonschema = None
try:
    import junitparser
except ImportError:
    junitparser = None

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
DATA = os.path.join(TOP, "tests/data/report")
SCHEMA = "docs/report.schema.json"
XSD = os.path.join(TOP, "docs/report-junit.xsd")
NAMES = sorted(os.path.basename(path).partition(".")[0]
               for path in glob.glob(DATA + "/*.json"))

# What Perl's parser makes of TAP: a line of JSON for each result.
READ_TAP = r"""
    # Octets in, octets out: UTF-8 stays what it is.
    my $parser = TAP::Parser->new({source => $ARGV[0]});
    while (my $result = $parser->next) {
        my %row = (type => $result->type);
        @row{qw(ok directive)} = ($result->is_ok ? 1 : 0, $result->directive)
            if $result->is_test;
        $row{data} = $result->data if $result->is_yaml;
        print JSON::PP->new->canonical->encode(\%row), "\n";
    }
    print JSON::PP->new->encode({type => "errors",
                                 data => [$parser->parse_errors]}), "\n";
"""


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8", newline="") as file:
        return file.read()


def report(name, form):
    return read(f"tests/data/report/{name}.{form}")


def judge(*arguments, stdout=subprocess.PIPE):
    """A run in which nobody came, judged by what is expected of one session."""
    return subprocess.run(
        [BIN, "judge", "-", "--expect", "sessions=1", *arguments],
        input='{"t":0,"type":"run","schema":1,"seed":1,"speed":1}\n',
        stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
        check=False)


def path_of(name, form):
    return os.path.join(DATA, f"{name}.{form}")


def outcome(name):
    return json.loads(report(name, "json"))


def tool(name):
    return unittest.skipUnless(shutil.which(name), f"{name} is not installed")


def missed(data):
    return [item for item in data["expectations"] if not item["ok"]]


def has_other(data):
    """Whether something must stand for the run itself."""
    return data["exit_status"] != 0 and not missed(data)


def title_of(item):
    label = item["label"] + ": " if "label" in item else ""
    return f"{label}{item['key']} = {item['expected']}"


def seen(item):
    return item.get("text", "saw " + item["actual"])


def run_tool(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          encoding="utf-8", stdin=subprocess.DEVNULL,
                          timeout=60)


class Names(unittest.TestCase):
    def test_there_are_reports_of_every_kind(self):
        self.assertGreaterEqual(len(NAMES), 7)
        statuses = {outcome(name)["exit_status"] for name in NAMES}
        self.assertGreaterEqual(statuses, {0, 1, 3, 4})


class Json(unittest.TestCase):
    def closed(self):
        """The schema, and no key that it does not know."""
        schema = json.loads(read(SCHEMA))
        parts = [schema] + [part for part in schema["definitions"].values()
                            if part["type"] == "object"]
        for part in parts:
            part["additionalProperties"] = False
        return schema

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_it_follows_its_schema(self):
        schema = self.closed()
        jsonschema.Draft7Validator.check_schema(schema)
        for name in NAMES:
            with self.subTest(report=name):
                jsonschema.validate(outcome(name), schema,
                                    jsonschema.Draft7Validator)

    @unittest.skipUnless(jsonschema, "python3-jsonschema is not installed")
    def test_the_schema_refuses_what_is_wrong(self):
        schema = self.closed()
        for change in (lambda data: data.pop("ok"),
                       lambda data: data.update(schema=2),
                       lambda data: data.update(extra=1),
                       lambda data: data["expectations"][0].pop("actual"),
                       lambda data: data["expectations"][0].update(
                           standing="perhaps"),
                       lambda data: data["violations"][0]["first"].update(
                           by="-")):
            data = copy.deepcopy(outcome("sample"))
            change(data)
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(data, schema)

    def test_the_manual_names_every_key(self):
        schema = json.loads(read(SCHEMA))
        text = read("docs/REPORTS.md")
        for part in [schema, *schema["definitions"].values()]:
            for key in part.get("properties", {}):
                with self.subTest(key=key):
                    self.assertIn(f"`{key}`", text)

    def test_it_is_one_line(self):
        for name in NAMES:
            with self.subTest(report=name):
                self.assertEqual(report(name, "json").count("\n"), 1)

    @tool("jq")
    def test_jq_finds_what_failed(self):
        done = run_tool("jq", "-r", '.expectations[] | select(.ok | not) | '
                        '"\\(.key) \\(.at)"', path_of("sample", "json"))
        self.assertEqual((done.returncode, done.stdout),
                         (0, "attempts greylist.ini:25\n"))
        for name in NAMES:
            with self.subTest(report=name):
                done = run_tool("jq", "-e", ".ok", path_of(name, "json"))
                self.assertEqual(done.returncode,
                                 0 if outcome(name)["ok"] else 1, done.stderr)

    def test_counts_are_those_of_the_expectations(self):
        for name in NAMES:
            data = outcome(name)
            for standing in ("met", "failed", "unreached"):
                with self.subTest(report=name, standing=standing):
                    self.assertEqual(
                        data[standing],
                        [item["standing"] for item in
                         data["expectations"]].count(standing))


class JUnit(unittest.TestCase):
    @tool("xmllint")
    def test_it_follows_its_schema(self):
        for name in NAMES:
            with self.subTest(report=name):
                done = run_tool("xmllint", "--noout", "--schema", XSD,
                                path_of(name, "junit"))
                self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(junitparser, "python3-junitparser is not installed")
    def test_junitparser_reads_the_same(self):
        for name in NAMES:
            data = outcome(name)
            suites = junitparser.JUnitXml.fromfile(path_of(name, "junit"))
            with self.subTest(report=name):
                self.assertEqual(len(list(suites)), 1)
                suite = list(suites)[0]
                other = has_other(data)
                unproved = data["exit_status"] == 4
                self.assertEqual(suite.name, data["scenario"])
                self.assertEqual(suite.tests,
                                 len(data["expectations"]) + other)
                self.assertEqual(suite.failures,
                                 data["failed"] + (other and not unproved))
                self.assertEqual(suite.errors,
                                 data["unreached"] + (other and unproved))
                self.assertEqual(suite.skipped, 0)
                for case, item in zip(suite, data["expectations"]):
                    self.assert_same(case, item)
                self.assertEqual(
                    [suites.tests, suites.failures, suites.errors],
                    [suite.tests, suite.failures, suite.errors])

    def assert_same(self, case, item):
        kinds = {"failed": junitparser.Failure, "unreached": junitparser.Error}
        self.assertEqual(case.name, title_of(item))
        if item["ok"]:
            self.assertEqual(case.result, [])
            return
        self.assertEqual([type(result) for result in case.result],
                         [kinds[item["standing"]]])
        result = case.result[0]
        self.assertEqual(result.type, item["key"])
        self.assertEqual(result.message, seen(item))
        for line in item["evidence"]:
            self.assertIn(line["text"], result.text)
        self.assertIn(item.get("advice", ""), result.text)


class Tap(unittest.TestCase):
    @tool("prove")
    def test_prove_agrees_with_the_status_of_the_run(self):
        for name in NAMES:
            with self.subTest(report=name):
                done = run_tool("prove", "--exec", "cat",
                                path_of(name, "tap"))
                self.assertEqual(done.returncode == 0, outcome(name)["ok"],
                                 done.stdout + done.stderr)
                self.assertNotIn("Parse errors", done.stdout)

    @tool("prove")
    def test_its_parser_reads_the_same(self):
        for name in NAMES:
            data = outcome(name)
            done = run_tool("perl", "-MTAP::Parser", "-MJSON::PP", "-e",
                            READ_TAP, path_of(name, "tap"))
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            with self.subTest(report=name):
                self.assertEqual(done.stderr, "")
                self.assertEqual(rows[0]["type"], "version")
                self.assertEqual(rows[-1], {"type": "errors", "data": []})
                tests = [row for row in rows if row["type"] == "test"]
                wanted = [int(item["ok"]) for item in data["expectations"]]
                self.assertEqual([row["ok"] for row in tests],
                                 wanted + [0] * has_other(data))
                self.assertEqual({row["directive"] for row in tests} - {""},
                                 set())
                diagnostics = [row["data"] for row in rows
                               if row["type"] == "yaml"]
                for found, item in zip(diagnostics, missed(data)):
                    self.assert_same(found, item)
                self.assertEqual(len(diagnostics),
                                 len(missed(data)) + has_other(data))

    def assert_same(self, found, item):
        for key in ("standing", "expected", "actual"):
            self.assertEqual(found[key], item[key])
        details = found["details"]
        self.assertEqual(details[0], seen(item))
        self.assertEqual(details[1:] != [],
                         bool(item["evidence"] or "advice" in item))
        for line in item["evidence"]:
            self.assertTrue(any(line["text"] in detail for detail in details))


class GitHub(unittest.TestCase):
    def annotations(self, name):
        """As the runner reads them: a command, its properties, a message."""
        for line in report(name, "github").splitlines():
            kind, properties, message = re.fullmatch(
                r"::(error|warning|notice) ([^:]*)::(.*)", line).groups()
            properties = dict(item.split("=", 1)
                              for item in properties.split(","))
            yield kind, {
                key: value.replace("%2C", ",").replace("%3A", ":").replace(
                    "%25", "%") for key, value in properties.items()
            }, message.replace("%0A", "\n").replace("%25", "%")

    def test_each_annotation_is_what_the_json_report_has(self):
        for name in NAMES:
            data = outcome(name)
            found = list(self.annotations(name))
            errors = [item for item in found if item[0] == "error"]
            warnings = [item for item in found if item[0] == "warning"]
            with self.subTest(report=name):
                self.assertEqual(len(errors),
                                 len(missed(data)) + has_other(data))
                for (_, properties, message), item in zip(errors,
                                                          missed(data)):
                    self.assertEqual(properties["title"], title_of(item))
                    self.assertEqual(
                        ":".join(properties[key] for key in ("file", "line")
                                 if key in properties), item.get("at", ""))
                    self.assertEqual(message.split("\n")[0], seen(item))
                self.assertEqual(
                    [properties["title"] for _, properties, _ in warnings],
                    [item["id"] for item in data["violations"]])
                self.assertEqual(found[-1][:2],
                                 ("notice", {"title": data["scenario"]}))

    def test_no_text_begins_a_command_of_its_own(self):
        for name in NAMES:
            for form in ("text", "github"):
                for line in report(name, form).splitlines():
                    with self.subTest(report=name, form=form, line=line[:40]):
                        self.assertEqual(line.lstrip().startswith("::"),
                                         form == "github")


class Program(unittest.TestCase):
    def test_on_standard_output_it_leaves_the_ready_line_to_stderr(self):
        done = run("--listen", "smtp://127.0.0.1:0", "--report", "json:-",
                   "--timeout", "100ms")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("listening", done.stdout)
        self.assertIn("smtpfault: listening on smtp://", done.stderr)

    def test_in_a_file_it_does_not(self):
        with tempfile.TemporaryDirectory() as directory:
            done = run("--listen", "smtp://127.0.0.1:0", "--report",
                       f"json:{directory}/r", "--timeout", "100ms")
        self.assertEqual(done.returncode, 0)
        self.assertIn("smtpfault: listening on smtp://", done.stdout)

    def test_a_link_stays_one_and_is_written_through(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        link = os.path.join(directory, "link")
        target = os.path.join(directory, "target")
        os.symlink("target", link)
        for text in (None, "x" * 100000):
            if text is not None:
                with open(target, "w", encoding="utf-8") as file:
                    file.write(text)
            with self.subTest(exists=text is not None):
                done = judge("--quiet", "--report", f"json:{link}")
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertTrue(os.path.islink(link))
                self.assertEqual(json.loads(read(target))["sessions"], 0)

    def test_a_link_to_standard_output_adds_to_what_is_there(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        link = os.path.join(directory, "stdout")
        os.symlink("/proc/self/fd/1", link)
        with open(os.path.join(directory, "all"), "w+",
                  encoding="utf-8") as file:
            file.write("before\n")
            file.flush()
            done = judge("--quiet", "--report", f"tap:{link}", stdout=file)
            file.seek(0)
            self.assertTrue(file.read().startswith("before\nTAP version 13\n"))
        self.assertEqual(done.returncode, 4)
        self.assertTrue(os.path.islink(link))


class Manual(unittest.TestCase):
    def test_the_samples_are_those_of_the_program(self):
        text = read("docs/REPORTS.md")
        for form in ("text", "json", "junit", "tap", "github"):
            block = re.search(rf"## {form}\n.*?```\w*\n(.*?)```", text,
                              re.DOTALL).group(1)
            with self.subTest(form=form):
                if form == "json":
                    self.assertEqual(json.loads(block), outcome("sample"))
                else:
                    self.assertEqual(block, report("sample", form))


if __name__ == "__main__":
    unittest.main()
