"""Voucher requests and vouchers in CMS, JWS and COSE, from the published
formats alone: RFC 5652, RFC 7515, RFC 9052, RFC 8366 and its drafts. Shares
nothing with the service that it tests."""

import base64
import datetime
import hashlib
import json

import cbor2
from asn1crypto import algos, cms, core, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

CMS, JWS, COSE = "cms", "jws", "cose"
FORMATS = (CMS, JWS, COSE)
MEDIA_TYPES = {
    CMS: "application/voucher-cms+json",
    JWS: "application/voucher-jws+json",
    COSE: "application/voucher+cose",
}
ANIMA_JSON_VOUCHER = "1.2.840.113549.1.9.16.1.40"

# draft-ietf-anima-rfc8366bis: SIDs, as deltas to that of the container.
REQUEST_SID, VOUCHER_SID = 2501, 2451
REQUEST_DELTAS = {
    "assertion": 1, "created-on": 2, "domain-cert-revocation-checks": 3,
    "expires-on": 4, "idevid-issuer": 5, "last-renewal-date": 6, "nonce": 7,
    "pinned-domain-cert": 8, "prior-signed-voucher-request": 9,
    "proximity-registrar-cert": 10, "proximity-registrar-pubk-sha256": 11,
    "proximity-registrar-pubk": 12, "serial-number": 13, "unknown-leaf": 99,
}
VOUCHER_LEAVES = {
    1: "assertion", 2: "created-on", 3: "domain-cert-revocation-checks",
    4: "expires-on", 5: "idevid-issuer", 6: "last-renewal-date", 7: "nonce",
    8: "pinned-domain-cert", 9: "pinned-domain-pubk",
    10: "pinned-domain-pubk-sha256", 11: "serial-number",
}
ASSERTIONS = ["verified", "logged", "proximity", "agent-proximity"]


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def spki(certificate):
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)


def url64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unurl64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def timestamp(age=datetime.timedelta(0)):
    then = datetime.datetime.utcnow() - age
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- The data ----------------------------------------------------------------


def encode_json(leaves, top="ietf-voucher-request:voucher"):
    body = {name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in leaves.items()}
    return json.dumps({top: body}).encode()


def encode_cbor(leaves, top=REQUEST_SID):
    body = {}
    for name, value in leaves.items():
        if name == "assertion" and value in ASSERTIONS:
            value = ASSERTIONS.index(value)
        if name == "nonce" and isinstance(value, str):
            value = value.encode()
        body[REQUEST_DELTAS[name]] = value
    return cbor2.dumps({top: body})


def encode(fmt, leaves, top=None):
    if fmt == COSE:
        return encode_cbor(leaves, REQUEST_SID if top is None else top)
    return encode_json(leaves, "ietf-voucher-request:voucher" if top is None else top)


# --- Signatures --------------------------------------------------------------


def hash_for(key):
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp384r1":
        return hashes.SHA384()
    return hashes.SHA256()


def sign_octets(key, octets):
    """A signature as X.509 has it: ECDSA as DER."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(octets)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hash_for(key))
    return key.sign(octets, ec.ECDSA(hash_for(key)))


def sign_raw(key, octets):
    """A signature as JOSE and COSE have it: ECDSA as two numbers."""
    signature = sign_octets(key, octets)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return signature
    r, s = utils.decode_dss_signature(signature)
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def jws_algorithm(key):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    return "ES384" if key.curve.name == "secp384r1" else "ES256"


COSE_ALGORITHMS = {"ES256": -7, "ES384": -35, "EdDSA": -8, "RS256": -257}


def sign_cms(payload, signer, certificates, content_type=ANIMA_JSON_VOUCHER,
             detached=False):
    certificate = asn1_x509.Certificate.load(der(signer.certificate))
    if isinstance(signer.key, ed25519.Ed25519PrivateKey):
        digest, signature_algorithm = "sha512", {"algorithm": "ed25519"}
    else:
        digest = hash_for(signer.key).name
        kind = "rsassa_pkcs1v15" if isinstance(signer.key, rsa.RSAPrivateKey) else digest + "_ecdsa"
        signature_algorithm = {"algorithm": kind}
    attributes = cms.CMSAttributes([
        {"type": "content_type", "values": [content_type]},
        {"type": "message_digest", "values": [hashlib.new(digest, payload).digest()]},
    ])
    enclosed = {"content_type": content_type}
    if not detached:
        enclosed["content"] = core.ParsableOctetString(payload)
    signed = cms.SignedData({
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": enclosed,
        "certificates": [asn1_x509.Certificate.load(der(c)) for c in certificates],
        "signer_infos": [{
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number}}),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
            "signed_attrs": attributes,
            "signature_algorithm": signature_algorithm,
            "signature": sign_octets(signer.key, attributes.dump()),
        }],
    })
    return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()


def sign_jws(payload, signer, certificates, header=None, compact=False):
    protected = {"alg": jws_algorithm(signer.key), "typ": "voucher-jws+json",
                 "x5c": [base64.b64encode(der(c)).decode() for c in certificates]}
    protected.update(header or {})
    head, body = url64(json.dumps(protected).encode()), url64(payload)
    signature = url64(sign_raw(signer.key, (head + "." + body).encode()))
    if compact:
        return (head + "." + body + "." + signature).encode()
    return json.dumps({"payload": body, "signatures": [
        {"protected": head, "signature": signature}]}).encode()


def sign_cose(payload, signer, certificates, header=None, tagged=True):
    protected = {1: COSE_ALGORITHMS[jws_algorithm(signer.key)]}
    protected.update(header or {})
    protected = cbor2.dumps(protected)
    signature = sign_raw(signer.key, cbor2.dumps(["Signature1", protected, b"", payload]))
    bag = [der(c) for c in certificates]
    unprotected = {32: bag if len(bag) != 1 else bag[0]} if bag else {}
    body = [protected, unprotected, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(18, body) if tagged else body)


SIGN = {CMS: sign_cms, JWS: sign_jws, COSE: sign_cose}


# --- What comes back ---------------------------------------------------------


def check_signature(certificate, signature, octets, raw):
    key = certificate.public_key()
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.verify(signature, octets)
    if isinstance(key, rsa.RSAPublicKey):
        return key.verify(signature, octets, padding.PKCS1v15(), hashes.SHA256())
    if raw:
        half = len(signature) // 2
        signature = utils.encode_dss_signature(
            int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    return key.verify(signature, octets, ec.ECDSA(hash_for(key)))


def check_issued(certificate, root):
    """`certificate` is signed by `root`, or is it."""
    root.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                             ec.ECDSA(certificate.signature_hash_algorithm))


def open_cms(artifact, root):
    signed = cms.ContentInfo.load(artifact)["content"]
    info = signed["signer_infos"][0]
    wanted = info["sid"].chosen
    signer = next(c.chosen for c in signed["certificates"]
                  if c.chosen.serial_number == wanted["serial_number"].native
                  and c.chosen.issuer == wanted["issuer"])
    certificate = x509.load_der_x509_certificate(signer.dump())
    payload = signed["encap_content_info"]["content"].native
    attributes = {a["type"].native: a["values"][0].native for a in info["signed_attrs"]}
    digest = info["digest_algorithm"]["algorithm"].native
    assert attributes["message_digest"] == hashlib.new(digest, payload).digest()
    octets = b"\x31" + info["signed_attrs"].dump()[1:]
    check_signature(certificate, info["signature"].native, octets, raw=False)
    check_issued(certificate, root)
    return json.loads(payload)["ietf-voucher:voucher"]


def open_jws(artifact, root):
    whole = json.loads(artifact)
    (signature,) = whole["signatures"]
    header = json.loads(unurl64(signature["protected"]))
    assert header["typ"] == "voucher-jws+json", header
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    check_signature(certificate, unurl64(signature["signature"]),
                    (signature["protected"] + "." + whole["payload"]).encode(), raw=True)
    check_issued(certificate, root)
    return json.loads(unurl64(whole["payload"]))["ietf-voucher:voucher"]


def open_cose(artifact, root):
    tagged = cbor2.loads(artifact)
    assert tagged.tag == 18
    protected, unprotected, payload, signature = tagged.value
    bag = unprotected.get(32, unprotected.get(33))
    bag = bag if isinstance(bag, list) else [bag]
    octets = cbor2.dumps(["Signature1", protected, b"", payload])
    certificates = [x509.load_der_x509_certificate(one) for one in bag]
    signer = next(c for c in certificates if c.issuer != c.subject)
    check_signature(signer, signature, octets, raw=True)
    check_issued(signer, root)
    leaves = {VOUCHER_LEAVES[k]: v for k, v in cbor2.loads(payload)[VOUCHER_SID].items()}
    leaves["assertion"] = ASSERTIONS[leaves["assertion"]]
    return leaves


OPEN = {CMS: open_cms, JWS: open_jws, COSE: open_cose}
