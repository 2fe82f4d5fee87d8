#!/usr/bin/env python3
"""The scenarios of load-tests/scenarios/cluster against clusters of 1, 2 and 4
replicas of each role, as processes of one machine:

    replicas.py --out DIR [--counts N...]

Writes DIR/NAME-COUNT.json; fails where a budget does not hold, or a voucher that
a client was given is not on record once.
"""

import argparse
import base64
import os
import pathlib
import ssl
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "deploy/cluster"))

import checker  # noqa: E402
import plan  # noqa: E402
from cluster import Cluster, run  # noqa: E402

ROLES = ("signer", "authority", "edge")  # as each needs the one before it
BARE = "bare"  # a database with the same schema and no devices, for limits
LOAD_TESTS = ROOT / "bazel-bin/load-tests"


def mint(cluster, work, devices):
    """Devices, and their makers among those whom the sandbox's tenant trusts."""
    work.mkdir()
    run(LOAD_TESTS / "request_voucher", "mint", work, devices)
    catalog = cluster.place / "secrets/catalog.yaml"
    told = yaml.safe_load(catalog.read_text())
    anchors = told["tenants"][0].setdefault("idevid_anchors_der", [])
    for path in sorted(work.glob("issuer-*.pem")):
        der = ssl.PEM_cert_to_DER_cert(path.read_text())
        anchors.append(base64.b64encode(der).decode())
    catalog.write_text(yaml.safe_dump(told))


def grow(cluster, count):
    for role in ROLES:
        for number in range(len(cluster.of(role)) + 1, count + 1):
            cluster.add(role, number)


def addresses(cluster, role, listener):
    return [word for each in cluster.of(role)
            for word in (f"--{'https' if role == 'edge' else 'api'}",
                         f"{each.address}:{cluster.ports[listener]}")]


def superuser_url(cluster, database):
    return f"postgresql:///{database}?host={cluster.postgres.folder}&user=postgres"


def hammer(cluster, folder, scenario, first, out):
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(scenario))
    processes = [word for each in cluster.replicas for word in ("--masad", each.process.pid)]
    postmaster = (cluster.postgres.folder / "data/postmaster.pid").read_text().splitlines()[0]
    run(LOAD_TESTS / "hammer/hammer", path, "--sandbox", cluster.place, "--work", folder / "work",
        *addresses(cluster, "edge", "https"), *addresses(cluster, "authority", "api"),
        "--first", first, *processes, "--postgres", postmaster, "--journal", folder / "journal",
        "--database", superuser_url(cluster, "masa"),
        "--bare-database", superuser_url(cluster, BARE),
        "--out", out / f"{scenario['name']}.json")


def check(cluster, folder):
    vouchers, _ = checker.read_journal(folder / "journal")
    found = list(checker.faults(vouchers, cluster.rows(checker.VOUCHERS),
                                cluster.rows(checker.EVENTS)))
    if found:
        sys.exit(f"replicas: {found[:5]}")


def measure(folder, binaries, counts, out):
    scenarios = [yaml.safe_load(path.read_text())
                 for path in sorted((ROOT / "load-tests/scenarios/cluster").glob("*.yaml"))]
    cluster = Cluster(folder, binaries)
    try:
        needed = sum(map(plan.taken, scenarios)) * len(counts)
        mint(cluster, folder / "work", needed)
        cluster.prepare()
        cluster.postgres.sql("postgres", f"CREATE DATABASE {BARE} TEMPLATE masa")
        first = 0
        for count in counts:
            grow(cluster, count)
            if first == 0:
                cluster.masactl("device", "import", folder / "work/devices.csv")
            for scenario in scenarios:
                named = {**scenario, "name": f"{scenario['name']}-{count}",
                         "curve": {**scenario["curve"], "size": count}}
                print(f"run: {named['name']}", file=sys.stderr, flush=True)
                hammer(cluster, folder, named, first, out)
                first += plan.taken(scenario)
        check(cluster, folder)
    finally:
        cluster.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    # Short, since paths of sockets end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="masa-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        measure(pathlib.Path(name), ROOT / "bazel-bin/services", arguments.counts,
                arguments.out.resolve())


if __name__ == "__main__":
    main()
