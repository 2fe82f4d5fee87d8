"""What is asked of ovgs.v1, by whom, and what must be answered: the table of
roles and status codes, call by call, in an order in which later cases stand on
what earlier ones made.

In the fields, "$name" is a value that was kept, and functions of the lab give
the rest."""

import base64
import dataclasses
import datetime
import time
from typing import Any, Callable, Optional

from cryptography.hazmat.primitives import serialization
from google.protobuf.timestamp_pb2 import Timestamp

from world import DAY, make_identity

IEN = "32473"
R, A, M, SUPPORT = 4, 3, 2, 1
SERVICE = 2
ROOT = "org-acme"


@dataclasses.dataclass
class Case:
    who: str
    method: str
    fields: dict
    code: str
    says: str = ""
    keep: str = ""
    look: Optional[Callable[[Any, Any], None]] = None

    def __str__(self):
        return f"{self.who} {self.method} {self.fields}: {self.code}"


class Values:
    def __init__(self, lab):
        self.lab = lab
        self.kept = {}
        new = lambda name, **more: make_identity(name, is_ca=True, **more)
        der = lambda identity: identity.certificate.public_bytes(
            serialization.Encoding.DER)
        self.kept["der"] = der(new("domain", ends=2 * DAY))
        self.kept["der2"] = der(new("other domain", ends=2 * DAY))
        self.kept["old der"] = der(new("old", begins=-2 * DAY, ends=-DAY))
        # Kept, so that the very same may be asked for twice.
        self.kept["cert end"] = at(DAY)

    def keep(self, name, answer):
        fields = answer.ListFields()
        self.kept[name] = fields[0][1] if fields else answer

    def resolve(self, fields):
        def value(of):
            if callable(of):
                return of(self.lab)
            if isinstance(of, str) and of.startswith("$"):
                return self.kept[of[1:]]
            return [value(one) for one in of] if isinstance(of, list) else of
        return {name: value(of) for name, of in fields.items()}


def at(delta):
    return Timestamp(seconds=int(time.time() + delta.total_seconds()))


def part(name, ien=IEN):
    return lambda lab: lab.pb.Component(ien=ien, serial_number=lab.serial(name)
                                        if name else "")


def soon(lab):
    return at(datetime.timedelta(hours=6))


def late(lab):
    return at(36 * datetime.timedelta(hours=1))


def past(lab):
    return at(-datetime.timedelta(hours=1))


def user(name, org=ROOT):
    return {"username": name, "user_type": SERVICE, "org_id": org}


STRANGER = user("stranger", "org-other")
IA, NF, AE, FP, PD, OK = (
    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION",
    "PERMISSION_DENIED", "OK")


def equal(wanted, got):
    assert got == wanted, f"{got!r}, not {wanted!r}"


def root_is_there(lab, group):
    equal(ROOT, group.group_id)
    assert "demo-domain-ca" in group.cert_ids, group.cert_ids
    assert any(u.username == "owner" and u.user_role == M and
               u.user_type == SERVICE and u.org_id == ROOT
               for u in group.users), group.users
    serials = {c.serial_number for c in group.components}
    assert {lab.serial("A"), lab.serial("B")} <= serials
    assert lab.serial("OTHER") not in serials
    assert all(c.ien == IEN for c in group.components)
    assert lab.values.kept["g"] in group.child_group_ids


def group_is_described(lab, group):
    equal("north " + lab.tag, group.description)
    equal([lab.values.kept["g2"]], list(group.child_group_ids))
    equal([lab.serial("A")], [c.serial_number for c in group.components])
    equal([lab.values.kept["cert"]], list(group.cert_ids))
    equal([lab.values.kept["g"]],
          list(group.delegated_orgs["org-other"].group_ids))


def part_is_whole(lab, serial):
    equal([ROOT, lab.values.kept["g"]], list(serial.group_ids))
    equal(("M-1", "02:00:00:00:00:01"), (serial.model, serial.mac_addr))
    equal(lab.ek, serial.tpm_info.endorsement_key)
    equal(lab.ek, serial.public_key_der)


def parts_in_order(lab, answer):
    equal(3, len(answer.serials))
    equal([2, 1, 2], [len(serial.group_ids) for serial in answer.serials])


def only_what_it_sees(lab, serial):
    equal([lab.values.kept["g"]], list(serial.group_ids))


def cert_is_whole(lab, cert):
    equal(lab.values.kept["g"], cert.group_id)
    equal(lab.values.kept["der"], cert.certificate_der)
    equal(True, cert.revocation_checks)
    equal(lab.values.kept["cert end"], cert.expiry_time)


def check_voucher(lab, answer, name):
    leaves = lab.open_voucher(answer.voucher_cms)
    equal(lab.serial(name), leaves["serial-number"])
    equal("verified", leaves["assertion"])
    equal(lab.values.kept["der"], base64.b64decode(leaves["pinned-domain-cert"]))
    equal(True, leaves["domain-cert-revocation-checks"])
    assert "nonce" not in leaves and "created-on" in leaves
    assert "expires-on" in leaves, leaves
    equal(lab.ek, answer.tpm_info.endorsement_key)


def voucher_is_good(lab, answer):
    check_voucher(lab, answer, "A")


def voucher_is_another(lab, answer):
    check_voucher(lab, answer, "A")
    assert answer.voucher_cms != lab.values.kept["voucher"]


def vouchers_in_order(lab, answer):
    for name, voucher in zip("BAB", answer.ownership_vouchers, strict=True):
        check_voucher(lab, voucher, name)


def streamed(lab, items):
    equal([lab.serial("A")], [i.component.serial_number for i in items])
    part_is_whole(lab, items[0].serial)


def all_are_streamed(lab, items):
    serials = [i.component.serial_number for i in items]
    equal(len(set(serials)), len(serials))
    assert {lab.serial(f"BULK-{i}") for i in range(1100)} <= set(serials)


def roles_are(**wanted):
    def look(lab, answer):
        equal({lab.values.kept.get(name, name): role
               for name, role in wanted.items()}, dict(answer.groups))
    return look


def created(lab, answer):
    assert answer.group_id.startswith("group-"), answer


def named(text):
    return lambda lab: f"{text} {lab.tag}"


GROUPS = [
    Case("owner", "CreateGroup", {"parent": ROOT, "description": named("north")}, OK, keep="g", look=created),
    Case("owner", "CreateGroup", {"parent": "$g", "description": named("city")}, OK, keep="g2"),
    Case("owner", "CreateGroup", {"parent": ROOT, "description": named("south")}, OK, keep="g3"),
    Case("operator", "CreateGroup", {"parent": ROOT, "description": named("by support")}, OK, keep="g4"),
    Case("owner", "CreateGroup", {"parent": ROOT, "description": named("north")}, AE, "GROUP_EXISTS"),
    Case("owner", "CreateGroup", {"parent": "", "description": "x"}, IA, "parent"),
    Case("owner", "CreateGroup", {"parent": ROOT, "description": ""}, IA, "description"),
    Case("owner", "CreateGroup", {"parent": "group-none", "description": "x"}, NF, "GROUP_NOT_FOUND"),
    Case("stranger", "CreateGroup", {"parent": ROOT, "description": "x"}, PD),
    Case("owner", "GetGroup", {"group_id": ROOT}, OK, look=root_is_there),
    Case("owner", "GetGroup", {"group_id": "group-none"}, NF),
    Case("owner", "GetGroup", {"group_id": ""}, IA, "group_id"),
    Case("stranger", "GetGroup", {"group_id": ROOT}, PD),
    Case("stranger", "GetGroup", {"group_id": "org-other"}, OK),
    Case("owner", "GetGroup", {"group_id": "org-other"}, PD),
    Case("operator", "GetGroup", {"group_id": "org-other"}, OK),
]

PARTS = [
    Case("owner", "AddSerial", {"component": part("A"), "group_id": "$g"}, OK),
    Case("owner", "AddSerial", {"component": part("A"), "group_id": "$g"}, AE, "DEVICE_IN_GROUP"),
    Case("owner", "AddSerial", {"component": part("A"), "group_id": ROOT}, AE),
    Case("owner", "AddSerial", {"component": part("NONE"), "group_id": "$g"}, NF, "DEVICE_UNKNOWN"),
    Case("owner", "AddSerial", {"component": part("A"), "group_id": "group-none"}, NF, "GROUP_NOT_FOUND"),
    Case("owner", "AddSerial", {"component": part("A", "9"), "group_id": "$g"}, IA, "IEN_NOT_SERVED"),
    Case("owner", "AddSerial", {"component": part(""), "group_id": "$g"}, IA, "component.serial_number"),
    Case("owner", "AddSerial", {"component": part("A"), "group_id": ""}, IA, "group_id"),
    Case("owner", "AddSerial", {"component": part("OTHER"), "group_id": "$g"}, PD),
    Case("owner", "AddSerial", {"component": part("FREE"), "group_id": "$g"}, PD),
    Case("operator", "AddSerial", {"component": part("OTHER"), "group_id": "$g"}, PD),
    Case("owner", "AddSerial", {"component": part("TWICE"), "group_id": "$g"}, FP, "DEVICE_AMBIGUOUS"),
    Case("stranger", "AddSerial", {"component": part("A"), "group_id": "$g"}, PD),
    Case("owner", "GetSerial", {"component": part("A")}, OK, look=part_is_whole),
    Case("owner", "GetSerial", {"component": part("A", "")}, OK, look=part_is_whole),
    Case("owner", "GetSerial", {"component": part("NONE")}, NF, "DEVICE_UNKNOWN"),
    Case("owner", "GetSerial", {"component": part("A", "9")}, IA, "IEN_NOT_SERVED"),
    Case("owner", "GetSerial", {}, IA, "serial_number"),
    Case("owner", "GetSerial", {"component": part("OTHER")}, PD),
    Case("owner", "GetSerial", {"component": part("TWICE")}, FP, "DEVICE_AMBIGUOUS"),
    Case("stranger", "GetSerial", {"component": part("A")}, PD),
    Case("operator", "GetSerial", {"component": part("FREE")}, OK),
    Case("owner", "GetSerials", {"components": [part("A"), part("B"), part("A")]}, OK, look=parts_in_order),
    Case("owner", "GetSerials", {"components": []}, IA, "components"),
    Case("owner", "GetSerials", {"components": [part("A"), part("NONE")]}, NF, "components[1]"),
    Case("owner", "GetSerials", {"components": [part("OTHER"), part("A")]}, PD, "components[0]"),
    Case("owner", "GetSerials", {"components": [part("A")] * 501}, IA, "TOO_MANY_ITEMS"),
    Case("owner", "GetComponents", {"group_id": "$g"}, OK, look=streamed),
    Case("owner", "GetComponents", {"group_id": "$g3"}, OK, look=lambda lab, items: equal([], items)),
    Case("stranger", "GetComponents", {"group_id": "org-other"}, OK, look=all_are_streamed),
    Case("owner", "GetComponents", {"group_id": "group-none"}, NF),
    Case("owner", "GetComponents", {"group_id": ""}, IA, "group_id"),
    Case("stranger", "GetComponents", {"group_id": "$g"}, PD),
]

def cert(**change):
    return {"group_id": "$g", "certificate_der": "$der",
            "revocation_checks": True, "expiry_time": "$cert end", **change}


CERTS = [
    Case("owner", "CreateDomainCert", cert(), OK, keep="cert"),
    Case("owner", "CreateDomainCert", cert(), AE, "CERT_EXISTS"),
    Case("owner", "CreateDomainCert", cert(group_id="$g3"), OK, keep="cert3"),
    Case("owner", "CreateDomainCert", cert(group_id="$g3", revocation_checks=False), OK, keep="cert4"),
    Case("stranger", "CreateDomainCert", cert(group_id="org-other", certificate_der="$der2"), OK, keep="other cert"),
    Case("owner", "CreateDomainCert", cert(group_id="group-none"), NF),
    Case("owner", "CreateDomainCert", cert(group_id=""), IA, "group_id"),
    Case("owner", "CreateDomainCert", cert(certificate_der=b""), IA, "certificate_der"),
    Case("owner", "CreateDomainCert", cert(certificate_der=b"garbage"), IA, "CERT_MALFORMED"),
    Case("owner", "CreateDomainCert", cert(certificate_der="$old der"), IA, "CERT_EXPIRED"),
    Case("owner", "CreateDomainCert", cert(expiry_time=None), IA, "expiry_time"),
    Case("owner", "CreateDomainCert", cert(expiry_time=past), IA, "LIFETIME_IN_PAST"),
    Case("stranger", "CreateDomainCert", cert(certificate_der="$der2"), PD),
    Case("owner", "GetDomainCert", {"cert_id": "$cert"}, OK, look=cert_is_whole),
    Case("owner", "GetDomainCert", {"cert_id": "demo-domain-ca"}, OK),
    Case("owner", "GetDomainCert", {"cert_id": "cert-none"}, NF, "CERT_NOT_FOUND"),
    Case("owner", "GetDomainCert", {"cert_id": ""}, IA, "cert_id"),
    Case("stranger", "GetDomainCert", {"cert_id": "$cert"}, PD),
    Case("stranger", "DeleteDomainCert", {"cert_id": "$cert"}, PD),
    Case("owner", "DeleteDomainCert", {"cert_id": "cert-none"}, NF),
]


def voucher(name="A", **change):
    return {"component": part(name), "cert_id": "$cert", "lifetime": soon, **change}


VOUCHERS = [
    Case("owner", "GetOwnershipVoucher", voucher(), OK, keep="voucher", look=voucher_is_good),
    Case("owner", "GetOwnershipVoucher", voucher(), OK, look=voucher_is_another),
    Case("operator", "GetOwnershipVoucher", voucher(), OK, look=voucher_is_good),
    # Any certificate of the organisation, wherever the part is.
    Case("owner", "GetOwnershipVoucher", voucher(cert_id="$cert3"), OK, look=voucher_is_good),
    Case("owner", "GetOwnershipVoucher", voucher("B"), OK),
    Case("owner", "GetOwnershipVoucher", voucher("NONE"), FP, "DEVICE_UNKNOWN"),
    Case("owner", "GetOwnershipVoucher", voucher(cert_id="cert-none"), FP, "CERT_NOT_FOUND"),
    Case("owner", "GetOwnershipVoucher", voucher(""), IA, "serial_number"),
    Case("owner", "GetOwnershipVoucher", voucher(cert_id=""), IA, "cert_id"),
    Case("owner", "GetOwnershipVoucher", voucher(lifetime=None), IA, "lifetime"),
    Case("owner", "GetOwnershipVoucher", voucher(lifetime=past), IA, "LIFETIME_IN_PAST"),
    Case("owner", "GetOwnershipVoucher", voucher(lifetime=late), IA, "LIFETIME_EXCEEDS_CERT"),
    Case("owner", "GetOwnershipVoucher", voucher(component=part("A", "9")), IA, "IEN_NOT_SERVED"),
    Case("owner", "GetOwnershipVoucher", voucher(cert_id="$other cert"), IA, "CERT_ORG_MISMATCH"),
    Case("owner", "GetOwnershipVoucher", voucher("OTHER"), PD),
    Case("stranger", "GetOwnershipVoucher", voucher(), PD),
    Case("stranger", "GetOwnershipVoucher", voucher("OTHER", cert_id="$other cert"), OK),
    Case("owner", "GetOwnershipVouchers", voucher(component=[part("B"), part("A"), part("B")]), OK, look=vouchers_in_order),
    Case("owner", "GetOwnershipVouchers", voucher(component=[]), IA, "component"),
    Case("owner", "GetOwnershipVouchers", voucher(component=[part("A"), part("NONE")]), FP, "component[1]"),
    Case("owner", "GetOwnershipVouchers", voucher(component=[part("A"), part("OTHER")]), PD, "component[1]"),
    Case("owner", "GetOwnershipVouchers", voucher(component=[part("A")] * 501), IA, "TOO_MANY_ITEMS"),
    Case("owner", "GetOwnershipVouchers", voucher(component=[part("A")], lifetime=past), IA, "LIFETIME_IN_PAST"),
]


def role(account=None, group="$g", given=R, **change):
    return {**(account or STRANGER), "group_id": group, "user_role": given, **change}


def taken(account=None, group="$g", **change):
    return {**(account or STRANGER), "group_id": group, **change}


USERS = [
    Case("owner", "AddUserRole", role(user("robot")), OK),
    Case("owner", "AddUserRole", role(user("robot"), given=M), AE, "USER_EXISTS"),
    Case("owner", "AddUserRole", role(user("robot"), group="$g2", given=M), OK),
    Case("owner", "AddUserRole", role(user("")), IA, "username"),
    Case("owner", "AddUserRole", role(user("x", "")), IA, "org_id"),
    Case("owner", "AddUserRole", role(user("x"), user_type=0), IA, "user_type"),
    Case("owner", "AddUserRole", role(user("x"), group=""), IA, "group_id"),
    Case("owner", "AddUserRole", role(user("x"), given=0), IA, "user_role"),
    Case("owner", "AddUserRole", role(user("x"), given=SUPPORT), PD),
    Case("owner", "AddUserRole", role(user("x"), group="group-none"), NF),
    Case("stranger", "AddUserRole", role(user("x")), PD),
    Case("owner", "AddUserRole", role(), FP, "ORGANIZATION_NOT_DELEGATED"),
    Case("owner", "GetUserRole", user("robot"), OK, look=lambda lab, a: roles_are(g=R, g2=M)(lab, a)),
    Case("stranger", "GetUserRole", user("robot"), OK, look=roles_are()),
    Case("owner", "GetUserRole", user("nobody"), NF, "USER_UNKNOWN"),
    Case("operator", "GetUserRole", user("nobody"), NF, "USER_UNKNOWN"),
    Case("stranger", "GetUserRole", user("nobody"), OK, look=roles_are()),
    Case("owner", "GetUserRole", {**user("robot"), "user_type": 0}, IA, "user_type"),
    Case("owner", "RemoveUserRole", taken(user("nobody")), NF),
    Case("owner", "RemoveUserRole", taken(user("robot"), group="group-none"), NF),
    Case("owner", "RemoveUserRole", taken(user("")), IA, "username"),
    Case("stranger", "RemoveUserRole", taken(user("robot")), PD),
    Case("owner", "RemoveUserRole", taken(user("robot")), OK),
    Case("owner", "RemoveUserRole", taken(user("robot")), NF),
    Case("owner", "RemoveUserRole", taken(user("robot"), group="$g2"), OK),
]


def delegated(group="$g", org="org-other"):
    return {"group_id": group, "org_id": org}


DELEGATION = [
    Case("owner", "AddGroupDelegatedOrg", delegated(org=ROOT), IA, "org_id"),
    Case("owner", "AddGroupDelegatedOrg", delegated(org=""), IA, "org_id"),
    Case("owner", "AddGroupDelegatedOrg", delegated(group=""), IA, "group_id"),
    Case("owner", "AddGroupDelegatedOrg", delegated(org="org-none"), NF),
    Case("owner", "AddGroupDelegatedOrg", delegated(group="group-none"), NF),
    Case("stranger", "AddGroupDelegatedOrg", delegated(), PD),
    Case("operator", "AddGroupDelegatedOrg", delegated(), PD),
    Case("owner", "AddGroupDelegatedOrg", delegated(), OK),
    Case("owner", "AddGroupDelegatedOrg", delegated(), AE, "DELEGATION_EXISTS"),
    Case("owner", "AddGroupDelegatedOrg", delegated("$g3", "*"), OK),
    Case("owner", "GetGroup", {"group_id": "$g"}, OK, look=group_is_described),
    Case("owner", "RemoveGroupDelegatedOrg", delegated("$g3", "*"), OK),
    Case("owner", "RemoveGroupDelegatedOrg", delegated("$g3", "*"), NF),
]


def as_role(given):
    """What an account of another organisation may in $g, with this role."""
    may = lambda least: OK if given <= least else PD  # the stronger is smaller
    return [
        Case("owner", "AddUserRole", role(given=given), OK),
        Case("stranger", "GetGroup", {"group_id": "$g"}, OK,
             look=lambda lab, g: equal(["stranger"], [u.username for u in g.users])),
        Case("stranger", "GetGroup", {"group_id": "$g2"}, OK),
        Case("stranger", "GetGroup", {"group_id": ROOT}, PD),
        Case("stranger", "GetComponents", {"group_id": "$g"}, OK),
        Case("stranger", "GetSerial", {"component": part("A")}, OK, look=only_what_it_sees),
        Case("stranger", "GetSerial", {"component": part("B")}, PD),
        Case("stranger", "GetSerials", {"components": [part("A")]}, OK),
        Case("stranger", "GetUserRole", STRANGER, OK,
             look=lambda lab, a: roles_are(**{"org-other": M, "g": given})(lab, a)),
        Case("stranger", "GetDomainCert", {"cert_id": "$cert"}, OK),
        Case("stranger", "GetOwnershipVoucher", voucher(), OK, look=voucher_is_good),
        Case("stranger", "GetOwnershipVouchers", voucher(component=[part("A")]), OK),
        Case("stranger", "CreateDomainCert", cert(certificate_der="$der2"), may(A), keep="dc"),
        Case("stranger", "DeleteDomainCert", {"cert_id": "$dc" if may(A) == OK else "$cert"}, may(A)),
        Case("stranger", "AddSerial", {"component": part("A"), "group_id": "$g2"}, may(A)),
        Case("stranger", "RemoveSerial", {"component": part("A"), "group_id": "$g2" if may(A) == OK else "$g"}, may(A)),
        # In the root alone now, which it does not see.
        Case("stranger", "AddSerial", {"component": part("A"), "group_id": "$g"}, PD),
        Case("owner", "AddSerial", {"component": part("A"), "group_id": "$g"}, OK if may(A) == OK else AE),
        Case("stranger", "CreateGroup", {"parent": "$g", "description": named("x")}, may(M), keep="dg"),
        Case("stranger", "DeleteGroup", {"group_id": "$dg" if may(M) == OK else "$g2"}, may(M)),
        Case("stranger", "DeleteGroup", {"group_id": "$g"}, PD),  # the parent's
        Case("stranger", "AddUserRole", role(user("y", "org-other"), group="$g2"), may(M)),
        Case("stranger", "RemoveUserRole", taken(user("y", "org-other"), group="$g2"), may(M)),
        Case("stranger", "AddGroupDelegatedOrg", delegated(org="*"), PD),
        Case("stranger", "RemoveGroupDelegatedOrg", delegated(), PD),
        Case("owner", "RemoveGroupDelegatedOrg", delegated(), FP, "DELEGATION_IN_USE"),
        Case("owner", "RemoveUserRole", taken(), OK),
        Case("stranger", "GetGroup", {"group_id": "$g"}, PD),
    ]


END = [
    Case("owner", "DeleteGroup", {"group_id": ""}, IA, "group_id"),
    Case("owner", "DeleteGroup", {"group_id": ROOT}, IA),
    Case("owner", "DeleteGroup", {"group_id": "group-none"}, NF),
    Case("stranger", "DeleteGroup", {"group_id": "$g"}, PD),
    Case("owner", "DeleteGroup", {"group_id": "$g"}, FP, "GROUP_NOT_EMPTY"),   # all
    Case("owner", "DeleteGroup", {"group_id": "$g3"}, FP, "GROUP_NOT_EMPTY"),  # certificates
    Case("owner", "RemoveGroupDelegatedOrg", delegated(), OK),
    Case("owner", "DeleteGroup", {"group_id": "$g2"}, OK),
    Case("owner", "DeleteDomainCert", {"cert_id": "$cert"}, OK),
    Case("owner", "DeleteDomainCert", {"cert_id": "$cert"}, NF),
    Case("owner", "DeleteGroup", {"group_id": "$g"}, FP, "GROUP_NOT_EMPTY"),   # parts
    Case("owner", "RemoveSerial", {"component": part("A"), "group_id": ROOT}, PD),
    Case("owner", "RemoveSerial", {"component": part("A"), "group_id": "$g3"}, NF, "DEVICE_NOT_IN_GROUP"),
    Case("owner", "RemoveSerial", {"component": part("NONE"), "group_id": "$g"}, NF),
    Case("owner", "RemoveSerial", {"component": part("OTHER"), "group_id": "$g"}, NF, "DEVICE_UNKNOWN"),
    Case("owner", "RemoveSerial", {"component": part("A", "9"), "group_id": "$g"}, IA, "IEN_NOT_SERVED"),
    Case("owner", "RemoveSerial", {"component": part("A"), "group_id": ""}, IA, "group_id"),
    Case("stranger", "RemoveSerial", {"component": part("A"), "group_id": "$g"}, PD),
    Case("owner", "RemoveSerial", {"component": part("A"), "group_id": "$g"}, OK),
    Case("owner", "DeleteGroup", {"group_id": "$g"}, OK),
    Case("owner", "GetGroup", {"group_id": "$g"}, NF),
    Case("owner", "DeleteDomainCert", {"cert_id": "$cert3"}, OK),
    Case("owner", "DeleteDomainCert", {"cert_id": "$cert4"}, OK),
    Case("owner", "DeleteGroup", {"group_id": "$g3"}, OK),
    Case("owner", "DeleteGroup", {"group_id": "$g4"}, OK),
    Case("stranger", "DeleteDomainCert", {"cert_id": "$other cert"}, OK),
]

CASES = (GROUPS + PARTS + CERTS + VOUCHERS + USERS + DELEGATION + as_role(R) +
         as_role(A) + as_role(M) + END)
