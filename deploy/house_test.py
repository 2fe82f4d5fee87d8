"""Checks the tree against the house rules of the architecture.

Fails on an include that looks up or sideways, on a ring of rooms, on
exceptions outside the named fence files, on a room without tests, on a file
over 400 lines or a function over 40 without a waiver line that gives a reason,
and on a stranger at the top level. `--self-test` plants each fault in a
temporary tree and fails when one is not found.

A waiver is a line `// house: long because REASON` in the file, or within the
function.
"""

import pathlib
import re
import sys
import tempfile

FLOORS = {
    "proto": 0,
    "services/status": 0.1,
    "services/executor": 0.1,
    "services/observe": 0.1,
    "services/verifier": 0.1,
    "storage": 0.2,
    "services/config": 1,
    "services/fetch": 1,
    "services/merkle": 1,
    "services/rpc": 1,
    "services/verification": 1,
    "services/wire": 1,
    "storage/batching": 1,
    "storage/memory": 1,
    "storage/postgres": 1,
    "services/enrollment": 2,
    "services/identity": 2,
    "services/ownership": 2,
    "services/signing": 2,
    "services/transparency": 2,
    "services/voucher": 2,
    "services/issuance": 3,
    "services/admin": 4,
    "services/authority": 4,
    "services/edge": 4,
    "services/signer": 4,
    "services/telemetry": 4,
    "services/masactl": 5,
    "services/masad": 5,
}
# Outside the floors: they may look at what they need, and only tests,
# benchmarks and demonstrations look at them.
BESIDE = {"services/testing", "storage/contract", "load-tests", "deploy"}
# Values that a room of the same or a higher floor hands around.
VALUES = {"services/identity/principal.h", "services/telemetry/log.h"}
FENCES = {
    "services/config/yaml_reader.cc": "yaml-cpp",
    "services/masactl/command_line.cc": "CLI11",
    "services/masad/command_line.cc": "CLI11",
    "services/fetch/fence.cc": "Boost.Asio",
    "storage/postgres/run_transaction.cc": "libpqxx",
    "services/edge/fence.cc": "Boost.Asio",
    "services/admin/fence.cc": "Boost.Asio",
}
TOP = {"BUILD.bazel", "WORKSPACE", "README.md", "services", "proto", "storage",
       "deploy", "load-tests", "LICENSE"}
NOT_ROOMS = {"services/adr"}
NO_TESTS_NEEDED = {"proto", "storage", "services/verifier", "services/observe",
                   "load-tests", "deploy"}
FILE_LINES = 400
FUNCTION_LINES = 40
WAIVER = re.compile(r"//\s*house: long because \S+")
INCLUDE = re.compile(r'^\s*#include "((?:services|storage|proto)/[^"]+)"')


def room_of(path):
    """The room that a file belongs to, or None."""
    parts = pathlib.PurePosixPath(path).parts
    if not parts or parts[0] in ("proto", "load-tests", "deploy"):
        return parts[0] if parts else None
    if parts[0] == "storage":
        two = "/".join(parts[:2])
        return two if two in FLOORS or two in BESIDE else "storage"
    return "/".join(parts[:2]) if len(parts) > 2 else None


def is_test(path):
    return (path.endswith("_test.cc") or path.endswith("_fuzz.cc")
            or "/fuzz/" in path or "/testdata/" in path
            or pathlib.PurePosixPath(path).name.startswith(("test_", "fake_"))
            or room_of(path) in BESIDE)


def sources(root):
    for folder in ("services", "storage", "load-tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield str(path.relative_to(root)), path.read_text()


def arrow_fault(path, included):
    """Why the include is not allowed, or None."""
    here, there = room_of(path), room_of(included)
    if here == there or is_test(path) or included in VALUES:
        return None
    if there in BESIDE:
        return "looks at %s, which stands beside the house" % there
    if here not in FLOORS:
        return "is in a room that no floor has: %s" % here
    if there not in FLOORS:
        return "looks at a room that no floor has: %s" % there
    if FLOORS[there] > FLOORS[here]:
        return "looks up at %s" % there
    if FLOORS[there] == FLOORS[here] and here.split("/")[0] != "proto":
        return "looks sideways at %s" % there
    return None


def check_arrows(root):
    graph = {}
    for path, text in sources(root):
        for line in text.splitlines():
            found = INCLUDE.match(line)
            if not found:
                continue
            fault = arrow_fault(path, found.group(1))
            if fault:
                yield "%s: includes %s: %s" % (path, found.group(1), fault)
            if not is_test(path):
                graph.setdefault(path, set()).add(found.group(1))
    for ring in rings(graph):
        yield "ring of files: %s" % " -> ".join(ring)


def rings(graph):
    """Rings among headers, each reported once."""
    state, trail = {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for other in sorted(graph.get(node, ())):
            if state.get(other) == "open":
                yield trail[trail.index(other):] + [other]
            elif other not in state:
                yield from visit(other)
        trail.pop()
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            yield from visit(node)


def without_comments(text):
    text = re.sub(r'R"\w*\(.*?\)\w*"', '""', text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def check_exceptions(root):
    for path, text in sources(root):
        if path in FENCES or is_test(path):
            continue
        found = re.search(r"\b(try\s*\{|catch\s*\(|throw\b)",
                          without_comments(text))
        if found:
            yield "%s: %s outside the fences" % (path, found.group(1).strip())


def check_tests(root):
    rooms, tested = set(), set()
    for path, text in sources(root):
        room = room_of(path)
        if room is None:
            continue
        rooms.add(room)
        if re.search(r"\bTEST(_F|_P)?\(", text):
            tested.add(room)
    for room in sorted(rooms - tested - NO_TESTS_NEEDED - NOT_ROOMS):
        yield "%s: a room without tests" % room


def functions(text):
    """(first line number, lines) of each function definition: a `{` that
    ends a line whose statement starts in column 0, to the `}` in column 0.
    Namespaces, types and initialisers are not functions."""
    lines = text.splitlines()
    start = None
    for number, line in enumerate(lines):
        if re.match(r"^[A-Za-z_~].*|^\[\[", line) and not re.match(
                r"^(namespace|struct|class|enum|union|extern|constexpr|const|"
                r"static const|using|template|public|private|protected|#)",
                line):
            if start is None:
                start = number
        if start is not None and re.match(r"^\}", line):
            yield start + 1, lines[start:number + 1]
            start = None
        elif start is not None and line.endswith(";") and not line.startswith(
                " ") and "{" not in "".join(lines[start:number + 1]):
            start = None
        elif line.strip() == "" and start is not None and "{" not in "".join(
                lines[start:number]):
            start = None


def check_lengths(root):
    for path, text in sources(root):
        count = text.count("\n")
        if count > FILE_LINES and not WAIVER.search(text):
            yield "%s: %d lines" % (path, count)
        if is_test(path) or not path.endswith(".cc"):
            continue
        for first, body in functions(text):
            if len(body) > FUNCTION_LINES and not any(
                    WAIVER.search(line) for line in body):
                yield "%s:%d: function of %d lines" % (path, first, len(body))


def check_top(root):
    for entry in sorted(root.iterdir()):
        name = entry.name
        if name.startswith((".", "bazel-")) or name in TOP:
            continue
        yield "%s: a stranger at the top level" % name


CHECKS = (check_arrows, check_exceptions, check_tests, check_lengths,
          check_top)


def faults(root):
    return [fault for check in CHECKS for fault in check(root)]


PLANTS = {
    "looks up": ("services/wire/a.h",
                 '#include "services/voucher/b.h"\n'),
    "looks sideways": ("services/wire/a.h",
                       '#include "services/verification/b.h"\n'),
    "no floor has": ("services/util/a.h", '#include "storage/device.h"\n'),
    "beside the house": ("services/wire/a.h",
                         '#include "services/testing/b.h"\n'),
    "ring of files": ("services/wire/a.h", '#include "services/wire/a.h"\n'),
    "outside the fences": ("services/wire/a.cc",
                           "void F() { try { G(); } catch (...) {} }\n"),
    "without tests": ("services/voucher/a.cc", "int a;\n"),
    "401 lines": ("services/wire/a.cc", "int a;\n" * 401),
    "function of 43 lines": ("services/wire/a.cc",
                             "void F() {\n" + "  G();\n" * 41 + "}\n"),
    "stranger at the top": ("notes.txt", "x\n"),
}


def self_test():
    """Returns the plants that were not found, and false alarms."""
    missed = []
    for wanted, (path, text) in PLANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("services/wire", "storage", "load-tests"):
                (root / name).mkdir(parents=True)
            (root / "services/wire/ok_test.cc").write_text("TEST(A, B) {}\n")
            if faults(root):
                missed.append("false alarm: %s" % faults(root))
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
            if not any(wanted in fault for fault in faults(root)):
                missed.append("not found: %s" % wanted)
    return missed


def main():
    if "--self-test" in sys.argv:
        found = self_test()
    else:
        found = faults(pathlib.Path(__file__).resolve().parent.parent)
    for fault in found:
        print("house_test: %s" % fault, file=sys.stderr)
    print("house_test%s: %s" % (" --self-test" if "--self-test" in sys.argv
                                else "", "failed" if found else "ok"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
