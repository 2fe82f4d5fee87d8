#!/usr/bin/env python3
"""Checks an escrow bundle without its maker: every device's voucher, its
receipt from the audit log, and the history of who owned the device.

    verify_escrow.py BUNDLE.tar [--anchor FILE.pem] [--voucher-anchor FILE.pem]

Needs Python 3 and the package `cryptography`, and nothing of the service. The
manifest must be signed under --anchor, and vouchers under --voucher-anchor,
which is what devices trust; without them the bundle is held against itself
alone, and the line that says what holds ends with the fingerprints that have to
be compared with the manufacturer's. Whoever does not trust the bundle takes
this program from elsewhere; it is one file, so that it can go alone. Exit status 0 and one line on what holds, or 1 and
one line on the first thing that does not.
"""

import argparse
import base64
import datetime
import hashlib
import json
import sys
import tarfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, padding, rsa, utils)

LARGEST = 1 << 24
CHANGES = ["", "IMPORTED", "ASSIGNED", "TRANSFERRED", "OVERRIDDEN", "RELEASED",
           "CLAIMED"]
# Of vouchers in CBOR: the module's number, and those of leaves behind it.
VOUCHER_SID = 2451
LEAVES = {4: "expires-on", 5: "idevid-issuer", 7: "nonce", 11: "serial-number"}


class Refused(Exception):
    """What was read does not hold; its text says why."""


def demand(holds, why):
    if not holds:
        raise Refused(why)


def sha256(octets):
    return hashlib.sha256(octets).digest()


# --- Signatures and chains. ---------------------------------------------------

def verifies(key, octets, signature, raw=False):
    """ECDSA with the curve's hash, RSASSA-PKCS1-v1_5 or Ed25519; `raw` is r and
    s one behind the other, as JOSE and COSE have them."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, octets)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, octets, padding.PKCS1v15(), hashes.SHA256())
        else:
            if raw:
                half = len(signature) // 2
                signature = utils.encode_dss_signature(
                    int.from_bytes(signature[:half], "big"),
                    int.from_bytes(signature[half:], "big"))
            large = key.curve.key_size > 256
            key.verify(signature, octets,
                       ec.ECDSA(hashes.SHA384() if large else hashes.SHA256()))
        return True
    except (InvalidSignature, ValueError):
        return False


def issued_by(child, parent):
    if child.issuer != parent.subject:
        return False
    key, algorithm = parent.public_key(), child.signature_hash_algorithm
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(child.signature, child.tbs_certificate_bytes)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(child.signature, child.tbs_certificate_bytes,
                       padding.PKCS1v15(), algorithm)
        else:
            key.verify(child.signature, child.tbs_certificate_bytes,
                       ec.ECDSA(algorithm))
        return True
    except (InvalidSignature, ValueError):
        return False


def is_ca(certificate):
    try:
        return certificate.extensions.get_extension_for_class(
            x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def is_valid(certificate, at):
    # Releases of the package have the one or the other; both are in UTC.
    begin, end = (
        (certificate.not_valid_before_utc.replace(tzinfo=None),
         certificate.not_valid_after_utc.replace(tzinfo=None))
        if hasattr(certificate, "not_valid_before_utc") else
        (certificate.not_valid_before, certificate.not_valid_after))
    return begin <= at <= end


def leads_to(certificate, others, anchors, at, depth=0):
    """Whether a chain of valid certificates ends in one of the anchors."""
    if not is_valid(certificate, at):
        return False
    if certificate in anchors:
        return True
    return depth < 8 and any(
        issued_by(certificate, one) and is_ca(one) and
        leads_to(one, others, anchors, at, depth + 1)
        for one in others + anchors if one != certificate)


def from_der(der):
    return x509.load_der_x509_certificate(der)


def from_pem(pem):
    end = b"-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate(part + end)
            for part in pem.split(end) if b"BEGIN CERTIFICATE" in part]


def check_signed(octets, signature, enclosed, known, anchors, at, what,
                 raw=False):
    """Some certificate that came along, or is known, made the signature and
    leads to an anchor."""
    others = enclosed + known
    for certificate in others + anchors:
        if verifies(certificate.public_key(), octets, signature, raw):
            demand(leads_to(certificate, others, anchors, at),
                   "%s is signed by a key that leads to no anchor" % what)
            return
    raise Refused("the signature of %s is not good" % what)


# --- Vouchers: CMS, JWS, COSE. ------------------------------------------------

def der(octets):
    """Tag, content and rest of the first element; definite lengths alone."""
    length, at = octets[1], 2
    if length & 0x80:
        at += length & 0x7f
        length = int.from_bytes(octets[2:at], "big")
    demand(len(octets) >= at + length, "a voucher's DER ends too early")
    return octets[0], octets[at:at + length], octets[at + length:]


def elements(octets):
    found = []
    while octets:
        tag, content, rest = der(octets)
        found.append((tag, content, octets[:len(octets) - len(rest)]))
        octets = rest
    return found


def open_cms(octets):
    """Payload, signed octets, signature, certificates (RFC 5652)."""
    signed_data = elements(elements(elements(octets)[0][1])[1][1])[0][1]
    parts = elements(signed_data)
    payload = elements(elements(parts[2][1])[1][1])[0][1]
    certificates = [from_der(one) for tag, content, _ in parts if tag == 0xa0
                    for _, _, one in elements(content)]
    signers = elements(parts[-1][1])
    demand(len(signers) == 1, "a voucher has not exactly one signer")
    fields = elements(signers[0][1])
    attributes = next((c for t, c, _ in fields if t == 0xa0), None)
    signature = [c for t, c, _ in fields if t == 0x04][-1]
    if attributes is None:
        return payload, payload, signature, certificates
    digest = bytes.fromhex("06092a864886f70d010904")
    named = {elements(c)[0][2]: elements(elements(c)[1][1])[0][1]
             for _, c, _ in elements(attributes)}
    hashed = named.get(digest, b"")
    demand(hashed == (sha256(payload) if len(hashed) == 32
                      else hashlib.sha384(payload).digest()),
           "a voucher's content is not what its signer saw")
    whole = next(w for t, _, w in fields if t == 0xa0)
    return payload, b"\x31" + whole[1:], signature, certificates


def base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def open_jws(octets):
    jws = json.loads(octets)
    demand(len(jws["signatures"]) == 1,
           "a voucher has not exactly one signature")
    one = jws["signatures"][0]
    header = json.loads(base64url(one["protected"]))
    return (base64url(jws["payload"]),
            (one["protected"] + "." + jws["payload"]).encode(),
            base64url(one["signature"]),
            [from_der(base64.b64decode(c)) for c in header.get("x5c", [])])


def cbor(octets, depth=0):
    """The first item, and the rest; definite lengths alone."""
    demand(depth < 8, "a voucher's CBOR is too deep")
    kind, number, rest = octets[0] >> 5, octets[0] & 31, octets[1:]
    if number > 23:
        size = 1 << (number - 24)
        number, rest = int.from_bytes(rest[:size], "big"), rest[size:]
    if kind in (2, 3):
        demand(number <= len(rest), "a voucher's CBOR ends too early")
        text = rest[:number]
        return text if kind == 2 else text.decode(), rest[number:]
    if kind in (4, 5):
        items = []
        for _ in range(number * (kind - 3)):
            item, rest = cbor(rest, depth + 1)
            items.append(item)
        return (items if kind == 4
                else dict(zip(items[::2], items[1::2]))), rest
    if kind == 6:
        return cbor(rest, depth + 1)
    return (number if kind == 0 else -1 - number if kind == 1
            else number == 21), rest


def bstr(octets):
    size = len(octets)
    head = (bytes([0x40 | size]) if size < 24 else bytes([0x58, size])
            if size < 256 else b"\x59" + size.to_bytes(2, "big"))
    return head + octets


def open_cose(octets):
    (protected, unprotected, payload, signature), _ = cbor(octets)
    header = cbor(protected)[0]
    bag = unprotected.get(32) or header.get(32) or unprotected.get(33) or []
    return (payload, b"\x84\x6aSignature1" + bstr(protected) + b"\x40" +
            bstr(payload), signature,
            [from_der(one) for one in ([bag] if isinstance(bag, bytes)
                                       else bag)])


def leaves_of(name, octets):
    """The voucher's leaves, and what check_signed asks of it."""
    if name.endswith(".vch"):
        payload, signed, signature, certificates = open_cose(octets)
        whole = cbor(payload)[0]
        leaves = whole.get(VOUCHER_SID) or whole["ietf-voucher:voucher"]
        leaves = {LEAVES.get(k, k): v for k, v in leaves.items()}
    else:
        opened = open_jws if name.endswith(".vjj") else open_cms
        payload, signed, signature, certificates = opened(octets)
        leaves = json.loads(payload)["ietf-voucher:voucher"]
        if "idevid-issuer" in leaves:
            leaves["idevid-issuer"] = base64.b64decode(leaves["idevid-issuer"])
    return leaves, (signed, signature, certificates)


# --- The log's receipts and the histories. ------------------------------------

def node_hash(left, right):
    return sha256(b"\1" + left + right)


def is_included(leaf, index, size, proof, root):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    at, last, value = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(other, value)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            value = node_hash(value, other)
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def checkpoint_of(note, log_keys):
    """Origin, size and root, signed by one of the log's keys (C2SP)."""
    body, signatures = note[:note.rindex("\n\n") + 1], note.split("\n\n")[-1]
    for line in log_keys:
        name, _, key = line.split("+", 2)
        octets = base64.b64decode(key)
        key_id = sha256(name.encode() + b"\n" + octets)[:4]
        public = ed25519.Ed25519PublicKey.from_public_bytes(octets[1:])
        for said in signatures.splitlines():
            parts = said.split(" ")
            signature = base64.b64decode(parts[-1])
            fields = body.split("\n")
            if (parts[1] == name == fields[0] and signature[:4] == key_id and
                    verifies(public, body.encode(), signature[4:])):
                return int(fields[1]), base64.b64decode(fields[2])
    raise Refused("a receipt's checkpoint is signed by no key of the log")


def check_receipt(text, line, manifest, name):
    lines = text.decode().split("\n")
    demand(lines[0] == "c2sp.org/tlog-proof@v1" and
           lines[1].startswith("extra ") and lines[2].startswith("index "),
           "the receipt of %s is none" % name)
    extra, blank = base64.b64decode(lines[1][6:]), lines.index("")
    size, root = checkpoint_of("\n".join(lines[blank + 1:]),
                               manifest["log_keys"])
    proof = [base64.b64decode(one) for one in lines[3:blank]]
    demand(is_included(sha256(b"\0" + sha256(extra)), int(lines[2][6:]), size,
                       proof, root),
           "the log does not have what the receipt of %s says" % name)
    event = json.loads(extra[16:])
    demand(event["kind"] == "voucher-issued" and
           event["tenant_id"] == manifest["tenant_id"] and
           event["voucher_id"] == line["voucher_id"].replace("-", "") and
           event["voucher_sha256"] == line["sha256"],
           "the receipt of %s is of another voucher" % name)


def micros_of(text):
    whole, _, part = text.rstrip("Z").partition(".")
    at = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    since = at - datetime.datetime(1970, 1, 1)
    return (since.days * 86400 + since.seconds) * 10**6 + int(
        (part + "000000")[:6])


def entry_hash(entry, device_id):
    owners = b"".join(len(one.encode()).to_bytes(2, "big") + one.encode()
                      for one in (entry["from_organization_id"],
                                  entry["to_organization_id"]))
    change = CHANGES.index(entry["change"][len("OWNER_CHANGE_"):])
    return sha256(b"\0\1" + device_id + entry["number"].to_bytes(4, "big") +
                  base64.b64decode(entry["prev_hash"]) +
                  bytes([change, entry["opens_past"]]) +
                  micros_of(entry["at"]).to_bytes(8, "big") + owners)


def check_root(entry, leaf, manifest, anchors, name):
    root = entry["root"]
    signed = base64.b64decode(root["signed_root"])
    title, tenant = b"MASA ownership root v1\0", manifest["tenant_id"].encode()
    front = title + len(tenant).to_bytes(2, "big") + tenant
    demand(signed.startswith(front) and len(signed) == len(front) + 52,
           "the history of %s is another manufacturer's" % name)
    proof = [base64.b64decode(one) for one in entry["inclusion_proof"]]
    demand(is_included(leaf, entry["leaf_index"],
                       int.from_bytes(signed[-36:-32], "big"), proof,
                       signed[-32:]),
           "entry %d in the history of %s is not the one that was signed" %
           (entry["number"], name))
    at = datetime.datetime.strptime(root["sign_time"][:19],
                                    "%Y-%m-%dT%H:%M:%S")
    chain = [from_der(base64.b64decode(one)) for one in root["chain_der"]]
    check_signed(signed, base64.b64decode(root["signature"]), chain[:1],
                 chain[1:], anchors, at, "the history of " + name)


def check_history(text, line, manifest, anchors, name):
    entries = json.loads(text)["entries"]
    demand(entries, "the history of %s is empty" % name)
    issuer = bytes.fromhex(line.get("idevid_issuer", ""))
    device_id = sha256(b"\0".join([manifest["tenant_id"].encode(),
                                   line["serial_number"].encode(),
                                   issuer]))[:16]
    before = None
    for entry in entries:
        demand(before is None or (
            entry["number"] == before[0] + 1 and
            base64.b64decode(entry["prev_hash"]) == before[1] and
            entry["from_organization_id"] == before[2]),
            "an entry in the history of %s does not follow the one before" %
            name)
        leaf = entry_hash(entry, device_id)
        check_root(entry, leaf, manifest, anchors, name)
        before = entry["number"], leaf, entry["to_organization_id"]
    demand(before[2] == manifest["organization_id"],
           "the history of %s ends with %r as the owner" % (name, before[2]))


# --- The bundle. --------------------------------------------------------------

class Bundle:
    """A tar's files, one after the other."""

    def __init__(self, path):
        self.tar = tarfile.open(path, "r:")

    def next(self, name, largest=LARGEST):
        entry = self.tar.next()
        self.tar.members = []
        demand(entry is not None and entry.isfile() and entry.name == name,
               "where %s belongs is %s" % (
                   name, entry.name if entry is not None else "nothing"))
        demand(entry.size <= largest, "%s is too large" % name)
        return self.tar.extractfile(entry).read()

    def check_end(self):
        entry = self.tar.next()
        demand(entry is None, "%s belongs to no device" % (
            entry.name if entry is not None else ""))


def check_manifest(bundle, anchor_file):
    text = bundle.next("manifest.json")
    signature = bundle.next("manifest.sig")
    chain = from_pem(bundle.next("manifest.pem"))
    manifest = json.loads(text)
    demand(manifest["form"] == "MASA escrow manifest v1",
           "the manifest is of another form")
    anchors = [from_der(base64.b64decode(one))
               for one in manifest["ownership_anchors"]]
    trusted = anchors
    if anchor_file:
        with open(anchor_file, "rb") as file:
            trusted = from_pem(file.read())
    manifest["time"] = datetime.datetime.strptime(manifest["at"],
                                                  "%Y-%m-%dT%H:%M:%SZ")
    check_signed(text, signature, chain[:1], chain[1:], trusted,
                 manifest["time"], "the manifest")
    return manifest, anchors


def check_voucher(octets, line, manifest, anchors, known):
    name = line["file"]
    demand(sha256(octets).hex() == line["sha256"],
           "the voucher %s is not the one of the manifest" % name)
    leaves, (signed, signature, certificates) = leaves_of(name, octets)
    check_signed(signed, signature, certificates, known, anchors,
                 manifest["time"], "the voucher " + name,
                 not name.endswith(".vcj"))
    issuer = bytes.fromhex(line.get("idevid_issuer", ""))
    demand(leaves["serial-number"] == line["serial_number"] and
           leaves.get("idevid-issuer", b"").endswith(issuer),
           "the voucher %s is another device's" % name)
    demand("nonce" not in leaves, "the voucher %s has a nonce" % name)
    ends = leaves.get("expires-on", "")
    now = datetime.datetime.now(datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")
    demand(not ends or ends > now, "the voucher %s has ended" % name)
    return ends


def run(path, anchor_file, voucher_anchor_file):
    bundle = Bundle(path)
    manifest, anchors = check_manifest(bundle, anchor_file)
    bundle.next("verify_escrow.py")
    devices = bundle.next("devices.json", 1 << 31)
    demand(sha256(devices).hex() == manifest["devices_sha256"],
           "devices.json is not the one of the manifest")
    voucher_anchors = [from_der(base64.b64decode(one))
                       for one in manifest["voucher_anchors"]]
    known = [from_der(base64.b64decode(one))
             for one in manifest["voucher_certificates"]]
    if voucher_anchor_file:
        with open(voucher_anchor_file, "rb") as file:
            voucher_anchors = from_pem(file.read())
    lines = json.loads(devices)["devices"]
    issued = [line for line in lines if "reason" not in line]
    demand(len(issued) == manifest["issued"] and
           len(lines) == manifest["issued"] + manifest["refused"],
           "devices.json has not as many devices as the manifest")
    ends = set()
    for line in issued:
        name = line["file"]
        ends.add(check_voucher(bundle.next(name), line, manifest,
                               voucher_anchors, known))
        check_receipt(bundle.next("receipts/%s.tlog-proof" %
                                  line["voucher_id"]), line, manifest, name)
        check_history(bundle.next("histories/%s.json" % line["voucher_id"]),
                      line, manifest, anchors, name)
    bundle.check_end()
    said = "%d vouchers of %s, each with its receipt and its history" % (
        len(issued), manifest["organization_id"])
    ends.discard("")
    if ends:
        said += "; the first ends on " + min(ends)
    if manifest["refused"]:
        said += "; %d devices got none" % manifest["refused"]
    for what, file, ours in (
            ("manifest", anchor_file, anchors),
            ("vouchers", voucher_anchor_file, voucher_anchors)):
        if not file:
            said += "; compare SHA-256 of the anchor of %s: %s" % (
                what, " or ".join(one.fingerprint(hashes.SHA256()).hex()
                                  for one in ours))
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--anchor", help="PEM, of the manifest and histories")
    parser.add_argument("--voucher-anchor", help="PEM, as devices trust it")
    words = parser.parse_args()
    try:
        print("holds: " + run(words.bundle, words.anchor,
                              words.voucher_anchor))
        return 0
    except Refused as fault:
        print("does not hold: %s" % fault, file=sys.stderr)
    except OSError as fault:
        print("does not hold: it cannot be read: %s" % fault,
              file=sys.stderr)
    except (ValueError, KeyError, IndexError, TypeError,
            AttributeError, StopIteration, RecursionError,
            tarfile.TarError) as fault:
        print("does not hold: a part is malformed: %r" % fault,
              file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
