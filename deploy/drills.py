#!/usr/bin/env python3
"""Faults, while registrars who come again when they are told to ask for vouchers:

    deploy/drills.py [--short] [BIN]      (bazel-bin/services)

Authorities reach the database through PgBouncer where that is installed. After each
fault the service comes back by itself within half a minute. In the end every voucher
that a client holds is in the table and in the audit log, once, and nothing is
half-written (load-tests/checker.py). `--short` leaves out what needs root or takes
long.
"""

import argparse
import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "cluster"))
sys.path.insert(0, str(ROOT.parent / "load-tests"))

import checker  # noqa: E402
import clients  # noqa: E402
from cluster import Cluster, Pooler, eventually  # noqa: E402

REGISTRARS = 4
BACK_WITHIN = 30  # seconds
DISK = "600m"  # of the database


def claim(sentence, holds, why=""):
    print(f"{'ok     ' if holds else 'FAILED '} {sentence}", flush=True)
    if not holds:
        sys.exit(f"drills: {why}")


class Load:
    """Registrars who share so many devices."""

    def __init__(self, cluster, devices):
        sandbox = cluster.place / "sandbox"
        factory = clients.Factory(sandbox)
        requests = [(f"DRILL-{i}", factory.request(f"DRILL-{i}")) for i in range(devices)]
        edges = [(each.address, cluster.ports["https"]) for each in cluster.of("edge")]
        self.registrars = [clients.Registrar(sandbox, edges, requests[i::REGISTRARS], patient=True)
                           for i in range(REGISTRARS)]
        for each in self.registrars:
            each.start()

    def given(self):
        return [pair for each in self.registrars for pair in list(each.given.items())]

    def answered(self):
        return sum(each.answered for each in self.registrars)

    def faults(self):
        return [fault for each in self.registrars for fault in each.faults]

    def works(self):
        """Waits until more vouchers are given; how long that took, seconds."""
        begun, before = time.monotonic(), self.answered()
        eventually(lambda: self.answered() >= before + 20 or self.faults(), "a voucher")
        return time.monotonic() - begun

    def end(self):
        for each in self.registrars:
            each.end()


# The faults. Each returns when it is over.

def signers_killed(cluster, load):
    for replica in cluster.of("signer"):
        replica.kill()
    time.sleep(1)
    for replica in cluster.of("signer"):
        replica.start()


def authorities_killed(cluster, load):
    for replica in cluster.of("authority"):
        replica.kill()
    for replica in cluster.of("authority"):
        replica.start()


def database_killed(cluster, load):
    cluster.postgres.kill()
    time.sleep(1)
    cluster.postgres.start()


def database_restarted(cluster, load):
    cluster.postgres.stop("fast")
    cluster.postgres.start()


def pooler_restarted(cluster, load):
    """Every connection to the database ends, while the database goes on."""
    cluster.pooler.stop()
    time.sleep(1)
    cluster.pooler.start()


def half_open_clients(cluster, load):
    """As many as an edge takes, who connect and say nothing, or half a request."""
    address = (cluster.of("edge")[0].address, cluster.ports["https"])
    with contextlib.ExitStack() as open_sockets:
        for number in range(200):
            with contextlib.suppress(OSError):
                sock = open_sockets.enter_context(socket.create_connection(address, 5))
                sock.sendall(b"\x16\x03\x01" if number % 2 else b"")
        load.works()


def bad_requests(cluster, load):
    """A flood of what no registrar sends, by one with a certificate."""
    sandbox = cluster.place / "sandbox"
    edge = (cluster.of("edge")[0].address, cluster.ports["https"])
    flood = clients.Registrar(sandbox, [edge], [])
    for number in range(300):
        with contextlib.suppress(OSError):
            status, _ = flood.post(b"\x30\x82" + bytes(number))
            claim("garbage is refused", 400 <= status < 500, status) if number == 0 else None


def disk_full(cluster, load):
    """PostgreSQL stops when it cannot write its log, and is started again."""
    filler = cluster.postgres.folder / "filler"
    with contextlib.suppress(OSError), open(filler, "wb") as file:
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    time.sleep(3)
    filler.unlink()
    if not cluster.postgres.runs():  # it may have survived
        cluster.postgres.start()


FAULTS = {
    "all signers are killed and started": signers_killed,
    "all authorities are killed and started": authorities_killed,
    "the database is killed and started": database_killed,
    "the database is restarted": database_restarted,
    "clients connect and say nothing": half_open_clients,
    "a client floods an edge with garbage": bad_requests,
}
POOLER_FAULTS = {"PgBouncer is restarted": pooler_restarted}
LONG_FAULTS = {"the database's disk is full": disk_full}


def check(cluster, load):
    rows = [tuple(line.split("|")) for line in
            cluster.postgres.sql("masa", checker.VOUCHERS).splitlines()]
    events = [tuple(line.split("|")) for line in
              cluster.postgres.sql("masa", checker.EVENTS).splitlines()]
    found = list(checker.faults(load.given(), rows, events))
    claim(f"the checker finds nothing: {len(load.given())} vouchers in hand, {len(rows)} on record",
          not found, found[:5])


def run_drills(folder, binaries, faults):
    cluster = Cluster(folder, binaries)
    try:
        cluster.prepare()
        if Pooler.is_installed():
            cluster.add_pooler()
            faults = {**faults, **POOLER_FAULTS}
        else:
            print("skipped pgbouncer is not installed; there is no pooler before the database")
        for role in ("signer", "authority", "edge"):
            for number in (1, 2):
                cluster.add(role, number)
        devices = 3000
        path = folder / "devices.csv"
        path.write_text("serial_number,product\n" +
                        "".join(f"DRILL-{i},default\n" for i in range(devices)))
        cluster.masactl("device", "import", path)
        load = Load(cluster, devices)
        load.works()
        for sentence, fault in faults.items():
            fault(cluster, load)
            took = load.works()
            claim(f"{sentence}: it works again after {took:.1f} s",
                  took < BACK_WITHIN and not load.faults(), load.faults()[:3])
        load.end()
        claim("nobody was told anything but to come again", not load.faults(), load.faults()[:3])
        check(cluster, load)
        put_off = sum(each.put_off for each in load.registrars)
        print(f"{load.answered()} vouchers given, {put_off} times told to come again")
    finally:
        cluster.stop()


@contextlib.contextmanager
def small_disk(folder):
    """A file system for the database that can be filled; needs root."""
    (folder / "pg").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "masa", folder / "pg"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder / "pg"], check=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("binaries", nargs="?", default=ROOT.parent / "bazel-bin/services")
    arguments = parser.parse_args()
    faults = dict(FAULTS)
    # Short, since paths of sockets end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="masa-", dir="/tmp") as name, \
            contextlib.ExitStack() as disk:
        os.chmod(name, 0o755)
        folder = pathlib.Path(name)
        if not arguments.short and os.getuid() == 0:
            disk.enter_context(small_disk(folder))
            faults.update(LONG_FAULTS)
        run_drills(folder, pathlib.Path(arguments.binaries).resolve(), faults)


if __name__ == "__main__":
    main()
