#!/usr/bin/env python3
"""Two edges, three authorities and two signers as processes behind DNS names,
under registrars and operators who never pause: replicas are killed, join and are
replaced, and nobody is told no.

    deploy/cluster_test.py [BIN]      (bazel-bin/services)

At the end clients, table and audit log have the same vouchers, each once. Needs
dnsmasq and Debian's python3-grpcio.
"""

import collections
import itertools
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "cluster"))

import clients  # noqa: E402
from cluster import Cluster, eventually  # noqa: E402

DEVICES = 2000
REGISTRARS = 4


def claim(sentence, holds, why=""):
    print(f"{'ok     ' if holds else 'FAILED '} {sentence}", flush=True)
    if not holds:
        sys.exit(f"cluster_test: {why}")


class Load:
    """Registrars who share the devices, and operators."""

    def __init__(self, cluster, folder):
        sandbox = cluster.place / "sandbox"
        self.serials = [f"CLUSTER-{i}" for i in range(DEVICES)]
        factory = clients.Factory(sandbox)
        requests = [(serial, factory.request(serial)) for serial in self.serials]
        edges = [(each.address, cluster.ports["https"]) for each in cluster.of("edge")]
        self.registrars = [
            clients.Registrar(sandbox, edges[i % len(edges):] + edges[:i % len(edges)],
                              itertools.cycle(requests[i::REGISTRARS]))
            for i in range(REGISTRARS)]
        pb2 = clients.messages(folder)
        target = cluster.names.target("authority", cluster.ports["api"])
        self.operators = [clients.Operator(sandbox, target, pb2, self.serials) for _ in range(2)]

    def start(self):
        for client in self.registrars + self.operators:
            client.start()

    def vouchers(self):
        return {serial: digest for each in self.registrars
                for serial, digest in each.given.items()}

    def answered(self):
        return sum(each.answered for each in self.registrars)

    def faults(self):
        return [fault for each in self.registrars + self.operators for fault in each.faults]

    def pass_on(self):
        """Waits until some more were answered, so that it is under load."""
        enough = self.answered() + 150
        eventually(lambda: self.answered() >= enough or self.faults(), "an answer")

    def end(self):
        """Each after the answer that it waits for."""
        for client in self.registrars + self.operators:
            client.end()

    def resolves(self):
        return sum(len(each.given) for each in self.operators)


def import_devices(cluster, folder):
    devices = folder / "devices.csv"
    devices.write_text("serial_number,product\n" +
                       "".join(f"CLUSTER-{i},default\n" for i in range(DEVICES)))
    cluster.masactl("device", "import", devices)


def replace(cluster, load, replica):
    """As a rolling update does: out of DNS, told to end, a new one in its place."""
    number = replica.name.rsplit("-", 1)[1]
    cluster.remove(replica)
    load.pass_on()
    claim(f"{replica.name} ends in order when it is replaced", replica.end(),
          replica.log.read_text()[-500:])
    return cluster.add(replica.role, number)


def kill_one_of_each(cluster, load):
    for role in ("signer", "authority", "edge"):
        replica = cluster.of(role)[0]
        replica.kill()
        load.pass_on()
        claim(f"{replica.name} is killed, and nobody is told no", not load.faults(), load.faults())
        cluster.remove(replica)
        cluster.add(role, replica.name.rsplit("-", 1)[1])
        load.pass_on()


def check_spread(cluster):
    for role, series in (("edge", "masa_https_requests_total"),
                         ("authority", "masa_voucher_requests_total"),
                         ("signer", "grpc_server_started_total")):
        check_spread_of(cluster, role, series)


def check_spread_of(cluster, role, series):
    def counts():
        return {each.name: each.counter(series) for each in cluster.of(role)}
    eventually(lambda: all(counts().values()), f"load for all {role}s")
    claim(f"the load spreads over all {role}s: {counts()}", True)


def check_counts(cluster, load):
    given = load.vouchers()
    rows = cluster.postgres.sql(
        "masa", "SELECT d.serial_number, encode(sha256(v.voucher), 'hex') FROM vouchers v "
        "JOIN devices d USING (bucket, device_id)").splitlines()
    stored = collections.Counter(tuple(row.split("|")) for row in rows)
    claim("the table has those that the clients have, each once",
          stored == collections.Counter(given.items()),
          f"{len(stored)} stored, {sum(stored.values())} rows, {len(given)} given")
    events = int(cluster.postgres.sql(
        "masa", "SELECT count(DISTINCT device_id) FROM audit_events WHERE kind = 'voucher-issued'"))
    all_events = int(cluster.postgres.sql(
        "masa", "SELECT count(*) FROM audit_events WHERE kind = 'voucher-issued'"))
    claim("and so has the audit log", events == all_events == len(given), f"{events}, {all_events}")


def drill(folder, binaries):
    cluster = Cluster(folder, binaries)
    try:
        cluster.prepare()
        for role, count in (("signer", 2), ("authority", 2), ("edge", 2)):
            for number in range(1, count + 1):
                cluster.add(role, number)
        import_devices(cluster, folder)
        load = Load(cluster, folder)
        load.start()
        load.pass_on()
        cluster.add("authority", 3)
        kill_one_of_each(cluster, load)
        for replica in list(cluster.replicas):
            replace(cluster, load, replica)
        claim("no request failed in a rolling restart of all roles", not load.faults(),
              load.faults())
        check_spread(cluster)
        load.end()
        claim("no request failed", not load.faults(), load.faults()[:3])
        check_counts(cluster, load)
        repeated = sum(each.repeated for each in load.registrars)
        print(f"{load.answered()} vouchers given, {load.resolves()} resolves, {repeated} questions asked again "
              "after a connection broke")
    finally:
        cluster.stop()


def main():
    binaries = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                            else ROOT.parent / "bazel-bin/services").resolve()
    # Short, since paths of sockets end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="masa-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        drill(pathlib.Path(name), binaries)


if __name__ == "__main__":
    main()
