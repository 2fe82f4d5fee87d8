#!/usr/bin/env python3
"""Reads and checks a transparency log, from C2SP's texts alone.

Written from c2sp.org/signed-note, /tlog-checkpoint, /tlog-tiles and /tlog-proof
and RFC 6962, without a line of the service's own code, so that who trusts
neither the service nor its makers can check the audit log. Needs Python 3 and
`cryptography`.

    tlog_verifier.py note KEY FILE           a checkpoint is signed by the key
    tlog_verifier.py log KEY FOLDER          tiles and entries are those of the
                                             folder's checkpoint, and of each
                                             older one in checkpoints/
    tlog_verifier.py proof KEY FILE          a receipt holds
    tlog_verifier.py key KEY                 the key's line, to publish
    tlog_verifier.py grown KEY OLDER FOLDER  the folder's log begins with the one
                                             that the older checkpoint is of

KEY is a line name+hash+base64, or a file with it, or a PEM certificate of an
Ed25519 key with its log's name before it: NAME=FILE.pem. Exit status 0 and one
line on what holds, or 1 and one line on what does not.
"""

import base64
import binascii
import hashlib
import os
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
TITLE = "c2sp.org/tlog-proof@v1"
HASH = 32
WIDTH = 256
SALT = 16


class Refused(Exception):
    """What was read does not hold; its text says why."""


def sha256(octets):
    return hashlib.sha256(octets).digest()


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def from_base64(text):
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("%r is not base64" % text)
    if base64.b64encode(octets).decode() != text:
        raise Refused("%r is not base64 as it is written" % text)
    return octets


class Key:
    """A verifier key: name, id, and the Ed25519 key itself."""

    def __init__(self, name, public):
        self.name = name
        self.public = public
        self.id = sha256(name.encode() + b"\n" + ED25519 + public)[:4]

    @staticmethod
    def read(text):
        if "=" in text and not text.endswith("="):
            name, path = text.split("=", 1)
            with open(path, "rb") as file:
                certificate = x509.load_pem_x509_certificate(file.read())
            return Key(name, certificate.public_key().public_bytes(
                Encoding.Raw, PublicFormat.Raw))
        if os.path.exists(text):
            with open(text, encoding="utf-8") as file:
                text = file.read().strip()
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Refused("a key is written as name+hash+base64")
        octets = from_base64(parts[2])
        key = Key(parts[0], octets[1:])
        if octets[:1] != ED25519 or len(octets) != 33 or (
                key.id.hex() != parts[1]):
            raise Refused("the key's hash is not its own, or it is no Ed25519")
        return key

    def line(self):
        octets = ED25519 + self.public
        return "%s+%s+%s" % (self.name, self.id.hex(),
                             base64.b64encode(octets).decode())

    def verifies(self, text, signature):
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(
                signature, text)
            return True
        except InvalidSignature:
            return False


class Checkpoint:
    """What a signed note says of a log."""

    def __init__(self, note, key):
        try:
            text = note.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the note is not UTF-8")
        blank = text.rfind("\n\n")
        if blank < 0 or not text.endswith("\n"):
            raise Refused("the note has no signatures")
        body, lines = text[:blank + 1], text[blank + 2:].split("\n")[:-1]
        signed = False
        for line in lines[:16]:
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != "\u2014":
                raise Refused("the note has a line that is no signature")
            octets = from_base64(parts[2])
            if parts[1] != key.name or octets[:4] != key.id:
                continue  # another's
            if not key.verifies(body.encode(), octets[4:]):
                raise Refused("the signature of %s is not good" % key.name)
            signed = True
        if not signed:
            raise Refused("the note is not signed by %s" % key.name)
        fields = body.split("\n")
        if len(fields) < 4 or not fields[1].isdigit() or (
                str(int(fields[1])) != fields[1]):
            raise Refused("the note is no checkpoint")
        self.origin, self.size = fields[0], int(fields[1])
        self.root = from_base64(fields[2])
        if self.origin != key.name or len(self.root) != HASH:
            raise Refused("the checkpoint is of another log")


def root_of(hashes):
    """RFC 6962 section 2.1, over leaf hashes."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def inclusion_holds(leaf, index, size, proof, root):
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


def consistency_holds(first, first_root, second, second_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def number_path(number):
    path = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        path = "x%03d/%s" % (number % 1000, path)
    return path


def file_name(kind, number, width):
    name = "tile/%s/%s" % (kind, number_path(number))
    return name if width == WIDTH else "%s.p/%d" % (name, width)


class Folder:
    """A log's static files."""

    def __init__(self, path):
        self.path = path

    def read(self, name):
        try:
            with open(os.path.join(self.path, name), "rb") as file:
                return file.read()
        except OSError:
            raise Refused("there is no %s" % name)

    def has(self, name):
        return os.path.exists(os.path.join(self.path, name))

    def found(self, kind, number, width):
        """A file's name and width: a full one may have replaced it."""
        name, full = (file_name(kind, number, w) for w in (width, WIDTH))
        return (full, WIDTH) if self.has(full) and not self.has(name) else (
            name, width)

    def tile(self, level, number, size):
        hashes = size >> (8 * level)
        width = min(WIDTH, hashes - number * WIDTH)
        name, there = self.found(level, number, width)
        octets = self.read(name)
        if len(octets) != there * HASH:
            raise Refused("%s is not %d hashes" % (name, there))
        return [octets[i:i + HASH] for i in range(0, width * HASH, HASH)]

    def entries(self, number, size):
        width = min(WIDTH, size - number * WIDTH)
        name, there = self.found("entries", number, width)
        octets, entries = self.read(name), []
        while octets:
            length = int.from_bytes(octets[:2], "big")
            if len(octets) < 2 + length:
                raise Refused("%s ends within an entry" % name)
            entries.append(octets[2:2 + length])
            octets = octets[2 + length:]
        if len(entries) != there:
            raise Refused("%s has %d entries" % (name, len(entries)))
        return entries[:width]


def perfect(hashes):
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1])
                  for i in range(0, len(hashes), 2)]
    return hashes[0]


def root_from_tiles(folder, size):
    """From the tiles at the tree's right edge."""
    roots = []
    for level in range(7, -1, -1):
        count = (size >> (8 * level)) % WIDTH
        if not count:
            continue
        number = (size >> (8 * level)) // WIDTH
        tile, first = folder.tile(level, number, size), 0
        for bit in range(7, -1, -1):
            if count >> bit & 1:
                roots.append(perfect(tile[first:first + (1 << bit)]))
                first += 1 << bit
    if not roots:
        return sha256(b"")
    value = roots.pop()
    while roots:
        value = node_hash(roots.pop(), value)
    return value


def check_tiles(folder, size):
    """Each entry is in its tile, each full tile in the one above it."""
    for number in range((size + WIDTH - 1) // WIDTH):
        tile = folder.tile(0, number, size)
        for place, entry in enumerate(folder.entries(number, size)):
            if leaf_hash(entry) != tile[place]:
                raise Refused("entry %d is not the one of its tile" %
                              (number * WIDTH + place))
    level = 1
    while size >> (8 * level):
        for number in range(((size >> (8 * level)) + WIDTH - 1) // WIDTH):
            for place, value in enumerate(folder.tile(level, number, size)):
                below = folder.tile(level - 1, number * WIDTH + place, size)
                if perfect(below) != value:
                    raise Refused("tile %d of level %d is not that of the "
                                  "level above" %
                                  (number * WIDTH + place, level - 1))
        level += 1


def check_log(key, folder):
    newest = Checkpoint(folder.read("checkpoint"), key)
    check_tiles(folder, newest.size)
    if root_from_tiles(folder, newest.size) != newest.root:
        raise Refused("the tiles are not those of the checkpoint")
    older = os.path.join(folder.path, "checkpoints")
    # A writer that was killed may have left files under other names.
    names = sorted(int(name) for name in (
        os.listdir(older) if os.path.isdir(older) else []) if name.isdigit())
    for size in names:
        said = Checkpoint(folder.read("checkpoints/%d" % size), key)
        check_grown(said, newest, folder)
    return "%d entries of %s, and %d older checkpoints" % (
        newest.size, newest.origin, len(names))


def range_root(folder, begin, end, size):
    """MTH(D[begin:end]), where begin is a multiple of the range's splits."""
    if end - begin == 1:
        return folder.tile(0, begin // WIDTH, size)[begin % WIDTH]
    count = end - begin
    if count & (count - 1) == 0 and begin % count == 0:
        level = (count.bit_length() - 1) // 8
        at, many = begin >> (8 * level), count >> (8 * level)
        tile = folder.tile(level, at // WIDTH, size)
        return perfect(tile[at % WIDTH:at % WIDTH + many])
    split = 1 << ((count - 1).bit_length() - 1)
    return node_hash(range_root(folder, begin, begin + split, size),
                     range_root(folder, begin + split, end, size))


def consistency_proof(folder, first, size):
    """RFC 6962 section 2.1.2, from tiles."""
    proof, begin, end = [], 0, size
    while end != first:
        split = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if first <= split:
            proof.append(range_root(folder, split, end, size))
            end = split
        else:
            proof.append(range_root(folder, begin, split, size))
            begin = split
    if begin:
        proof.append(range_root(folder, begin, end, size))
    return proof[::-1]


def check_grown(older, newer, folder):
    if older.size > newer.size:
        raise Refused("the log has %d entries, and had %d before" %
                      (newer.size, older.size))
    if older.size and not consistency_holds(
            older.size, older.root, newer.size, newer.root,
            consistency_proof(folder, older.size, newer.size)):
        raise Refused("the log of %d entries is not the one that had %d" %
                      (newer.size, older.size))


def check_proof(key, text):
    lines = text.split("\n")
    if lines[0] != TITLE:
        raise Refused("the text is no tlog-proof")
    at, extra = 1, b""
    if lines[at].startswith("extra "):
        extra = from_base64(lines[at][6:])
        at += 1
    if not lines[at].startswith("index "):
        raise Refused("the proof has no index")
    index = int(lines[at][6:])
    blank = lines.index("", at)
    proof = [from_base64(line) for line in lines[at + 1:blank]]
    checkpoint = Checkpoint("\n".join(lines[blank + 1:]).encode(), key)
    # As the service's receipts are: the salt, and the event behind it.
    entry = sha256(extra)
    if len(extra) < SALT or not inclusion_holds(
            leaf_hash(entry), index, checkpoint.size, proof, checkpoint.root):
        raise Refused("the event is not number %d of the log" % index)
    return "number %d of %d in %s is %s" % (
        index, checkpoint.size, checkpoint.origin, extra[SALT:].decode())


def run(words):
    if len(words) == 3 and words[0] == "note":
        with open(words[2], "rb") as file:
            said = Checkpoint(file.read(), Key.read(words[1]))
        return "%s has %d entries" % (said.origin, said.size)
    if len(words) == 3 and words[0] == "log":
        return check_log(Key.read(words[1]), Folder(words[2]))
    if len(words) == 3 and words[0] == "proof":
        with open(words[2], encoding="utf-8") as file:
            return check_proof(Key.read(words[1]), file.read())
    if len(words) == 4 and words[0] == "grown":
        key, folder = Key.read(words[1]), Folder(words[3])
        with open(words[2], "rb") as file:
            older = Checkpoint(file.read(), key)
        newer = Checkpoint(folder.read("checkpoint"), key)
        check_grown(older, newer, folder)
        return "the log of %d entries begins with that of %d" % (
            newer.size, older.size)
    raise SystemExit(__doc__)


def main():
    try:
        if len(sys.argv) == 3 and sys.argv[1] == "key":
            print(Key.read(sys.argv[2]).line())
        else:
            print("holds: " + run(sys.argv[1:]))
        return 0
    except (Refused, OSError, ValueError, IndexError) as fault:
        print("does not hold: %s" % fault, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
