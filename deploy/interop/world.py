"""Who takes part: devices, registrars and their domains, made from the
sandbox's published files, and the HTTPS connection of a registrar."""

import datetime
import http.client
import json
import ssl
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

CMC_RA = ObjectIdentifier("1.3.6.1.5.5.7.3.28")
CLIENT_AUTH = ObjectIdentifier("1.3.6.1.5.5.7.3.2")
DAY = datetime.timedelta(days=1)

NEW_KEY = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


class Identity:
    """A certificate with its key."""

    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key


def make_identity(name, issuer=None, *, kind="p256", key=None, is_ca=False,
                  usages=(), serial=None, begins=-DAY, ends=30 * DAY):
    key = key or NEW_KEY[kind]()
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if serial is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    subject = x509.Name(attributes)
    now = datetime.datetime.utcnow()
    signer = issuer.key if issuer else key
    issuer_public = issuer.certificate.public_key() if issuer else key.public_key()
    builder = (
        x509.CertificateBuilder().subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now + begins).not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), False))
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Identity(builder.sign(signer, algorithm), key)


class World:
    """The sandbox's parties. Devices are imported once, all together."""

    def __init__(self, data, port, masactl):
        self.sandbox = data + "/sandbox/"
        self.port = port
        self.masactl = masactl
        self.domain = self.load("domain-ca")
        self.registrar = self.load("registrar")
        self.idevid_ca = self.load("idevid-ca")
        self.voucher_root = self.load_certificate("voucher-root")
        self.other_domain = make_identity("another domain", is_ca=True)
        self.other_registrar = self.make_registrar(self.other_domain)
        self.connection = None

    def load_certificate(self, name):
        with open(self.sandbox + name + ".pem", "rb") as file:
            return x509.load_pem_x509_certificate(file.read())

    def load(self, name):
        with open(self.sandbox + name + ".key", "rb") as file:
            key = serialization.load_pem_private_key(file.read(), None)
        return Identity(self.load_certificate(name), key)

    def make_registrar(self, domain, **options):
        options.setdefault("usages", (CMC_RA, CLIENT_AUTH))
        return make_identity("registrar", domain, **options)

    def make_device(self, serial, **options):
        return make_identity("device", options.pop("issuer", self.idevid_ca),
                             serial=serial, **options)

    def import_devices(self, path, rows):
        with open(path, "w") as file:
            file.write("serial_number,product,organization\n")
            file.writelines(",".join(row) + "\n" for row in rows)
        subprocess.run([self.masactl, "device", "import", path], check=True,
                       stdout=subprocess.DEVNULL)

    def connect(self):
        context = ssl.create_default_context(cafile=self.sandbox + "tls-root.pem")
        context.load_cert_chain(self.sandbox + "registrar.pem", self.sandbox + "registrar.key")
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=60)

    def send(self, method, path, body, headers):
        """Status, headers (lower case) and body of the answer."""
        for attempt in (0, 1):
            try:
                self.connection = self.connection or self.connect()
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                octets = answer.read()
                if answer.getheader("connection") == "close":
                    self.connection.close()
                    self.connection = None
                return answer.status, {k.lower(): v for k, v in answer.getheaders()}, octets
            except (http.client.HTTPException, OSError):
                # An idle connection that the server closed meanwhile.
                self.connection = None
                if attempt:
                    raise
