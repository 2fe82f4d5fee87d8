"""Counts the cases of the last `bazel test //...` and prints one line.

Reads each target's test.xml below bazel-testlogs. A target whose report shows
no failure although it failed (a crash, a build error) makes one failure; the
exit status of bazel is the first argument; each further argument is the exit
status of a test that ran outside Bazel, or `skipped`.
"""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml


def targets():
    listed = subprocess.run(
        ["bazel", "query", "tests(//...)"],
        capture_output=True, text=True, check=True).stdout
    return [line for line in listed.split() if line.startswith("//")]


def count(report):
    """Returns (passed, failed, skipped) of one test.xml."""
    passed = failed = skipped = 0
    for case in xml.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.get("status") == "notrun" or case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    bazel_failed = sys.argv[1] != "0"
    totals = [0, 0, 0]
    for target in targets():
        package, name = target[2:].split(":")
        report = pathlib.Path("bazel-testlogs", package, name, "test.xml")
        if not report.exists():
            totals[1] += 1
            continue
        for i, number in enumerate(count(report)):
            totals[i] += number
    if bazel_failed and totals[1] == 0:
        totals[1] = 1
    for status in sys.argv[2:]:
        totals[{"0": 0, "skipped": 2}.get(status, 1)] += 1
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    sys.exit(1 if totals[1] or totals[0] == 0 else 0)


if __name__ == "__main__":
    main()
