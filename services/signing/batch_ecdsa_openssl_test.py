#!/usr/bin/env python3
"""OpenSSL verifies every signature of a large run of BatchEcdsa, in a process
of its own: the two libraries never share one."""

import pathlib
import subprocess
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

COUNT = 20000


def verifies(key, digest, numbers):
    r, s = (int.from_bytes(half, "big") for half in (numbers[:32],
                                                     numbers[32:]))
    if r == 0 or s == 0:
        return False
    try:
        key.verify(utils.encode_dss_signature(r, s), digest,
                   ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return True
    except InvalidSignature:
        return False


def main():
    program = pathlib.Path(__file__).with_name("batch_ecdsa_signatures")
    printed = subprocess.run([program, str(COUNT)], check=True,
                             stdout=subprocess.PIPE).stdout
    end = b"-----END PUBLIC KEY-----\n"
    pem, lines = printed.split(end)
    key = serialization.load_pem_public_key(pem + end)
    pairs = [[bytes.fromhex(field) for field in line.decode().split()]
             for line in lines.splitlines()]
    bad = sum(not verifies(key, *pair) for pair in pairs)
    digest, numbers = pairs[0]
    if len(pairs) != COUNT or len({pair[1][:32] for pair in pairs}) != COUNT:
        sys.exit("%d signatures, some with one r" % len(pairs))
    if verifies(key, digest, numbers[:63] + bytes([numbers[63] ^ 1])):
        sys.exit("OpenSSL verifies anything")
    if bad:
        sys.exit("OpenSSL does not verify %d signatures" % bad)


if __name__ == "__main__":
    main()
