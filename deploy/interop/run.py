#!/usr/bin/env python3
"""Sends the laboratory's requests to a running sandbox and checks every answer.

    run.py --data DIR --port N --masactl PATH [--verbose]

Prints one line for each broken row, then a summary; ends with 0 when no row is
broken. Needs a sandbox without --limits."""

import argparse
import base64
import json
import os
import re
import secrets
import sys
import tempfile

from artifacts import COSE, MEDIA_TYPES, OPEN, der, spki, timestamp
from cases import ALL, HOUR, stranger
from exchange import Exchange
from world import World

# What an answer to a stranger never holds: places in the code, the database's
# words, the names of our own rooms.
TELLTALES = re.compile(rb"::|\.cc|/root|/home|pqxx|SELECT |postgres|exception|grpc", re.I)


def check_error(headers, body):
    assert headers.get("content-type") == "text/plain; charset=utf-8", headers
    assert body.decode("utf-8").strip(), "the answer says nothing"
    assert not TELLTALES.search(body), body
    assert "location" not in headers


def check_voucher(case, exchange, headers, body):
    leaves = OPEN[exchange.fmt](body, exchange.world.voucher_root)
    assert headers["content-type"] == MEDIA_TYPES[exchange.fmt], headers
    assert leaves["serial-number"] == exchange.serial, leaves
    if "nonce" not in exchange.drop:
        wanted = exchange.leaves.get("nonce", exchange.nonce())
        assert leaves["nonce"] == wanted, (leaves["nonce"], wanted)
        assert "expires-on" not in leaves, leaves
    else:
        assert "nonce" not in leaves and "expires-on" in leaves, leaves
    if case.assertion:
        assert leaves["assertion"] == case.assertion, leaves["assertion"]
    check_pin(case, exchange, leaves)
    for name in ("prior-signed-voucher-request", "proximity-registrar-cert"):
        assert name not in leaves, leaves


def check_pin(case, exchange, leaves):
    if case.pinned == "pubk":
        assert leaves["pinned-domain-pubk"] == spki(exchange.registrar.certificate)
        assert "pinned-domain-cert" not in leaves
        return
    pinned = leaves.get("pinned-domain-cert")
    if pinned is None or case.pinned is None:
        return
    pinned = pinned if exchange.fmt == COSE else base64.b64decode(pinned)
    wanted = exchange.registrar if case.pinned == "registrar" else exchange.domain
    assert pinned == der(wanted.certificate), "another certificate is pinned"


def check_log(case, exchange):
    """The log, after a voucher was issued."""
    exchange.resource = "requestauditlog"
    if case.again == "old log":
        exchange.leaves = {"created-on": timestamp(26 * HOUR)}
    if case.again == "foreign log":
        stranger(exchange)
        exchange.with_pledge = False
    status, headers, body = exchange.send()
    assert status == case.status, (status, body)
    if status != 200:
        return check_error(headers, body)
    assert headers["content-type"] == "application/json", headers
    log = json.loads(body)
    assert log["version"] == 1, log
    assert len(log["events"]) == 1, log
    assert log["events"][0]["assertion"] == "proximity", log


def check_no_oracle(exchange):
    """A stranger learns nothing of whose device it is, or that it is there."""
    foreign = exchange.send()
    exchange.serial += "-UNKNOWN"
    unknown = exchange.send()
    assert foreign[0] == unknown[0] == 404, (foreign, unknown)
    assert foreign[2] == unknown[2], (foreign[2], unknown[2])
    assert foreign[1].keys() == unknown[1].keys(), (foreign[1], unknown[1])


def check(case, exchange):
    """AssertionError when the answer is not as the case says."""
    if case.prepare:
        case.prepare(exchange)
    if case.again and case.again.endswith("log"):
        assert exchange.send()[0] == 200, "no voucher to begin with"
        return check_log(case, exchange)
    if case.again == "oracle":
        return check_no_oracle(exchange)
    if case.again == "same":
        exchange.raw = exchange.body()
    status, headers, body = exchange.send()
    assert status == case.status, f"status {status}: {body[:120]!r}"
    if status != 200:
        return check_error(headers, body)
    check_voucher(case, exchange, headers, body)
    if case.again == "same":
        again = exchange.send()
        assert again[0] == 200 and again[2] == body, "another voucher the second time"


def plan():
    """Every case in every format, with a device of its own, new each time."""
    tag = secrets.token_hex(4)
    return [(case, fmt, f"LAB-{tag}-{number}-{fmt}".upper())
            for number, case in enumerate(ALL) for fmt in case.formats]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", required=True)
    options.add_argument("--port", required=True, type=int)
    options.add_argument("--masactl", required=True)
    options.add_argument("--verbose", action="store_true")
    options = options.parse_args()
    world = World(options.data, options.port, options.masactl)
    planned = plan()
    with tempfile.TemporaryDirectory() as folder:
        world.import_devices(os.path.join(folder, "devices.csv"),
                             [(serial, case.product, case.owner)
                              for case, _, serial in planned if case.known])
    broken = 0
    for case, fmt, serial in planned:
        try:
            check(case, Exchange(world, fmt, serial))
            if options.verbose:
                print(f"ok      {fmt:4} {case.ids}: {case.title}")
        except Exception as fault:  # whatever a wrong answer leads to
            broken += 1
            print(f"BROKEN  {fmt:4} {case.ids}: {case.title}: "
                  f"{type(fault).__name__} {fault}")
    print(f"{len(planned)} requests in three formats, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
