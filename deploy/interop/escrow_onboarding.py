#!/usr/bin/env python3
"""A device that was reset, and its owner's registrar with an escrow bundle: one
onboarding without any service of the manufacturer's.

    escrow_onboarding.py BUNDLE.tar --pledge CERT KEY --registrar CHAIN KEY
        --voucher-root FILE --idevid-ca FILE

The pledge knows its IDevID and the voucher root alone. It connects without
trust, asks for a voucher, and trusts the registrar only when the voucher says
so: then it connects again, this time with the pinned certificate as its anchor
(RFC 8995 sections 5.1 and 5.6.2). Written on openssl and python's standard
library, without a line of the service's code. Exit status 0 when it was
onboarded, 1 with one line when it was not.
"""

import argparse
import base64
import http.client
import http.server
import json
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading

PATH = "/.well-known/brski/"


def serve_registrar(bundle, chain, key):
    """A registrar on a free port that answers from the bundle; its server."""

    class Registrar(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == PATH + "voucher_status":
                self.server.told.append(json.loads(body))
                self.answer(200, b"")
                return
            # Of the IDevID that the pledge shows in TLS (section 5.5).
            shown = self.connection.getpeercert(binary_form=True)
            serial = serial_of(shown)
            with tarfile.open(bundle) as tar:
                devices = json.load(tar.extractfile("devices.json"))["devices"]
                names = [line["file"] for line in devices
                         if line["serial_number"] == serial]
                if not names:
                    self.answer(404, b"no voucher for this device")
                    return
                self.answer(200, tar.extractfile(names[0]).read())

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Registrar)
    server.told = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.load_verify_locations(words.idevid_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    # The issuer of IDevIDs is no root.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def openssl(*arguments, octets=b""):
    made = subprocess.run(("openssl",) + arguments, input=octets,
                          capture_output=True, check=False)
    if made.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (
            arguments[0], made.stderr.decode(errors="replace").strip()))
    return made.stdout


def serial_of(der):
    subject = openssl("x509", "-inform", "DER", "-noout", "-subject",
                      "-nameopt", "multiline", octets=der).decode()
    return next(line.split("=", 1)[1].strip()
                for line in subject.splitlines() if "serialNumber" in line)


def connect(port, context):
    return http.client.HTTPSConnection("127.0.0.1", port, context=context)


def post(connection, resource, body):
    connection.request("POST", PATH + resource, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


def pinned_by(voucher, voucher_root, serial):
    """The certificate that the device may trust, or a RuntimeError."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(voucher)
        file.flush()
        payload = openssl("cms", "-verify", "-binary", "-inform", "DER", "-in",
                          file.name, "-purpose", "any", "-CAfile", voucher_root)
    leaves = json.loads(payload)["ietf-voucher:voucher"]
    if leaves["serial-number"] != serial or "nonce" in leaves:
        raise RuntimeError("the voucher is not for this device as it is")
    return base64.b64decode(leaves["pinned-domain-cert"])


def onboard():
    server = serve_registrar(words.bundle, *words.registrar)
    port = server.server_address[1]
    with open(words.pledge[0], encoding="utf-8") as file:
        serial = serial_of(ssl.PEM_cert_to_DER_cert(file.read()))
    # Provisional: the device trusts nobody yet.
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    blind.load_cert_chain(*words.pledge)
    status, voucher = post(connect(port, blind), "requestvoucher", b"{}")
    if status != 200:
        raise RuntimeError("the registrar answers %d: %s" %
                           (status, voucher.decode()))
    pinned = pinned_by(voucher, words.voucher_root, serial)
    sure = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    sure.check_hostname = False
    sure.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(pinned))
    sure.load_cert_chain(*words.pledge)
    status, _ = post(connect(port, sure), "voucher_status",
                     json.dumps({"version": 1, "status": True}))
    if status != 200 or server.told != [{"version": 1, "status": True}]:
        raise RuntimeError("the registrar was not told")
    server.shutdown()
    return serial


parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("bundle")
parser.add_argument("--pledge", nargs=2, required=True)
parser.add_argument("--registrar", nargs=2, required=True)
parser.add_argument("--voucher-root", required=True)
parser.add_argument("--idevid-ca", required=True)
words = parser.parse_args()
try:
    print("%s is onboarded" % onboard())
except (RuntimeError, OSError, ValueError, KeyError) as fault:
    print("not onboarded: %s" % fault, file=sys.stderr)
    sys.exit(1)
