"""Registrars, factory lines and operators under whom the cluster works: each keeps
a journal of what it was given."""

import base64
import collections
import datetime
import hashlib
import http.client
import json
import pathlib
import ssl
import subprocess
import sys
import threading
import time

import google
import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
POSTS = 50  # over one connection, then the balancer gives another one
BACK = 50  # requests ago was the one that is asked again
OPTIONS = [pkcs7.PKCS7Options.Binary]


def read_identity(folder, name):
    return (x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()),
            serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None))


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def device_name(serial):
    return x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, serial)])


def signed(leaves, identity, *more):
    text = json.dumps({"ietf-voucher-request:voucher": leaves}).encode()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(text).add_signer(*identity, hashes.SHA256())
    for certificate in more:
        builder = builder.add_certificate(certificate)
    return builder.sign(serialization.Encoding.DER, OPTIONS)


class Factory:
    """Mints devices, and what a registrar posts for each."""

    def __init__(self, sandbox):
        self.ca = read_identity(sandbox, "idevid-ca")
        self.registrar = read_identity(sandbox, "registrar")
        self.domain_ca = read_identity(sandbox, "domain-ca")[0]

    def idevid(self, serial):
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.utcnow()
        issuer = self.ca[0].extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate = (
            x509.CertificateBuilder().subject_name(device_name(serial)).issuer_name(self.ca[0].subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), False)
            .sign(self.ca[1], hashes.SHA256()))
        return certificate, key

    def request(self, serial):
        now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
        nonce = base64.b64encode(hashlib.sha256(serial.encode()).digest()[:16]).decode()
        leaves = {"created-on": now, "serial-number": serial, "nonce": nonce}
        pledge = {**leaves, "assertion": "proximity",
                  "proximity-registrar-cert": base64.b64encode(der(self.registrar[0])).decode()}
        prior = signed(pledge, self.idevid(serial))
        leaves["prior-signed-voucher-request"] = base64.b64encode(prior).decode()
        return signed(leaves, self.registrar, self.domain_ca)


def enrollment(serial):
    """What a factory line posts for a device that nobody has on record."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(device_name(serial))
    return base64.b64encode(der(request.sign(key, hashes.SHA256())))


def with_repeats(requests):
    """Each, and with it one of those before once more."""
    last = collections.deque(maxlen=BACK)
    for request in requests:
        last.append(request)
        yield request
        yield last[0]


class Client(threading.Thread):
    """Asks until it is told to end. A connection that breaks is no failure: the
    question is asked again, elsewhere, as its like do; an answer that is wrong
    is one."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ending = threading.Event()
        self.given = {}  # what was asked for: a digest of the answer
        self.answered = self.repeated = 0
        self.faults = []

    def end(self):
        self.ending.set()
        self.join()

    def run(self):
        try:
            self.work()
        except Exception as error:  # pylint: disable=broad-except
            self.faults.append(repr(error))


class Poster(Client):
    """Posts requests over connections that it keeps. A patient one comes again
    when it is told to (429, 503), as RFC 8995 and RFC 7030 ask of it. Of each
    kind: its certificate's name, where it posts, and what."""

    name_of_certificate = path = media_type = None

    def __init__(self, sandbox, edges, requests, patient=False):
        super().__init__()
        self.patient, self.put_off = patient, 0
        self.edges, self.requests = edges, requests  # (address, port); (serial, bytes)
        self.context = ssl.create_default_context(cafile=sandbox / "tls-root.pem")
        self.context.load_cert_chain(sandbox / f"{self.name_of_certificate}.pem",
                                     sandbox / f"{self.name_of_certificate}.key")
        self.connection, self.turn, self.posted = None, 0, 0

    def connect(self):
        address, port = self.edges[self.turn % len(self.edges)]
        self.turn += 1
        connection = http.client.HTTPSConnection("localhost", port, context=self.context,
                                                 timeout=30)
        # The name is checked as localhost's, the address is the balancer's choice.
        connection._create_connection = (  # pylint: disable=protected-access
            lambda _, timeout, source: __import__("socket").create_connection(
                (address, port), timeout))
        return connection

    def post(self, body):
        self.posted += 1
        if self.connection is None or self.posted % POSTS == 0:
            self.connection = self.connect()
        self.connection.request("POST", self.path, body, {"Content-Type": self.media_type})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, body):
        while not self.ending.is_set():
            try:
                status, answer = self.post(body)
                if not self.patient or status not in (429, 503):
                    return status, answer
                self.put_off += 1
            except (OSError, http.client.HTTPException):
                self.repeated += 1
                self.connection = None
            time.sleep(0.02)
        return None, b""

    def work(self):
        for serial, body in self.requests:
            if self.ending.is_set():
                return
            self.take(serial, *self.ask(body))
        self.faults.append("nothing is left to ask for")

    def octets_in(self, answer):
        """What the client came for."""
        return answer

    def take(self, serial, status, answer):
        """A request that is sent again gets the same."""
        digest = hashlib.sha256(self.octets_in(answer)).hexdigest() if status == 200 else None
        if status == 200 and self.given.setdefault(serial, digest) == digest:
            self.answered += 1
        elif status is not None:
            self.faults.append(f"{serial}: {status} {answer[:200]!r}")


class Registrar(Poster):
    """Asks for vouchers."""

    name_of_certificate = "registrar"
    path, media_type = "/.well-known/brski/requestvoucher", "application/voucher-cms+json"


class FactoryLine(Poster):
    """Asks for certificates of devices that it makes, over EST."""

    name_of_certificate = "line"
    path, media_type = "/.well-known/est/simpleenroll", "application/pkcs10"

    def octets_in(self, answer):
        certificate, = pkcs7.load_der_pkcs7_certificates(base64.b64decode(answer))
        return der(certificate)


def messages(folder):
    """The messages of device.proto, made by protoc."""
    protos = [*PROTO.glob("masa/v1/*.proto"), *PROTO.glob("google/**/*.proto")]
    subprocess.run(["protoc", f"--python_out={folder}",
                    *(str(path.relative_to(PROTO)) for path in protos)], check=True, cwd=PROTO)
    sys.path.insert(0, str(folder))
    google.__path__.append(str(folder / "google"))  # beside the library's own
    from masa.v1 import device_pb2  # pylint: disable=import-outside-toplevel
    return device_pb2


class Operator(Client):
    """Resolves owners of devices over gRPC, balanced over all authorities."""

    CONFIG = json.dumps({
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": ""},
        "methodConfig": [{"name": [{}], "waitForReady": True, "retryPolicy": {
            "maxAttempts": 4, "initialBackoff": "0.05s", "maxBackoff": "0.5s",
            "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]})

    def __init__(self, sandbox, target, pb2, serials):
        super().__init__()
        self.serials, self.pb2 = serials, pb2
        credentials = grpc.ssl_channel_credentials(
            (sandbox / "tls-root.pem").read_bytes(), (sandbox / "operator.key").read_bytes(),
            (sandbox / "operator.pem").read_bytes())
        self.channel = grpc.secure_channel(target, credentials, [
            ("grpc.ssl_target_name_override", "localhost"),
            ("grpc.service_config", self.CONFIG), ("grpc.enable_retries", 1)])
        self.resolve = self.channel.unary_unary(
            "/masa.v1.OwnershipService/ResolveOwnership",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=pb2.ResolveOwnershipResponse.FromString)

    def work(self):
        for turn in range(10 ** 9):
            if self.ending.is_set():
                return
            serial = self.serials[turn % len(self.serials)]
            request = self.pb2.ResolveOwnershipRequest(
                device=self.pb2.DeviceKey(serial_number=serial))
            try:
                answer = self.resolve(request, timeout=20)
                self.given[turn] = answer.device_id.hex()
            except grpc.RpcError as error:
                self.faults.append(f"{serial}: {error.code()} {error.details()}")
