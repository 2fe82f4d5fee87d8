#!/usr/bin/env python3
"""Holds what clients were given against what the service has on record:

    checker.py --journal FILE --socket DIR [--database masa]
    checker.py --self-test

The journal has a line for each voucher that a client holds: serial number and
SHA-256; and one for each certificate, with that word behind. Each voucher must be in
the table once, with its event in the audit log once; and neither table nor log may
have halves: a voucher without its event, an event without its voucher. What the table
has beyond the journal is no fault: a client may have gone before its answer. An empty
journal proves nothing, and is refused.

The same of certificates: certificate, device and event are there together, each once,
or not at all. Devices that were imported with a certificate of our own making are no
part of it.
"""

import argparse
import collections
import subprocess
import sys
import tempfile

VOUCHERS = """SELECT d.serial_number, encode(sha256(v.voucher), 'hex'),
  encode(v.voucher_id, 'hex'), encode(v.audit_event_id, 'hex')
  FROM vouchers v JOIN devices d USING (bucket, device_id)"""
EVENTS = """SELECT encode(event_id, 'hex'), encode(voucher_id, 'hex')
  FROM audit_events WHERE kind = 'voucher-issued'"""

CERTIFICATES = """SELECT c.subject, encode(sha256(c.certificate_der), 'hex'),
  encode(c.certificate_serial, 'hex'), encode(c.device_id, 'hex'),
  coalesce(d.serial_number, '') FROM issued_certificates c
  LEFT JOIN devices d USING (bucket, device_id)"""
ENROLLMENTS = """SELECT payload::json->>'certificate_serial',
  payload::json->>'certificate_sha256', encode(device_id, 'hex')
  FROM audit_events WHERE kind = 'certificate-issued'"""
ENROLLED = """SELECT encode(device_id, 'hex'), encode(sha256(idevid_cert_der), 'hex')
  FROM devices WHERE idevid_cert_der <> ''
  AND idevid_issuer IN (SELECT ca_key_id FROM issued_certificates)"""


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


def certificate_faults(journal, certificates, events, devices):
    """Sentences. `journal` has (serial number of a device, digest), `certificates`
    (subject, digest, serial number, device id, serial number of that device), `events`
    (serial number, digest, device id), `devices` (device id, digest) of those that
    hold a certificate of a CA that issued any. A certificate of none has no device id."""
    stored = collections.Counter((subject, digest) for subject, digest, *_ in certificates)
    for subject, digest in set(journal):
        count = stored[subject, digest]
        if count != 1:
            yield f"the certificate {digest[:16]} of {subject} is in the table {count} times"
    told = collections.Counter(serial for serial, _, _ in events)
    of_event = {serial: (digest, device) for serial, digest, device in events}
    for subject, digest, serial, device, known_as in certificates:
        if told[serial] != 1:
            yield f"the certificate {serial} of {subject} has {told[serial]} events"
        elif of_event[serial] != (digest, device):
            yield f"the event of the certificate {serial} is of another one"
        if device and known_as != subject:
            yield f"the certificate {serial} of {subject} has no device of its own"
    for serial in told.keys() - {row[2] for row in certificates}:
        yield f"an event is of the certificate {serial}, which is not there"
    for device, digest in set(devices) - {(row[3], row[1]) for row in certificates}:
        yield f"the device {device} has the certificate {digest[:16]}, which is not there"


def read_rows(arguments, statement):
    done = subprocess.run(
        ["psql", "-qXAt", "-F", "\t", "-h", arguments.socket, "-U", "postgres", "-d",
         arguments.database, "-c", statement], capture_output=True, text=True, check=True)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def read_journal(path):
    """Vouchers, and certificates: of each serial number and digest."""
    with open(path, encoding="utf-8") as file:
        journal = [line.split() for line in file]
    if not journal:
        sys.exit("checker: the journal is empty: there is nothing to hold against the table")
    for line in journal:
        if len(line) < 2 or line[2:] not in ([], ["certificate"]):
            sys.exit(f"checker: the journal has a line that is of nothing: {' '.join(line)}")
    return ([tuple(line) for line in journal if not line[2:]],
            [tuple(line[:2]) for line in journal if line[2:]])


def check_planted(check, whole, planted):
    """Each loss is found, and where none is, nothing is."""
    assert not list(check(*whole)), list(check(*whole))
    for what, case in planted.items():
        assert list(check(*case)), f"not found: {what}"
    return len(planted)


def planted_vouchers():
    journal = [("A", "da"), ("B", "db"), ("B", "db")]
    vouchers = [("A", "da", "va", "ea"), ("B", "db", "vb", "eb"), ("C", "dc", "vc", "ec")]
    events = [("ea", "va"), ("eb", "vb"), ("ec", "vc")]
    return check_planted(faults, (journal, vouchers, events), {
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
    })


def planted_certificates():
    journal = [("A", "da"), ("B", "db"), ("B", "db")]
    # C's client has gone before its answer; that of D is of no device.
    rows = [("A", "da", "1", "ia", "A"), ("B", "db", "2", "ib", "B"), ("C", "dc", "3", "ic", "C"),
            ("D", "dd", "4", "", "")]
    events = [("1", "da", "ia"), ("2", "db", "ib"), ("3", "dc", "ic"), ("4", "dd", "")]
    devices = [("ia", "da"), ("ib", "db"), ("ic", "dc")]
    twice = rows + [("A", "da", "5", "ia", "A")]
    return check_planted(certificate_faults, (journal, rows, events, devices), {
        "a certificate is lost": (journal, rows[1:], events, devices),
        "one is lost with its event and device": (journal, rows[1:], events[1:], devices[1:]),
        "one that nobody holds is lost": (journal, rows[:2] + rows[3:], events, devices),
        "the same, but for its device": (
            journal, rows[:2] + rows[3:], events[:2] + events[3:], devices),
        "one is another": (journal, [("A", "dx", "1", "ia", "A")] + rows[1:], events, devices),
        "one is there twice": (journal, twice, events + [("5", "da", "ia")], devices),
        "an event is lost": (journal, rows, events[1:], devices),
        "an event is there twice": (journal, rows, events + events[:1], devices),
        "an event is of nothing": (journal, rows, events + [("9", "d9", "i9")], devices),
        "an event is of another device": (
            journal, rows, [("1", "da", "ib")] + events[1:], devices),
        "a device is lost": (journal, [("A", "da", "1", "ia", "")] + rows[1:], events, devices[1:]),
        "a device is another": (journal, [("A", "da", "1", "ia", "B")] + rows[1:], events, devices),
        "a device is there alone": (journal, rows, events, devices + [("ix", "dx")]),
    })


def read_text(text):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return read_journal(file.name)


def check_journals():
    assert read_text("A da\nB db certificate\n") == ([("A", "da")], [("B", "db")])
    for text in ("", "A\n", "A da voucher\n"):
        try:
            read_text(text)
        except SystemExit:
            continue
        raise AssertionError(f"not refused: a journal of '{text}'")


def self_test():
    check_journals()
    print(f"checker: {planted_vouchers() + planted_certificates()} planted losses are found")


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
    vouchers, certificates = read_journal(arguments.journal)
    found = list(faults(vouchers, read_rows(arguments, VOUCHERS), read_rows(arguments, EVENTS)))
    found += certificate_faults(certificates, *(
        read_rows(arguments, statement) for statement in (CERTIFICATES, ENROLLMENTS, ENROLLED)))
    for fault in found[:20]:
        print(f"checker: {fault}", file=sys.stderr)
    print(f"checker: {len(vouchers)} vouchers and {len(certificates)} certificates in hand, "
          f"{len(found)} faults")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
