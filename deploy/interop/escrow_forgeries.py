#!/usr/bin/env python3
"""Forges escrow bundles, each in another way, for verifiers to find out.

    escrow_forgeries.py BUNDLE.tar OTHER.tar FOLDER

OTHER is a good bundle of another owner by the same manufacturer; `swap` in a
name below takes something from it. Writes FOLDER/NAME.tar for each forgery, and
prints the names.
"""

import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tarfile


def read(path):
    with tarfile.open(path) as tar:
        return [(one.name, tar.extractfile(one).read())
                for one in tar.getmembers()]


def write(path, files):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, octets in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            tar.addfile(entry, io.BytesIO(octets))


def lines_of(files):
    return [line for line in json.loads(dict(files)["devices.json"])["devices"]
            if "reason" not in line]


def replaced(files, name, octets):
    return [(one, octets if one == name else before) for one, before in files]


def flipped(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]


def parts_of(line):
    return [line["file"], "receipts/%s.tlog-proof" % line["voucher_id"],
            "histories/%s.json" % line["voucher_id"]]


def resigned(files, manifest):
    """The manifest, signed by somebody with a root of their own."""
    folder = pathlib.Path(sys.argv[3])
    key, cert, text = (str(folder / name) for name in ("k.pem", "c.pem", "m"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", "/CN=forger", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    pathlib.Path(text).write_bytes(manifest)
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key, text], check=True,
        capture_output=True).stdout
    made = replaced(files, "manifest.json", manifest)
    made = replaced(made, "manifest.sig", signature)
    return replaced(made, "manifest.pem", pathlib.Path(cert).read_bytes())


def without_last_entry(octets):
    history = json.loads(octets)
    history["entries"].pop()
    history["organization_id"] = (
        history["entries"][-1]["to_organization_id"]
        if history["entries"] else "")
    return json.dumps(history).encode()


def with_other_owner(octets):
    history = json.loads(octets)
    history["organization_id"] = "org-thief"
    history["entries"][-1]["to_organization_id"] = "org-thief"
    return json.dumps(history).encode()


def of_fewer(files):
    """A device left out of devices.json too."""
    devices = dict(files)["devices.json"].decode().split("\n")
    at = next(i for i, line in enumerate(devices)
              if '"%s"' % lines_of(files)[0]["file"] in line)
    gone = parts_of(lines_of(files)[0])
    kept = [one for one in files if one[0] not in gone]
    return replaced(kept, "devices.json",
                    "\n".join(devices[:at] + devices[at + 1:]).encode())


def forgeries(files, other):
    first, second = (parts_of(line) for line in lines_of(files)[:2])
    said, theirs = dict(files), dict(other)
    foreign = parts_of(lines_of(other)[0])
    manifest = said["manifest.json"]
    middle = len(said[first[0]]) // 2
    yield "voucher-changed", replaced(
        files, first[0], flipped(said[first[0]], middle))
    yield "voucher-swap", replaced(files, first[0], theirs[foreign[0]])
    yield "voucher-left-out", [one for one in files if one[0] not in first]
    yield "voucher-left-out-everywhere", of_fewer(files)
    yield "voucher-slipped-in", files + [("more.vcj", said[first[0]])]
    yield "voucher-twice", files + [(first[0], said[first[0]])]
    yield "manifest-changed", replaced(
        files, "manifest.json", manifest.replace(b"org-acme", b"org-evil"))
    yield "manifest-swap", [
        (name, theirs[name] if name.startswith("manifest.") else octets)
        for name, octets in files]
    yield "manifest-signed-by-a-stranger", resigned(files, manifest)
    digest = hashlib.sha256(said["devices.json"] + b"\n").hexdigest().encode()
    yield "devices-changed-and-manifest-with-it", replaced(replaced(
        files, "devices.json", said["devices.json"] + b"\n"),
        "manifest.json", manifest.replace(hashlib.sha256(
            said["devices.json"]).hexdigest().encode(), digest))
    yield "receipt-of-another-voucher", replaced(
        files, first[1], said[second[1]])
    yield "receipt-changed", replaced(
        files, first[1], flipped(said[first[1]], 60))
    yield "receipt-left-out", [one for one in files if one[0] != first[1]]
    yield "history-of-another-device", replaced(
        files, first[2], said[second[2]])
    yield "history-swap", replaced(files, first[2], theirs[foreign[2]])
    yield "history-with-another-owner", replaced(
        files, first[2], with_other_owner(said[first[2]]))
    yield "history-without-its-last-entry", replaced(
        files, first[2], without_last_entry(said[first[2]]))
    yield "history-left-out", [one for one in files if one[0] != first[2]]


def main():
    files, other = read(sys.argv[1]), read(sys.argv[2])
    for name, forged in forgeries(files, other):
        write("%s/%s.tar" % (sys.argv[3], name), forged)
        print(name)
    whole = pathlib.Path(sys.argv[1]).read_bytes()
    for name, octets in (("cut-off", whole[:len(whole) * 2 // 3]),
                         ("empty", b""), ("garbage", b"x" * 4096)):
        pathlib.Path("%s/%s.tar" % (sys.argv[3], name)).write_bytes(octets)
        print(name)


if __name__ == "__main__":
    main()
