"""One request as a registrar would build it, with places where it may differ."""

import base64

from artifacts import COSE, MEDIA_TYPES, SIGN, der, encode, timestamp

NONCE = b"0123456789abcdef"


class Exchange:
    """For a device of its own. What is not set is as it should be."""

    def __init__(self, world, fmt, serial):
        self.world, self.fmt, self.serial = world, fmt, serial
        self.device = None  # made when needed: an Identity
        self.registrar, self.domain = world.registrar, world.domain
        self.with_pledge = True
        self.pledge_leaves, self.leaves = {}, {}
        self.pledge_drop, self.drop = (), ()
        self.pledge_certificates = self.certificates = None
        self.pledge_signer = None
        self.prior = None  # instead of the pledge's request
        self.top = self.pledge_top = None
        self.sign_options = {}
        self.change = lambda artifact: artifact
        self.change_prior = lambda artifact: artifact
        self.resource = "requestvoucher"
        self.method, self.path = "POST", None
        self.headers = {}
        self.raw = None  # the whole body

    def nonce(self):
        return NONCE if self.fmt == COSE else base64.b64encode(NONCE).decode()

    def pledge(self):
        self.device = self.device or self.world.make_device(self.serial)
        return self.device

    def merged(self, usual, changes, drop):
        leaves = {**usual, **changes}
        return {name: value for name, value in leaves.items() if name not in drop}

    def pledge_request(self):
        leaves = self.merged(
            {"assertion": "proximity", "created-on": timestamp(),
             "serial-number": self.serial, "nonce": self.nonce(),
             "proximity-registrar-cert": der(self.registrar.certificate)},
            self.pledge_leaves, self.pledge_drop)
        signer = self.pledge_signer or self.pledge()
        own = [] if self.fmt == COSE else [signer.certificate]
        certificates = own if self.pledge_certificates is None else self.pledge_certificates
        return self.change_prior(SIGN[self.fmt](
            encode(self.fmt, leaves, self.pledge_top), signer, certificates))

    def body(self):
        if self.raw is not None:
            return self.raw
        leaves = {"created-on": timestamp(), "serial-number": self.serial,
                  "nonce": self.nonce()}
        if self.prior is not None:
            leaves["prior-signed-voucher-request"] = self.prior
        elif self.with_pledge:
            leaves["prior-signed-voucher-request"] = self.pledge_request()
        leaves = self.merged(leaves, self.leaves, self.drop)
        certificates = self.certificates
        if certificates is None:
            certificates = [self.registrar.certificate, self.domain.certificate]
            if self.fmt == COSE and self.with_pledge and self.prior is None:
                certificates += [self.pledge().certificate, self.world.idevid_ca.certificate]
        payload = encode(self.fmt, leaves, self.top)
        return self.change(SIGN[self.fmt](payload, self.registrar, certificates,
                                          **self.sign_options))

    def send(self):
        headers = {"Content-Type": MEDIA_TYPES[self.fmt]}
        headers.update(self.headers)
        headers = {name: value for name, value in headers.items() if value is not None}
        path = self.path or "/.well-known/brski/" + self.resource
        return self.world.send(self.method, path, self.body(), headers)
