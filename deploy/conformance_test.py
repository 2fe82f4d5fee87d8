"""Holds services/voucher/CONFORMANCE.md against the tests that it names.

Fails when a row of services/voucher/requirement_ids.txt is missing, twice or
strange; when a row that is `shown` names no test, or one that its file does not
hold, or a file that does not cite the row; when another state names no reason,
or something else than a MAY is left out;
when the counts in the introduction are not those of the tables; and when a case
of the laboratory (deploy/interop) cites a row that is not there.
`--self-test` plants each fault in a temporary tree and fails when one is not
found.
"""

import pathlib
import re
import sys
import tempfile

DOCUMENT = "services/voucher/CONFORMANCE.md"
IDS = "services/voucher/requirement_ids.txt"
CASES = "deploy/interop/cases.py"
ROW = re.compile(r"^\| ([A-Z]+-\d+) \|(.*)\|$", re.M)
SHOWN = re.compile(r"`([^`:]+): (\w+)\.(\w+)`")
COUNTS = re.compile(
    r"Of (\d+) rows (\d+) are shown, (\d+) are open, (\d+) are left out and "
    r"(\d+) are not\s+ours")


def rows(text):
    """(id, level, state, where) of each row; one of another shape has none."""
    for found in ROW.finditer(text):
        cells = [cell.strip() for cell in found.group(2).split("|")]
        yield ((found.group(1), cells[0], cells[2], cells[3])
               if len(cells) == 4 else (found.group(1), "", "", ""))


def cites(text, row):
    return re.search(r"(?<![A-Z])%s(?!\d)" % re.escape(row), text) is not None


def holds(text, suite, test):
    return re.search(r"^TEST(?:_F|_P)?\(\s*%s,\s*%s\)" % (suite, test), text,
                     re.M) is not None


def check_tests(root, row, where):
    found = SHOWN.findall(where)
    if not found or SHOWN.sub("", where).replace("<br>", "").strip():
        yield "%s: shown, but where is not `file: Suite.Test`: %s" % (row,
                                                                      where)
    for path, suite, test in found:
        if not (root / path).is_file():
            yield "%s: there is no file %s" % (row, path)
            continue
        text = (root / path).read_text()
        if not holds(text, suite, test):
            yield "%s: %s holds no test %s.%s" % (row, path, suite, test)
        if not cites(text, row):
            yield "%s: %s does not cite it" % (row, path)


def check_ids(root, found):
    wanted = (root / IDS).read_text().split()
    for row in wanted:
        if found.count(row) != 1:
            yield "%s: %d rows" % (row, found.count(row))
    for row in sorted(set(found) - set(wanted)):
        yield "%s: not in %s" % (row, IDS)
    if len(set(wanted)) != len(wanted):
        yield "%s: an id twice" % IDS


def check_cases(root):
    known = set((root / IDS).read_text().split())
    for cited in re.findall(r'Case\(f?"([^"]*)"', (root / CASES).read_text()):
        for row in cited.split():
            if row not in known:
                yield "%s cites %s, which is no row" % (CASES, row)


def check_counts(text, states):
    stated = COUNTS.search(text)
    actual = [len(states)] + [states.count(state)
                              for state in ("shown", "open", "not built",
                                            "not ours")]
    if stated is None or [int(n) for n in stated.groups()] != actual:
        yield "the introduction does not count %s" % actual


def is_reasoned(level, state, where):
    """Whether a row that is not shown says why, and may be left out."""
    if state == "open":
        return where == "open"
    if state == "not built" and not level.startswith("MAY"):
        return False
    return (state in ("not built", "not ours")
            and re.match(r"%s: \S" % state, where) is not None)


def faults(root):
    text = (root / DOCUMENT).read_text()
    table = list(rows(text))
    found = list(check_ids(root, [row for row, _, _, _ in table]))
    for row, level, state, where in table:
        if state == "shown":
            found += check_tests(root, row, where)
        elif not is_reasoned(level, state, where):
            found.append("%s: no such state and reason: %r, %r" %
                         (row, state, where))
    found += check_cases(root)
    found += check_counts(text, [state for _, _, state, _ in table])
    return found


GOOD = {
    IDS: "AA-01\nAA-02\nAA-03\nAA-06\n",
    DOCUMENT: "Of 4 rows 1 are shown, 1 are open, 1 are left out and 1 are "
              "not\nours.\n"
              "| AA-06 | MAY | d | not built | not built: needless |\n"
              "| AA-01 | MUST | a | shown | `a_test.cc: A.B`<br>`b.cc: A.C` |\n"
              "| AA-02 | MAY | b | open | open |\n"
              "| AA-03 | MAY | c | not ours | not ours: theirs |\n",
    "a_test.cc": "TEST(A, B) {  // AA-01\n",
    CASES: 'GOOD = [Case("AA-01 AA-02", "a title", 200)]\n',
    "b.cc": "// AA-01.\nTEST_P(A,\n       C) {\n",
}
# What to find, the file, and what to replace there by what.
PLANTS = (
    ("holds no test A.B", "a_test.cc", "TEST(A, B)", "TEST(A, Bee)"),
    ("holds no test A.B", "a_test.cc", "TEST(A, B)", "// TEST(A, B)"),
    ("does not cite", "a_test.cc", "AA-01", "AA-011"),
    ("does not cite", "b.cc", "AA-01", "BAA-01"),
    ("no file", DOCUMENT, "a_test.cc", "c_test.cc"),
    ("not `file", DOCUMENT, "`a_test.cc: A.B`<br>`b.cc: A.C`", "somewhere"),
    ("not `file", DOCUMENT, "A.B`", "A.B` and more"),
    ("AA-02: 0 rows", DOCUMENT, "| AA-02 | MAY | b | open | open |\n", ""),
    ("AA-02: 2 rows", DOCUMENT, "| AA-03", "| AA-02"),
    ("AA-04: not in", DOCUMENT, "| AA-03", "| AA-04"),
    ("an id twice", IDS, "AA-03\n", "AA-03\nAA-03\n"),
    ("AA-06: no such state", DOCUMENT, "AA-06 | MAY", "AA-06 | MUST"),
    ("AA-06: no such state", DOCUMENT, "not built: needless", "not built: "),
    ("no such state", DOCUMENT, "open | open", "open | "),
    ("no such state", DOCUMENT, "not ours: theirs", "not ours: "),
    ("no such state", DOCUMENT, "| b | open", "| b | half | open"),
    ("AA-05, which is no row", CASES, "AA-02", "AA-05"),
    ("does not count", DOCUMENT, "1 are open", "2 are open"),
)


def plant(path, old, new):
    """The faults of a good tree with one fault planted."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in GOOD.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(
                text.replace(old, new) if name == path else text)
        return faults(root)


def self_test():
    """Returns the plants that were not found, and false alarms."""
    missed = ["false alarm: %s" % fault for fault in plant("", "", "")]
    for wanted, path, old, new in PLANTS:
        if not any(wanted in fault for fault in plant(path, old, new)):
            missed.append("not found: %s: %s by %s" % (wanted, old, new))
    return missed


def main():
    itself = "--self-test" in sys.argv
    found = (self_test() if itself else
             faults(pathlib.Path(__file__).resolve().parent.parent))
    for fault in found:
        print("conformance_test: %s" % fault, file=sys.stderr)
    print("conformance_test%s: %s" % (" --self-test" if itself else "",
                                      "failed" if found else "ok"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
