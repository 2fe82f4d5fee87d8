"""The requests that a registrar vendor's laboratory would send, each with the
rows of the requirements that it shows, and what must come back. One table;
every case is run in each format unless it says which."""

import base64
import datetime
import hashlib
import json

from cryptography import x509

from artifacts import (CMS, COSE, FORMATS, JWS, MEDIA_TYPES, SIGN, der, encode,
                       spki, timestamp)
from exchange import NONCE
from world import CMC_RA, DAY, NEW_KEY, Identity, make_identity

HOUR = datetime.timedelta(hours=1)


class Case:
    def __init__(self, ids, title, status, prepare=None, *, product="default", owner="",
                 formats=FORMATS, assertion=None, pinned=None, known=True, again=None):
        self.ids, self.title, self.prepare = ids, title, prepare
        self.status = status
        self.product, self.owner, self.formats = product, owner, formats
        self.assertion, self.pinned, self.known, self.again = assertion, pinned, known, again


def use(**values):
    """Sets places of the exchange; a function is called with the exchange."""
    def prepare(exchange):
        for name, value in values.items():
            setattr(exchange, name, value(exchange) if callable(value)
                    and not name.startswith("change") else value)
    return prepare


def both(*steps):
    def prepare(exchange):
        for step in steps:
            step(exchange)
    return prepare


def flip_inside(marker):
    """Changes a letter of the data under the signature."""
    def change(artifact):
        if marker in artifact:
            return artifact.replace(marker, marker[:-1] + bytes([marker[-1] ^ 1]), 1)
        whole = json.loads(artifact)
        body = base64.urlsafe_b64decode(whole["payload"] + "==")
        assert marker in body
        body = body.replace(marker, marker[:-1] + bytes([marker[-1] ^ 1]), 1)
        whole["payload"] = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
        return json.dumps(whole).encode()
    return change


def registrar_of(domain=None, **options):
    def prepare(e):
        e.domain = domain(e) if domain else e.domain
        e.registrar = e.world.make_registrar(e.domain, **options)
    return prepare


def keyed_device(**options):
    def prepare(e):
        e.device = e.world.make_device(e.serial, **options)
    return prepare


def stranger(e):
    e.domain, e.registrar = e.world.other_domain, e.world.other_registrar


def fresh_stranger(e):
    e.domain = make_identity("nobody's domain", is_ca=True)
    e.registrar = e.world.make_registrar(e.domain)


def issuer_form(form):
    """The four encodings of an authority key identifier (RV-15)."""
    def prepare(e):
        key_id = e.pledge().certificate.extensions.get_extension_for_class(
            x509.AuthorityKeyIdentifier).value.key_identifier
        sequence = b"\x30\x16\x80\x14" + key_id
        e.leaves = {"idevid-issuer": {
            "whole": b"\x04\x18" + sequence, "sequence": sequence,
            "octet string": b"\x04\x14" + key_id, "bare": key_id}[form]}
    return prepare


def renewed_registrar(e):
    e.pledge_leaves = {"proximity-registrar-cert": der(e.registrar.certificate)}
    e.registrar = e.world.make_registrar(e.domain, key=e.registrar.key)


def proximity_by(name, value):
    return lambda e: (setattr(e, "pledge_drop", ("proximity-registrar-cert",)),
                      setattr(e, "pledge_leaves", {name: value(e)}))


def text_nonce(nonce):
    return use(leaves={"nonce": nonce}, pledge_leaves={"nonce": nonce})


def issued_by_forger(e):
    forger = make_identity("a forged MASA", is_ca=True)
    leaves = {"assertion": "logged", "created-on": timestamp(), "serial-number": e.serial,
              "pinned-domain-cert": der(e.domain.certificate)}
    top = 2451 if e.fmt == COSE else "ietf-voucher:voucher"
    e.prior = SIGN[e.fmt](encode(e.fmt, leaves, top), forger, [forger.certificate])
    e.drop = ("nonce",)


GOOD = [
    Case("EP-30 PV-15", "a pledge's request in its registrar's: proximity", 200,
         assertion="proximity", pinned="domain"),
    Case("PV-01 PV-17", "no request of the pledge's: logged", 200, use(with_pledge=False),
         assertion="logged", pinned="domain"),
    Case("RV-24 AL-28", "the same request twice: the same voucher", 200, again="same"),
    Case("RV-03", "the registrar's certificate alone: it is pinned", 200,
         use(with_pledge=False, certificates=lambda e: [e.registrar.certificate]),
         pinned="registrar"),
    Case("RV-02", "certificates in another order", 200,
         use(with_pledge=False,
             certificates=lambda e: [e.domain.certificate, e.registrar.certificate]),
         formats=(CMS, COSE), pinned="domain"),
    Case("RV-33", "a registrar with an RSA key", 200, registrar_of(kind="rsa2048"),
         assertion="proximity"),
    Case("OP-21", "a registrar with a P-384 key", 200, registrar_of(kind="p384"),
         assertion="proximity"),
    Case("OP-21 CO-02", "a registrar with an Ed25519 key", 200, registrar_of(kind="ed25519"),
         assertion="proximity"),
    Case("RV-33", "a device with an RSA key", 200, keyed_device(kind="rsa2048"),
         assertion="proximity"),
    Case("OP-21 PV-02", "a device with a P-384 key", 200, keyed_device(kind="p384"),
         assertion="proximity"),
    Case("RV-10", "a registrar whose only usage is id-kp-cmcRA", 200,
         registrar_of(usages=(CMC_RA,)), assertion="proximity"),
    Case("SE-07 RV-04", "a domain that nobody has registered", 200, stranger,
         assertion="proximity", pinned="domain"),
    Case("RV-23", "a leaf that nobody knows", 200, use(leaves={"unknown-leaf": "x"})),
    Case("RV-20", "a pin of the registrar's own choice is not taken", 200,
         use(leaves=lambda e: {"pinned-domain-cert": der(e.world.other_domain.certificate)}),
         pinned="domain"),
    Case("RV-21", "an assertion of the registrar's own choice is not taken", 200,
         use(with_pledge=False, leaves={"assertion": "verified"}), assertion="logged"),
    Case("RV-19", "a pledge without clock", 200, use(pledge_drop=("created-on",)),
         assertion="proximity"),
    Case("RV-19", "a time with fraction and offset", 200,
         use(leaves=lambda e: {"created-on": (datetime.datetime.utcnow() - 4 * HOUR).strftime(
             "%Y-%m-%dT%H:%M:%S.250-04:00")})),
    Case("RV-18", "a request two hours old", 200,
         use(leaves=lambda e: {"created-on": timestamp(2 * HOUR)})),
    *[Case("RV-15", f"idevid-issuer, {form}", 200, issuer_form(form), assertion="proximity")
      for form in ("whole", "sequence", "octet string", "bare")],
    Case("PV-07", "proximity by the registrar's key", 200, proximity_by(
        "proximity-registrar-pubk", lambda e: spki(e.registrar.certificate)),
        assertion="proximity"),
    Case("PV-07", "proximity by the hash of the registrar's key", 200, proximity_by(
        "proximity-registrar-pubk-sha256", lambda e: hashlib.sha256(spki(e.registrar.certificate)).digest()),
        assertion="proximity"),
    Case("PV-05", "proximity by another certificate of the chain", 200, use(
        pledge_leaves=lambda e: {"proximity-registrar-cert": der(e.domain.certificate)}),
        assertion="proximity"),
    Case("PV-06", "a registrar's certificate renewed meanwhile", 200, renewed_registrar,
         assertion="proximity"),
    Case("PV-17", "a pledge that saw no registrar", 200,
         use(pledge_drop=("proximity-registrar-cert",)), assertion="logged"),
    Case("PV-22", "an IDevID that lives for decades", 200, keyed_device(ends=8000 * DAY),
         assertion="proximity"),
    Case("EP-13", "Accept: */*", 200, use(headers={"Accept": "*/*"})),
    Case("EP-22", "Accept names the format", 200,
         use(headers=lambda e: {"Accept": MEDIA_TYPES[e.fmt]})),
    Case("EP-19", "a parameter of the media type", 200,
         use(headers=lambda e: {"Content-Type": MEDIA_TYPES[e.fmt] + "; charset=utf-8"})),
    Case("PV-13", "the shortest nonce", 200, lambda e: text_nonce(
        NONCE[:8] if e.fmt == COSE else "MDEyMzQ1Njc=")(e)),
    Case("PV-13", "the longest nonce", 200, lambda e: text_nonce(
        NONCE * 2 if e.fmt == COSE else base64.b64encode(NONCE * 2).decode())(e)),
    Case("PV-14", "a nonce in base64url", 200, text_nonce("-_XE9zK9q8Ll1qylMtLKeg"),
         formats=(CMS, JWS)),
    Case("CM-03", "content of type id-data", 200,
         use(sign_options={"content_type": "1.2.840.113549.1.7.1"}), formats=(CMS,)),
    Case("CO-01", "COSE without its tag", 200, use(sign_options={"tagged": False}),
         formats=(COSE,)),
    Case("OW-04 PV-16", "the owner's registrar gets the owner's device: verified", 200,
         product="owned", owner="org-acme", assertion="verified"),
    Case("VI-06 OW-04", "the owner gets a voucher without nonce, with an end", 200,
         use(with_pledge=False, drop=("nonce",)), product="owned", owner="org-acme"),
    Case("PN-06", "a small pledge gets the registrar's key pinned", 200, product="constrained",
         formats=(COSE,), pinned="pubk"),
    Case("RV-22", "proximity in the registrar's own request counts for nothing", 200,
         use(with_pledge=False, leaves=lambda e: {
             "proximity-registrar-cert": der(e.registrar.certificate)}), assertion="logged"),
]

FORBIDDEN = [
    Case("RV-05", "a changed signature", 403, lambda e: (
        setattr(e, "with_pledge", False), setattr(e, "change", wrong_signature(e)))),
    Case("RV-05", "a changed serial number under the signature", 403, lambda e: (
        setattr(e, "with_pledge", False),
        setattr(e, "change", flip_inside(e.serial.encode())))),
    Case("RV-08", "a registrar without id-kp-cmcRA", 403, registrar_of(usages=())),
    Case("RV-08", "a device's own certificate as registrar", 403, lambda e: (
        setattr(e, "registrar", e.pledge()), setattr(e, "domain", e.world.idevid_ca))),
    Case("RV-32", "a registrar's certificate past its end", 403,
         registrar_of(begins=-20 * DAY, ends=-2 * DAY)),
    Case("RV-32", "a registrar's certificate before its begin", 403,
         registrar_of(begins=2 * DAY)),
    Case("SE-04", "a registrar with a short RSA key", 403, registrar_of(kind="rsa1024")),
    Case("RV-04", "another CA of the domain's name is not pinned", 200, use(
        with_pledge=False, certificates=lambda e: [
            e.registrar.certificate,
            make_identity("Demo customer domain CA", is_ca=True).certificate]),
        pinned="registrar"),
    Case("RV-18", "a request 26 hours old", 403,
         use(leaves=lambda e: {"created-on": timestamp(26 * HOUR)})),
    Case("RV-18", "a request of tomorrow", 403,
         use(leaves=lambda e: {"created-on": timestamp(-26 * HOUR)})),
    Case("PV-11 EP-40", "another nonce than the pledge's", 403, lambda e: setattr(
        e, "leaves", {"nonce": NONCE[::-1] if e.fmt == COSE
                      else base64.b64encode(NONCE[::-1]).decode()})),
    Case("PV-08 EP-40", "another serial number in the pledge's request", 403,
         use(pledge_leaves={"serial-number": "OTHER-1"})),
    Case("PV-08", "a device with another serial number", 403,
         lambda e: setattr(e, "device", e.world.make_device("OTHER-2"))),
    Case("PV-02", "a device of another manufacturer", 403, lambda e: setattr(
        e, "device", e.world.make_device(e.serial, issuer=e.world.other_domain))),
    Case("PV-02", "a pledge's request that its key did not sign", 403, lambda e: (
        e.pledge(), setattr(e, "pledge_signer", swapped_key(e, e.pledge())))),
    Case("PV-20", "a pledge that saw another registrar", 403, use(
        pledge_leaves=lambda e: {"proximity-registrar-cert":
                                 der(e.world.other_registrar.certificate)})),
    Case("EP-39 VI-02", "no nonce, for devices that want one", 403,
         use(with_pledge=False, drop=("nonce",))),
    Case("PV-12", "no nonce, though the pledge sent one", 403, use(drop=("nonce",))),
    Case("RV-31", "a forged old voucher", 403, issued_by_forger),
    Case("SE-06 OW-04", "another domain asks for the owner's device", 404, stranger,
         product="owned", owner="org-acme"),
    Case("AMB-22 SE-06", "a stranger hears the same of another's device and of none", 404,
         both(fresh_stranger, use(with_pledge=False)), product="owned", owner="org-acme",
         again="oracle"),
    Case("RV-17", "an issuer that is not the IDevID's", 403,
         use(leaves={"idevid-issuer": b"\x04\x18\x30\x16\x80\x14" + b"x" * 20})),
    Case("RV-01 JW-03", "JWS without signature", 403, use(
        sign_options={"header": {"alg": "none"}}), formats=(JWS,)),
    Case("JW-03", "an algorithm with a shared secret", 403, use(
        sign_options={"header": {"alg": "HS256"}}), formats=(JWS,)),
    Case("JW-10", "a header that must be understood and is not", 403, use(
        sign_options={"header": {"crit": ["exp"], "exp": 1}}), formats=(JWS,)),
    Case("AMB-23", "a header that must be understood and is not", 403, use(
        sign_options={"header": {2: [99], 99: 1}}), formats=(COSE,)),
    Case("CM-15", "the data detached", 400, use(
        sign_options={"detached": True}), formats=(CMS,)),
]

MALFORMED = [
    Case("EP-37", "nothing", 400, use(raw=b"")),
    Case("EP-37", "garbage", 400, use(raw=b"\x00\x01garbage")),
    Case("AMB-23", "half a request", 400, lambda e: setattr(
        e, "change", lambda artifact: artifact[:len(artifact) // 2])),
    Case("RV-01", "data without signature", 400, lambda e: setattr(
        e, "raw", encode(e.fmt, {"serial-number": e.serial, "nonce": e.nonce()}))),
    Case("RV-12 EP-37", "no serial number", 400,
         use(with_pledge=False, drop=("serial-number",))),
    Case("EP-37", "an empty serial number", 400,
         use(with_pledge=False, leaves={"serial-number": ""})),
    Case("EP-37", "a serial number that is a number", 400,
         use(with_pledge=False, leaves={"serial-number": 7})),
    Case("EP-37", "a nonce of the wrong type", 400,
         use(with_pledge=False, leaves={"nonce": [1, 2]})),
    Case("PV-13", "a nonce of seven octets", 400, lambda e: use(with_pledge=False, leaves={
        "nonce": b"1234567" if e.fmt == COSE else "MTIzNDU2Nw=="})(e)),
    Case("PV-13", "a nonce of 33 octets", 400, lambda e: use(with_pledge=False, leaves={
        "nonce": b"x" * 33 if e.fmt == COSE else base64.b64encode(b"x" * 33).decode()})(e)),
    Case("EP-37", "a time that is none", 400,
         use(with_pledge=False, leaves={"created-on": "yesterday"})),
    Case("EP-37", "another top key", 400, lambda e: use(
        with_pledge=False, top=9999 if e.fmt == COSE else "ietf-something:else")(e)),
    Case("AMB-11", "a voucher's top key in a request", 400, lambda e: use(
        with_pledge=False, top=2451 if e.fmt == COSE else "ietf-voucher:voucher")(e)),
    Case("SE-04", "lists within lists", 400, lambda e: use(with_pledge=False, leaves={
        "unknown-leaf": nested(200)})(e)),
    Case("EP-37", "the pledge's request is garbage", 400, use(prior=b"garbage")),
    Case("EP-37", "octets after the end", 400, use(change=lambda artifact: artifact + b"\x00x")),
    Case("EP-35", "another format than the header says", 400, lambda e: e.headers.update(
        {"Content-Type": MEDIA_TYPES[FORMATS[(FORMATS.index(e.fmt) + 1) % 3]]})),
]

HTTP = [
    Case("EP-35", "a media type that is none of ours", 415,
         use(headers={"Content-Type": "application/json"})),
    Case("EP-35", "no media type", 415, use(headers={"Content-Type": None})),
    Case("EP-14 EP-35", "an old media type, for devices of today", 415, use(
        headers={"Content-Type": "application/pkcs7-mime; smime-type=voucher-request"}),
        formats=(CMS,)),
    Case("EP-36", "an Accept that nobody can meet", 415,
         use(headers={"Accept": "text/html"})),
    Case("EP-34", "a format that the devices do not understand", 406, product="constrained",
         formats=(CMS, JWS)),
    Case("EP-34", "an Accept for another format than the devices'", 406, lambda e:
         e.headers.update({"Accept": MEDIA_TYPES[FORMATS[(FORMATS.index(e.fmt) + 1) % 3]]})),
    Case("EP-33 RV-12", "a serial number that nobody knows", 404, known=False),
    Case("EP-06", "GET", 405, use(method="GET")),
    Case("EP-06", "PUT", 405, use(method="PUT")),
    Case("EP-03", "a registrar's resource", 404, use(resource="voucher_status")),
    Case("EP-04", "an old path, for devices of today", 404,
         use(path="/.well-known/est/requestvoucher")),
    Case("EP-05", "an index of resources", 404, use(method="GET", path="/.well-known/brski")),
    Case("EP-43", "a body too large", 413, use(raw=b"x" * (64 * 1024 + 1))),
    Case("TR-10", "another host's name", 421, use(headers={"Host": "elsewhere.example"})),
]

AUDIT_LOG = [
    Case("EP-50 AL-01", "the log of a device that it was given", 200, again="log"),
    Case("RV-18", "an old request opens the log", 200, again="old log"),
    Case("EP-53", "a domain that never had the device", 404, again="foreign log"),
    Case("EP-53", "a device that nobody has asked for", 404, use(resource="requestauditlog")),
    Case("EP-53", "a device that nobody knows", 404, use(resource="requestauditlog"),
         known=False),
    Case("EP-54", "no id-kp-cmcRA", 403, both(registrar_of(usages=()),
                                              use(resource="requestauditlog"))),
    Case("EP-54", "a changed signature", 403, lambda e: (
        setattr(e, "resource", "requestauditlog"), setattr(e, "change", wrong_signature(e)))),
    Case("EP-54", "garbage", 400, use(resource="requestauditlog", raw=b"garbage")),
    Case("EP-54", "a media type that is none of ours", 415, use(
        resource="requestauditlog", headers={"Content-Type": "application/json"})),
    Case("EP-06", "GET of the log", 405, use(resource="requestauditlog", method="GET")),
]

ALL = GOOD + FORBIDDEN + MALFORMED + HTTP + AUDIT_LOG


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def swapped_key(e, identity=None):
    """The certificate of one, the key of another."""
    return Identity((identity or e.registrar).certificate, NEW_KEY["p256"]())


def wrong_signature(e):
    """Signed by a key that is not the certificate's."""
    e.registrar = swapped_key(e)
    return lambda artifact: artifact
