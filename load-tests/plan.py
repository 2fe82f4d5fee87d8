#!/usr/bin/env python3
"""What scenarios need, a line each: its file, how many devices of the fleet must
be loaded, how many devices on record it uses up, in how many ways its clients are
given vouchers or certificates. Those with few devices first,
since a fleet only grows:

    plan.py SCENARIO...
"""

import sys

import yaml

# These take devices that are on record, and that nobody asked for yet.
TAKING = {"KIND_REQUEST_VOUCHER", "KIND_REQUEST_AUDIT_LOG", "KIND_ISSUE_MANY", "KIND_STREAM_ISSUE"}


GIVING = TAKING | {"KIND_ENROLL"}


def given(scenario):
    return sum(work["kind"] in GIVING for work in scenario["mix"])


def taken(scenario):
    works = sum(work["kind"] in TAKING for work in scenario["mix"])
    return works * scenario.get("devices", 0)


def main():
    scenarios = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            scenarios.append((path, yaml.safe_load(file)))
    scenarios.sort(key=lambda each: each[1].get("fleet", 0))
    for path, scenario in scenarios:
        print(path, scenario.get("fleet", 0), taken(scenario), given(scenario))


if __name__ == "__main__":
    main()
