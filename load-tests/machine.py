#!/usr/bin/env python3
"""Notes in DIR/machine.json where figures come from, and how quiet it was there:

    machine.py DIR before|after
"""

import datetime
import json
import os
import pathlib
import platform
import sys
import time

SECONDS = 3


def times():
    """Of all processors: those that passed with work, and all."""
    fields = pathlib.Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]
    values = [int(field) for field in fields]
    return sum(values) - values[3] - values[4], sum(values)


def busy():
    """The share of the processors that somebody used for a few seconds."""
    worked, passed = times()
    time.sleep(SECONDS)
    worked_then, passed_then = times()
    return (worked_then - worked) / max(1, passed_then - passed)


def model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    path = pathlib.Path(sys.argv[1]) / "machine.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    told.update({"when": datetime.date.today().isoformat(), "processors": os.cpu_count(),
                 "model": model(), f"busy_{sys.argv[2]}": busy()})
    path.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
