"""A cluster whose signers have their keys in a SoftHSM token, behind a
module that misbehaves as it is told."""

import pathlib

from cluster import Cluster, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of each its file, that of its chain, and what it is for.
KEYS = {"acme-voucher": ("secrets/voucher-p256.key", "secrets/voucher-p256.pem",
                         "VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE"),
        "acme-nonceless": ("secrets/voucher-nonceless.key", "secrets/voucher-nonceless.pem",
                           "VOUCHER_CMS"),
        "acme-ownership": ("secrets/ownership-p256.key", "secrets/ownership-p256.pem",
                           "OWNERSHIP_ROOT"),
        "acme-idevid": ("sandbox/idevid-ca.key", "secrets/idevid-chain.pem",
                        "CERTIFICATE, CRL, OCSP_RESPONSE")}
HANG_MILLISECONDS = 1000  # after which a call counts as hanging


class HsmCluster(Cluster):
    def __init__(self, folder, binaries):
        super().__init__(folder, binaries)
        imports = "".join(f'import_key {name} "$data/{file}"; '
                          for name, (file, _, _) in KEYS.items())
        run("bash", "-euc", 'fail() { echo "$*" >&2; exit 1; }; data=$1; '
            f". deploy/sandbox/softhsm.sh; make_token; {imports}make_log_key", "bash", self.place, cwd=ROOT)

    log_certificate = "audit-log-token.pem"

    def signer_keys(self):
        module = self.binaries / "signing/pkcs11/libtest_misbehaving_module.so"
        keys = "".join(
            f"\n      - {{name: {name}, chain_file: place/{chain}, kinds: [{kinds}]}}"
            for name, (_, chain, kinds) in KEYS.items())
        keys += ("\n      - {name: acme-audit, chain_file: place/sandbox/audit-log-token.pem, "
                 "kinds: [CHECKPOINT]}")
        return f"""
  pkcs11:
    module: {module}
    longest_call_milliseconds: {HANG_MILLISECONDS}
    tokens: [{{label: masa, pin_file: place/secrets/hsm-pin}}]
    keys:{keys}"""

    def environment(self, replica):
        return {"SOFTHSM2_CONF": str(self.place / "softhsm2.conf"),
                "MASA_TEST_MISBEHAVIOUR": str(self.misbehaviour(replica))}

    def misbehaviour(self, replica):
        return self.folder / f"{replica.name}.hsm"

    def tell(self, replica, how):
        """How its HSM behaves from now on: `hang`, `fail`, `slow MICROSECONDS`,
        or nothing, which is well."""
        path = self.misbehaviour(replica)
        path.with_suffix(".new").write_text(how)
        path.with_suffix(".new").rename(path)
