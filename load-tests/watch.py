#!/usr/bin/env python3
"""Watches what processes hold while they work, and says whether it grows:

    watch.py record FILE NAME=PID...    a line every few seconds, until it is ended
    watch.py judge FILE                 fails where something grew
    watch.py --self-test

Compared are the second quarter of the time, when caches are full, and the last
one, by their medians.
"""

import collections
import json
import pathlib
import statistics
import sys
import time

EVERY = 2  # seconds
FEWEST = 8  # lines, to judge from
# What may be more in the end: a share, and beside it so many of its unit.
ALLOWED = {"rss_kib": (0.10, 8 * 1024), "descriptors": (0, 8), "threads": (0, 4),
           "children": (0, 4)}


def held(pid):
    """Of one process; none when it is gone."""
    place = pathlib.Path("/proc") / pid
    try:
        status = dict(line.split(":", 1) for line in
                      (place / "status").read_text(encoding="utf-8").splitlines())
        children = (place / "task" / pid / "children").read_text(encoding="utf-8").split()
        return {"rss_kib": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]),
                "descriptors": len(list((place / "fd").iterdir())), "children": len(children)}
    except OSError:
        return None


def record(path, processes):
    named = dict(word.rsplit("=", 1) for word in processes)
    with open(path, "a", encoding="utf-8") as file:
        while True:
            for name, pid in named.items():
                found = held(pid)
                if found is None:
                    print(json.dumps({"process": name, "gone": True}), file=file, flush=True)
                    return
                print(json.dumps({"process": name, **found}), file=file, flush=True)
            time.sleep(EVERY)


def growth(lines):
    """(faults, sentences) of all that was recorded."""
    by_process = collections.defaultdict(list)
    faults, told = [], []
    for line in lines:
        if "gone" in line:
            faults.append(f"{line['process']} ended")
        else:
            by_process[line["process"]].append(line)
    for name, rows in by_process.items():
        if len(rows) < FEWEST:
            faults.append(f"{name} was not watched for long enough: {len(rows)} times")
            continue
        quarter = len(rows) // 4
        for what, (share, more) in ALLOWED.items():
            early = statistics.median(row[what] for row in rows[quarter:2 * quarter])
            late = statistics.median(row[what] for row in rows[-quarter:])
            told.append(f"{name}: {what} {early:g}, in the end {late:g}")
            if late > early * (1 + share) + more:
                faults.append(f"{name}: {what} grew from {early:g} to {late:g}")
    if not by_process:
        faults.append("nothing was watched")
    return faults, told


def judge(path):
    with open(path, encoding="utf-8") as file:
        faults, told = growth([json.loads(line) for line in file])
    print("\n".join(told))
    for fault in faults:
        print(f"watch: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


def self_test():
    """Each planted leak is found, and where none is, nothing is."""
    steady = [{"process": "masad", "rss_kib": 200000, "descriptors": 60 + i % 5, "threads": 30,
               "children": 0} for i in range(40)]
    assert not growth(steady)[0], growth(steady)
    # Full caches are no leak: what comes early does not count.
    warm = [{**row, "rss_kib": min(200000, 20000 * (i + 1))} for i, row in enumerate(steady)]
    assert not growth(warm)[0], growth(warm)
    planted = {
        "memory": [{**row, "rss_kib": 200000 + 2000 * i} for i, row in enumerate(steady)],
        "descriptors": [{**row, "descriptors": 60 + i} for i, row in enumerate(steady)],
        "threads": [{**row, "threads": 30 + i // 2} for i, row in enumerate(steady)],
        "children": [{**row, "children": i} for i, row in enumerate(steady)],
        "a process that ended": steady + [{"process": "masad", "gone": True}],
        "too few lines": steady[:4],
        "no lines": [],
    }
    for what, rows in planted.items():
        assert growth(rows)[0], f"not found: {what}"
    print(f"watch: {len(planted)} planted leaks are found")


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        self_test()
    elif len(words) > 2 and words[0] == "record":
        record(words[1], words[2:])
    elif len(words) == 2 and words[0] == "judge":
        judge(words[1])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
