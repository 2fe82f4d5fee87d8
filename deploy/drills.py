#!/usr/bin/env python3
"""Faults, while registrars who come again when they are told to ask for vouchers, and
a factory line for certificates:

    deploy/drills.py [--short] [--sanitized] [--older BIN] [BIN]      (built here)

Behind an HSM, authorities reach the database through PgBouncer where that is
installed. After each fault the service comes back by itself within half a minute. In
the end every voucher and certificate that a client holds is in its table and in the
audit log, once, and nothing is half-written (load-tests/checker.py); and the log holds against its
signed checkpoints. `--short` leaves out what needs root or takes long.
`--sanitized` builds masad with ASan and UBSan and fails at their first report.
`--older` names the binaries of another version, which take a replica's place in
each role in turn.
"""

import argparse
import contextlib
import functools
import itertools
import os
import pathlib
import re
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
import strangers  # noqa: E402
from cluster import MOST_CONNECTIONS, Cluster, Pooler, eventually, run  # noqa: E402
from hsm import HsmCluster  # noqa: E402
from standby import Standby  # noqa: E402
from stepped_clock import SteppedClock  # noqa: E402

REGISTRARS = 4
DEVICES = 20_000  # more than get a voucher before the last fault is over
BACK_WITHIN = 30  # seconds
DISK = "600m"  # of the database
AHEAD = 1800  # seconds that clocks step
BACK = -240  # a request may be five minutes ahead of who judges it
SLOW_SIGNATURE = 200_000  # microseconds
FLOOD = 200  # requests or handshakes, before it counts as one
STRANGER = "127.9.9.9"  # an address that is no registrar's
REPORTS = re.compile("AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior")
NOT_OURS = ROOT / "cluster" / "leaks.supp"


def claim(sentence, holds, why=""):
    print(f"{'ok     ' if holds else 'FAILED '} {sentence}", flush=True)
    if not holds:
        sys.exit(f"drills: {why}")


class Load:
    """Registrars who share the devices, and a factory line that makes some. What they
    ask for is signed and committed: a voucher that is asked for again is neither, so
    every other request of a registrar is a fresh device's."""

    def __init__(self, cluster):
        sandbox = cluster.place / "sandbox"
        factory = clients.Factory(sandbox)

        def fresh(numbers):
            names = (f"DRILL-{i}" for i in numbers)
            return clients.with_repeats((name, factory.request(name)) for name in names)
        edges = [(each.address, cluster.ports["https"]) for each in cluster.of("edge")]
        self.registrars = [
            clients.Registrar(sandbox, edges, fresh(range(i, DEVICES, REGISTRARS)), patient=True)
            for i in range(REGISTRARS)]
        names = (f"LINE-{i}" for i in itertools.count())
        self.line = clients.FactoryLine(
            sandbox, edges, ((name, clients.enrollment(name)) for name in names), patient=True)
        self.clients = [*self.registrars, self.line]
        for each in self.clients:
            each.start()

    def given(self):
        """Vouchers."""
        return [pair for each in self.registrars for pair in list(each.given.items())]

    def certificates(self):
        return list(self.line.given.items())

    def put_off(self):
        return sum(each.put_off for each in self.clients)

    def faults(self):
        return [fault for each in self.clients for fault in each.faults]

    def works(self):
        """Waits until more vouchers and certificates are given that nobody had before;
        how long that took, seconds."""
        begun = time.monotonic()
        vouchers, certificates = len(self.given()) + 20, len(self.certificates()) + 3
        eventually(lambda: self.faults() or (len(self.given()) >= vouchers and
                                             len(self.certificates()) >= certificates),
                   "a new voucher or certificate")
        return time.monotonic() - begun

    def end(self):
        for each in self.clients:
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
    """One host that connects more often than an edge takes, and says nothing, or half a request."""
    address = (cluster.of("edge")[0].address, cluster.ports["https"])
    with contextlib.ExitStack() as open_sockets:
        for number in range(MOST_CONNECTIONS + 100):
            with contextlib.suppress(OSError):
                sock = open_sockets.enter_context(
                    socket.create_connection(address, 5, source_address=(STRANGER, 0)))
                sock.sendall(b"\x16\x03\x01" if number % 2 else b"")
        load.works()


def works_meanwhile(load, crowd, enough):
    """Others get their vouchers while a crowd comes, and it has come indeed."""
    with crowd as done:
        load.works()
        eventually(lambda: len(done) >= enough, "a crowd")
        load.works()
    return done


def slow_clients(cluster, load):
    """Who say their request octet by octet, to both edges."""
    works_meanwhile(load, strangers.slow_clients(cluster), FLOOD // 10)


def handshakes(cluster, load):
    works_meanwhile(load, strangers.handshakes(cluster), FLOOD)


def bad_requests(cluster, load):
    """What no registrar sends, by some with a certificate."""
    said = works_meanwhile(load, strangers.bad_requests(cluster), FLOOD)
    claim(f"{len(said)} times garbage is refused: {sorted(set(said))}",
          all(400 <= status < 500 or status == 503 for status in said), set(said))


def clock_stepped(cluster, load, seconds):
    """Of all roles; the database and the registrars keep the time."""
    cluster.clock.step(seconds)
    load.works()
    cluster.clock.step(0)


def hsm_hangs(cluster, load):
    """Of one signer: the other one works meanwhile."""
    cluster.tell(cluster.of("signer")[0], "hang")
    load.works()
    cluster.tell(cluster.of("signer")[0], "")


def hsm_fails(cluster, load):
    """Of both: nobody gets a voucher, and everybody is told to come again."""
    before = load.put_off()
    for replica in cluster.of("signer"):
        cluster.tell(replica, "fail")
    eventually(lambda: load.put_off() > before + 5, "an answer that says to come again")
    for replica in cluster.of("signer"):
        cluster.tell(replica, "")


def hsm_slow(cluster, load):
    for replica in cluster.of("signer"):
        cluster.tell(replica, f"slow {SLOW_SIGNATURE}")
    load.works()
    for replica in cluster.of("signer"):
        cluster.tell(replica, "")


def database_failed_over(cluster, load):
    """To a standby that has what was committed; the primary never comes back."""
    standby = Standby(cluster.standby_folder, cluster.postgres)
    load.works()
    cluster.postgres.kill()
    standby.promote()
    cluster.postgres = standby


def another_version(older, cluster, load):
    """One replica of each role, one role after the other."""
    for role in ("signer", "authority", "edge"):
        for binaries in (older, None):
            replica = cluster.of(role)[0]
            cluster.remove(replica)
            load.works()
            replica.end()
            cluster.add(role, int(replica.name.rsplit("-", 1)[1]), binaries)
            load.works()


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
    "clients say their requests octet by octet": slow_clients,
    "handshakes flood the edges": handshakes,
    "garbage floods the edges": bad_requests,
    "all clocks step half an hour ahead and back":
        functools.partial(clock_stepped, seconds=AHEAD),
    "all clocks step four minutes back and ahead":
        functools.partial(clock_stepped, seconds=BACK),
}
POOLER_FAULTS = {"PgBouncer is restarted": pooler_restarted}
LONG_FAULTS = {"the database's disk is full": disk_full}
# The database that was the first one is gone after it.
LAST_FAULTS = {"the database fails over to its standby": database_failed_over}
HSM_FAULTS = {
    "the HSM of one signer hangs": hsm_hangs,
    "the HSM of all signers fails": hsm_fails,
    "the HSM of all signers takes its time": hsm_slow,
}


def check(cluster, load):
    given, certificates = load.given(), load.certificates()
    claim("vouchers and certificates are in hand, and devices are left",
          0 < len(given) < DEVICES and certificates, f"{len(given)}, {len(certificates)}")
    rows, enrolled = cluster.rows(checker.VOUCHERS), cluster.rows(checker.CERTIFICATES)
    found = list(checker.faults(given, rows, cluster.rows(checker.EVENTS)))
    found += checker.certificate_faults(certificates, enrolled, cluster.rows(checker.ENROLLMENTS),
                                        cluster.rows(checker.ENROLLED))
    claim(f"the checker finds nothing: {len(given)} vouchers in hand, {len(rows)} on record, "
          f"{len(certificates)} certificates in hand, {len(enrolled)} on record",
          not found, found[:5])
    told = cluster.masactl("audit", "verify", "--log-key",
                           cluster.place / "sandbox" / cluster.log_certificate)
    claim("the audit log holds against its checkpoints", True, told)


def check_reports(cluster):
    """What a sanitizer says ends its process, or stands in its last words."""
    found = [f"{path.name}: {line}" for path in cluster.folder.glob("*.log")
             for line in path.read_text(errors="replace").splitlines() if REPORTS.search(line)]
    claim("no sanitizer has anything to report", not found, found[:3])


def start(cluster, is_pooled):
    cluster.prepare()
    if is_pooled:
        cluster.add_pooler()
    for role in ("signer", "authority", "edge"):
        for number in (1, 2):
            cluster.add(role, number)
    path = cluster.folder / "devices.csv"
    path.write_text("serial_number,product\n" +
                    "".join(f"DRILL-{i},default\n" for i in range(DEVICES)))
    cluster.masactl("device", "import", path)


def run_drills(cluster, faults, is_pooled=False):
    try:
        start(cluster, is_pooled)
        load = Load(cluster)
        load.works()
        for sentence, fault in faults.items():
            fault(cluster, load)
            took = load.works()
            claim(f"{sentence}: it works again after {took:.1f} s",
                  took < BACK_WITHIN and not load.faults(), load.faults()[:3])
        load.end()
        claim("nobody was told anything but to come again", not load.faults(), load.faults()[:3])
        check(cluster, load)
        print(f"{len(load.given())} vouchers and {len(load.certificates())} certificates given, "
              f"{load.put_off()} times told to come again")
        bad = [each.name for each in cluster.replicas if not each.end()]
        check_reports(cluster)
        claim("every process ends in order", not bad, bad)
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


def built(*options):
    """The binaries, built so: `bazel-bin` has them as somebody built them last."""
    targets = ("//services/masad", "//services/masactl", "//services/testing:make_sandbox",
               "//services/signing/pkcs11:libtest_misbehaving_module.so")
    run("bazel", "build", *options, *targets, cwd=ROOT.parent)
    return run("bazel", "info", *options, "bazel-bin", cwd=ROOT.parent).strip() + "/services"


@contextlib.contextmanager
def place(disk=False):
    # Short, since paths of sockets end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="masa-", dir="/tmp") as name, \
            contextlib.ExitStack() as more:
        os.chmod(name, 0o755)
        if disk:
            more.enter_context(small_disk(pathlib.Path(name)))
        yield pathlib.Path(name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("--older", type=pathlib.Path)
    parser.add_argument("binaries", nargs="?")
    arguments = parser.parse_args()
    chosen = arguments.binaries or built(*["--config=asan"] * arguments.sanitized)
    binaries = pathlib.Path(chosen).resolve()
    # The clock's library comes before a sanitizer's, which would be the first of all;
    # and who leaked is only seen through libraries that keep no frame pointers.
    os.environ["ASAN_OPTIONS"] = "verify_asan_link_order=0:fast_unwind_on_malloc=0"
    os.environ["LSAN_OPTIONS"] = f"suppressions={NOT_OURS}:print_suppressions=0"
    faults = dict(FAULTS)
    if arguments.older:
        faults["replicas of another version come and go"] = functools.partial(
            another_version, arguments.older.resolve())
    has_disk = not arguments.short and os.getuid() == 0
    faults.update(LONG_FAULTS if has_disk else {})
    faults.update(LAST_FAULTS)
    with place(has_disk) as folder:
        cluster = Cluster(folder, binaries)
        cluster.clock = SteppedClock(folder)
        cluster.variables = cluster.clock.environment()
        run_drills(cluster, faults)
    with place() as folder:
        is_pooled = Pooler.is_installed()
        if not is_pooled:
            print("skipped pgbouncer is not installed; there is no pooler before the database")
        faults = {**HSM_FAULTS, **(POOLER_FAULTS if is_pooled else {})}
        run_drills(HsmCluster(folder, binaries), faults, is_pooled)


if __name__ == "__main__":
    main()
