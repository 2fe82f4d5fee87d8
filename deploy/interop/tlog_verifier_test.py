"""The verifier takes logs of every size and refuses each forgery: run on logs
that are made here. `python3 deploy/interop/tlog_verifier_test.py`."""

import base64
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tlog_verifier as tlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "masa.example/audit/acme"


def text_of(octets):
    return base64.b64encode(octets).decode()


class Log:
    """A log with its files, kept as C2SP says."""

    def __init__(self, folder, size, seed=b"\1" * 32):
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = tlog.Key(ORIGIN, self.private.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw))
        self.folder = folder
        self.extras = [b"s" * 16 + b'{"event":%d}' % i for i in range(size)]
        self.leaves = [tlog.leaf_hash(tlog.sha256(e)) for e in self.extras]
        self.write()

    def note(self, size, root=None):
        root = tlog.root_of(self.leaves[:size]) if root is None else root
        body = "%s\n%d\n%s\n" % (ORIGIN, size, text_of(root))
        signature = self.key.id + self.private.sign(body.encode())
        return ("%s\n\u2014 %s %s\n" % (
            body, ORIGIN, text_of(signature))).encode()

    def put(self, name, octets):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(octets)

    def write(self):
        size = len(self.leaves)
        level, hashes = 0, self.leaves
        while hashes:
            for number in range((len(hashes) + 255) // 256):
                tile = hashes[number * 256:number * 256 + 256]
                self.put(tlog.file_name(level, number, len(tile)), b"".join(tile))
            whole = len(hashes) // 256
            hashes = [tlog.perfect(hashes[i * 256:i * 256 + 256])
                      for i in range(whole)]
            level += 1
        for number in range((size + 255) // 256):
            entries = self.extras[number * 256:number * 256 + 256]
            self.put(tlog.file_name("entries", number, len(entries)), b"".join(
                b"\0\x20" + tlog.sha256(e) for e in entries))
        self.put("checkpoint", self.note(size))

    def receipt(self, index):
        size, proof, begin, end = len(self.leaves), [], 0, len(self.leaves)
        while end - begin > 1:
            split = begin + (1 << ((end - begin - 1).bit_length() - 1))
            other = (split, end) if index < split else (begin, split)
            proof.append(tlog.root_of(self.leaves[other[0]:other[1]]))
            begin, end = (begin, split) if index < split else (split, end)
        lines = [tlog.TITLE, "extra " + text_of(self.extras[index]),
                 "index %d" % index] + [text_of(h) for h in proof[::-1]]
        return "\n".join(lines) + "\n\n" + self.note(size).decode()


class Verifier(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def refused(self, call, *arguments):
        with self.assertRaises(tlog.Refused):
            call(*arguments)

    def test_takes_logs_of_every_size(self):
        for size in (0, 1, 2, 255, 256, 257, 511, 65536, 66000):
            folder = os.path.join(self.folder, str(size))
            os.mkdir(folder)
            log = Log(folder, size)
            tlog.check_log(log.key, tlog.Folder(folder))

    def test_takes_every_receipt(self):
        log = Log(self.folder, 300)
        for index in (0, 1, 137, 255, 256, 299):
            tlog.check_proof(log.key, log.receipt(index))

    def test_takes_every_older_checkpoint(self):
        log = Log(self.folder, 700)
        newer = tlog.Checkpoint(log.note(700), log.key)
        for size in (0, 1, 2, 255, 256, 257, 512, 699, 700):
            tlog.check_grown(tlog.Checkpoint(log.note(size), log.key), newer,
                             tlog.Folder(self.folder))

    def test_refuses_another_entry(self):
        log = Log(self.folder, 600)
        for change in ("replace", "delete", "insert", "swap"):
            entries = [b"\0\x20" + tlog.sha256(e) for e in log.extras[:256]]
            if change == "replace":
                entries[7] = b"\0\x20" + b"x" * 32
            elif change == "delete":
                del entries[7]
            elif change == "insert":
                entries.insert(7, b"\0\x20" + b"x" * 32)
            else:
                entries[7], entries[8] = entries[8], entries[7]
            log.put("tile/entries/000", b"".join(entries))
            self.refused(tlog.check_log, log.key, tlog.Folder(self.folder))

    def test_refuses_a_tile_that_was_changed_or_cut(self):
        log = Log(self.folder, 600)
        for name in ("tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"):
            with open(os.path.join(self.folder, name), "rb") as file:
                octets = file.read()
            for other in (octets[:-32], octets[:-1],
                          b"x" * 32 + octets[32:], b""):
                log.put(name, other)
                self.refused(tlog.check_log, log.key, tlog.Folder(self.folder))
            log.put(name, octets)
        tlog.check_log(log.key, tlog.Folder(self.folder))

    def test_reads_what_has_become_full_meanwhile(self):
        log = Log(self.folder, 600)
        then = log.note(600)
        log = Log(self.folder, 800)
        for part in ("tile/0/002.p", "tile/entries/002.p"):
            shutil.rmtree(os.path.join(self.folder, part))
        log.put("checkpoint", then)
        tlog.check_log(log.key, tlog.Folder(self.folder))
        log.put("tile/0/002", b"x" * 32 * 256)
        self.refused(tlog.check_log, log.key, tlog.Folder(self.folder))

    def test_refuses_entries_and_tiles_that_fit_each_other_alone(self):
        log = Log(self.folder, 600)
        note = log.note(600)
        log.extras[5] = b"s" * 16 + b"{}"
        log.leaves[5] = tlog.leaf_hash(tlog.sha256(log.extras[5]))
        log.write()
        log.put("checkpoint", note)
        self.refused(tlog.check_log, log.key, tlog.Folder(self.folder))

    def test_refuses_a_checkpoint_that_was_replaced(self):
        log = Log(self.folder, 600)
        other = Log(tempfile.mkdtemp(dir=self.folder), 600, b"\2" * 32)
        for note in (other.note(600), log.note(600, b"x" * 32),
                     log.note(599), log.note(600).replace(b"\n600\n", b"\n599\n"),
                     log.note(600)[:-1], b"", b"\n\n"):
            log.put("checkpoint", note)
            self.refused(tlog.check_log, log.key, tlog.Folder(self.folder))

    def test_refuses_a_split_view(self):
        log = Log(self.folder, 600)
        newer = tlog.Checkpoint(log.note(600), log.key)
        for size, root in ((600, b"x" * 32), (300, b"x" * 32),
                           (256, b"x" * 32)):
            older = tlog.Checkpoint(log.note(size, root), log.key)
            self.refused(tlog.check_grown, older, newer,
                         tlog.Folder(self.folder))

    def test_refuses_an_old_backup(self):
        log = Log(self.folder, 600)
        older = tlog.Checkpoint(log.note(600), log.key)
        newer = tlog.Checkpoint(log.note(500), log.key)
        self.refused(tlog.check_grown, older, newer, tlog.Folder(self.folder))

    def test_refuses_receipts_of_other_events_or_places(self):
        log = Log(self.folder, 300)
        good = log.receipt(137)
        tlog.check_proof(log.key, good)
        extra = text_of(log.extras[137])
        for bad in (good.replace(extra, text_of(log.extras[138])),
                    good.replace("index 137", "index 138"),
                    good.replace("index 137", "index 300"),
                    good.replace(good.split("\n")[3] + "\n", ""),
                    good.replace(tlog.TITLE, "c2sp.org/tlog-proof@v2"),
                    good.replace("\n300\n", "\n301\n")):
            self.refused(tlog.check_proof, log.key, bad)

    def test_reads_keys_as_they_are_published(self):
        line = ("sum.golang.org+033de0ae+"
                "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
        self.assertEqual(tlog.Key.read(line).name, "sum.golang.org")
        self.assertEqual(tlog.Key.read(line).line(), line)
        self.refused(tlog.Key.read, line.replace("033de0ae", "033de0af"))


if __name__ == "__main__":
    unittest.main()
