"""The roles and status codes of ovgs.v1, held against a running sandbox by a
client that was generated from the published wire facts alone.

    ovgs.py --data DIR --grpc PORT --masactl PATH [--verbose]

owner.pem is ADMIN of its root group, stranger.pem of another organisation,
operator.pem has SUPPORT. Each run makes its own devices and groups, and takes
away what it made. Exits 1 when an answer is not as the table says.
"""

import argparse
import base64
import importlib
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from artifacts import CMS, OPEN
from ovgs_cases import CASES, Values
from world import make_identity

HERE = pathlib.Path(__file__).resolve().parent
BULK = 1100
CLIENT = HERE.parent.parent / "services/authority/ovgs/testdata"


def generate(folder):
    """The client's code, made by protoc as any integrator would."""
    subprocess.run(
        ["protoc", "-I", str(CLIENT), "--python_out", folder,
         "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
         "--grpc_python_out", folder, "client.proto"], check=True)
    sys.path.insert(0, folder)
    return (importlib.import_module("client_pb2"),
            importlib.import_module("client_pb2_grpc"))


class Lab:
    """Callers, and what the cases talk about."""

    def __init__(self, options, folder):
        self.pb, self.stubs = generate(folder)
        self.sandbox = options.data + "/sandbox/"
        self.target = f"localhost:{options.grpc}"
        self.masactl = options.masactl
        self.callers = {name: self.connect(name)
                        for name in ("owner", "stranger", "operator")}
        self.voucher_root = self.certificate("voucher-root")
        self.tag = secrets.token_hex(3).upper()
        self.values = Values(self)
        self.folder = folder
        self.import_devices()

    def read(self, name):
        return pathlib.Path(self.sandbox + name).read_bytes()

    def certificate(self, name):
        return x509.load_pem_x509_certificate(self.read(name + ".pem"))

    def connect(self, name):
        channel = grpc.secure_channel(self.target, grpc.ssl_channel_credentials(
            self.read("tls-root.pem"), self.read(name + ".key"),
            self.read(name + ".pem")))
        return self.stubs.OwnershipVoucherServiceStub(channel)

    def import_devices(self):
        key = make_identity("ek").certificate.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        self.ek = key
        ek = base64.b64encode(key).decode()
        # The last two share a serial number and differ in their issuer.
        rows = [(self.serial("A"), "org-acme", "", ek),
                (self.serial("B"), "org-acme", "", ek),
                (self.serial("OTHER"), "org-other", "", ""),
                (self.serial("FREE"), "", "", ""),
                (self.serial("TWICE"), "org-acme", "01" * 20, ""),
                (self.serial("TWICE"), "org-acme", "02" * 20, "")]
        # Several pages of a stream.
        rows += [(self.serial(f"BULK-{i}"), "org-other", "", "")
                 for i in range(BULK)]
        path = os.path.join(self.folder, "devices.csv")
        with open(path, "w") as file:
            file.write("serial_number,organization,idevid_issuer,ek_public_key,"
                       "product,model,mac_addr\n")
            file.writelines(",".join(row) + ",owned,M-1,02:00:00:00:00:01\n"
                            for row in rows)
        subprocess.run([self.masactl, "device", "import", path], check=True,
                       stdout=subprocess.DEVNULL)

    def serial(self, name):
        return f"OVGS-{self.tag}-{name}"

    def open_voucher(self, artifact):
        """The leaves, once signature and chain were found good."""
        return OPEN[CMS](artifact, self.voucher_root)

    def call(self, who, method, fields):
        """(code name, answer or error details as text)."""
        request = getattr(self.pb, method + "Request")(**fields)
        try:
            answer = getattr(self.callers[who], method)(request, timeout=30)
            if method == "GetComponents":
                answer = list(answer)
            return "OK", answer
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata() or ()).get(
                "grpc-status-details-bin", b"")
            return error.code().name, details


def check(lab, case):
    fields = lab.values.resolve(case.fields)
    code, answer = lab.call(case.who, case.method, fields)
    assert code == case.code, f"{code} {answer!r:.200}"
    if code != "OK":
        assert b"google.rpc.ErrorInfo" in answer, f"no ErrorInfo: {answer!r}"
        if case.says:
            assert case.says.encode() in answer, f"{case.says} not in {answer!r}"
        return
    if case.keep:
        lab.values.keep(case.keep, answer)
    if case.look:
        case.look(lab, answer)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", required=True)
    options.add_argument("--grpc", required=True, type=int)
    options.add_argument("--masactl", required=True)
    options.add_argument("--verbose", action="store_true")
    options = options.parse_args()
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(options, folder)
        for case in CASES:
            try:
                check(lab, case)
                if options.verbose:
                    print(f"ok      {case}")
            except Exception as fault:  # whatever a wrong answer leads to
                broken += 1
                print(f"BROKEN  {case}: {type(fault).__name__} {fault}")
    print(f"{len(CASES)} calls of ovgs.v1, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
