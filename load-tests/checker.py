#!/usr/bin/env python3
"""Holds what clients were given against what the service has on record:

    checker.py --journal FILE --socket DIR [--database masa]
    checker.py --self-test

The journal has a line for each voucher that a client holds: serial number and
SHA-256. Each must be in the table once, with its event in the audit log once; and
neither table nor log may have halves: a voucher without its event, an event
without its voucher. What the table has beyond the journal is no fault: a client
may have gone before its answer.
"""

import argparse
import collections
import subprocess
import sys

VOUCHERS = """SELECT d.serial_number, encode(sha256(v.voucher), 'hex'),
  encode(v.voucher_id, 'hex'), encode(v.audit_event_id, 'hex')
  FROM vouchers v JOIN devices d USING (bucket, device_id)"""
EVENTS = """SELECT encode(event_id, 'hex'), encode(voucher_id, 'hex')
  FROM audit_events WHERE kind = 'voucher-issued'"""


def faults(journal, vouchers, events):
    """Sentences. `journal` has (serial, digest), `vouchers` (serial, digest,
    voucher id, event id), `events` (event id, voucher id)."""
    stored = collections.Counter((serial, digest) for serial, digest, _, _ in vouchers)
    for serial, digest in set(journal):
        count = stored[serial, digest]
        if count != 1:
            yield f"the voucher {digest[:16]} of {serial} is in the table {count} times"
    of_event = {event: voucher for event, voucher in events}
    if len(of_event) != len(events):
        yield "an event is in the log twice"
    told = collections.Counter(voucher for _, voucher in events)
    for serial, _, voucher, event in vouchers:
        if of_event.get(event) != voucher:
            yield f"the voucher {voucher} of {serial} has no event of its own"
        if told[voucher] != 1:
            yield f"the voucher {voucher} of {serial} has {told[voucher]} events"
    there = {voucher for _, _, voucher, _ in vouchers}
    for event, voucher in events:
        if voucher not in there:
            yield f"the event {event} is of a voucher that is not there"


def read_rows(arguments, statement):
    done = subprocess.run(
        ["psql", "-qXAt", "-F", "\t", "-h", arguments.socket, "-U", "postgres", "-d",
         arguments.database, "-c", statement], capture_output=True, text=True, check=True)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def read_journal(path):
    with open(path, encoding="utf-8") as file:
        return [tuple(line.split()) for line in file]


def self_test():
    """Each planted loss is found, and where none is, nothing is."""
    journal = [("A", "da"), ("B", "db"), ("B", "db")]
    vouchers = [("A", "da", "va", "ea"), ("B", "db", "vb", "eb"), ("C", "dc", "vc", "ec")]
    events = [("ea", "va"), ("eb", "vb"), ("ec", "vc")]
    assert not list(faults(journal, vouchers, events)), list(faults(journal, vouchers, events))
    planted = {
        "a voucher is lost": (journal, vouchers[1:], events),
        "a voucher is lost with its event": (journal, vouchers[1:], events[1:]),
        "a voucher is another one": (journal, [("A", "dx", "va", "ea")] + vouchers[1:], events),
        "a voucher is there twice": (journal, vouchers + [("A", "da", "vx", "ex")],
                                     events + [("ex", "vx")]),
        "an event is lost": (journal, vouchers, events[1:]),
        "an event is there twice": (journal, vouchers, events + events[:1]),
        "a voucher has two events": (journal, vouchers, events + [("ex", "va")]),
        "an event is of nothing": (journal, vouchers, events + [("ex", "vx")]),
        "an event is of another voucher": (journal, vouchers, [("ea", "vb"), ("eb", "va")]),
    }
    for what, case in planted.items():
        assert list(faults(*case)), f"not found: {what}"
    print(f"checker: {len(planted)} planted losses are found")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--journal")
    parser.add_argument("--socket")
    parser.add_argument("--database", default="masa")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return
    journal = read_journal(arguments.journal)
    found = list(faults(journal, read_rows(arguments, VOUCHERS), read_rows(arguments, EVENTS)))
    for fault in found[:20]:
        print(f"checker: {fault}", file=sys.stderr)
    print(f"checker: {len(journal)} vouchers in hand, {len(found)} faults")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
