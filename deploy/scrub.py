#!/usr/bin/env python3
"""Looks for what no log may hold in the logs of a run:

    deploy/scrub.py [--value KIND=TEXT]... DATA [LOG]...

DATA is a sandbox's folder after its run. Its private keys, PINs, passphrases and
the password of its database are looked for in every log below it and in LOG, as
they are, in hexadecimal and in base64; so is each TEXT, that the run was fed with
(a token, a customer's name, a serial number). Nothing may look like a private key,
a bearer token or an address of a client either, and lines of masad are objects
with no other fields than the runbook names.

`--self-test` plants each of these and fails when one is not found.
"""

import argparse
import base64
import json
import pathlib
import re
import sys
import tempfile

RUNBOOK = pathlib.Path(__file__).resolve().parent / "RUNBOOK.md"

# Files below a sandbox's `secrets` that hold nothing but a secret, or a URL.
SECRET_FILES = {"hsm-pin": "the token's PIN", "hsm-so-pin": "the token's SO PIN",
                "key-passphrase": "the key folder's passphrase"}
URL_FILES = ("service-url", "migration-url")

SHAPES = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a bearer token": re.compile(rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."),
    "an authorization header": re.compile(rb"(?i)authorization: *(basic|bearer) +[A-Za-z0-9]"),
    "a password in a URL": re.compile(rb"postgres(ql)?://[^ \"@/]*:[^ \"@/]+@"),
    "a mail address": re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.(example|com|org|net)\b"),
}
SHORTEST = 6  # octets; what is shorter stands anywhere by chance


def key_lines(path):
    """Lines of base64 that stand in this private key alone."""
    lines = path.read_text(encoding="ascii", errors="ignore").splitlines()
    body = [line for line in lines if line and not line.startswith("-----")]
    return body[1:]  # the first begins as all keys of its kind


def known(data):
    """(what it is, octets) of each secret of the sandbox."""
    for path in sorted(data.rglob("*.key")):
        for line in key_lines(path):
            yield f"the private key {path.name}", line.encode()
    for name, what in SECRET_FILES.items():
        path = data / "secrets" / name
        if path.exists():
            yield what, path.read_bytes().strip()
    for name in URL_FILES:
        path = data / "secrets" / name
        if path.exists():
            found = re.search(rb"://[^:@/ ]*:([^@/ ]+)@", path.read_bytes())
            if found:
                yield "the database's password", found.group(1)


def forms(octets):
    """As it may stand in a log: itself, in JSON, in hexadecimal, in base64."""
    yield octets
    yield json.dumps(octets.decode("utf-8", "replace"))[1:-1].encode()
    yield octets.hex().encode()
    yield base64.b64encode(octets).rstrip(b"=")
    yield base64.urlsafe_b64encode(octets).rstrip(b"=")


def schema():
    """The fields that the runbook names for lines of the log."""
    text = RUNBOOK.read_text(encoding="utf-8")
    table = text[text.index("| field | in | what |"):]
    table = table[:table.index("\n\n")]
    return {name for row in table.splitlines()[2:]
            for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def faults_of_line(line, fields):
    try:
        parsed = json.loads(line)
    except ValueError:
        # What the other verbs say to a person.
        return [] if line.startswith("masad: ") else ["a line that is no object"]
    return [f"the field {name}, that the runbook does not have"
            for name in parsed if name not in fields]


def faults(log, secrets, fields):
    """What is in a log that may not be, a sentence each, never the secret."""
    text = log.read_bytes()
    for what, octets in secrets:
        if len(octets) >= SHORTEST and any(form in text for form in forms(octets)):
            yield f"{log.name} holds {what}"
    for what, shape in SHAPES.items():
        if shape.search(text):
            yield f"{log.name} holds what looks like {what}"
    if log.name.startswith("masad"):
        found = {fault for line in text.decode("utf-8", "replace").splitlines() if line
                 for fault in faults_of_line(line, fields)}
        yield from (f"{log.name} has {fault}" for fault in sorted(found))


def logs_of(data):
    return sorted(path for path in data.rglob("*")
                  if path.is_file() and (path.suffix == ".log" or path.name == "log"))


def scrub(data, more, values):
    secrets = [*known(data), *values]
    logs = [*logs_of(data), *more]
    if not any(log.stat().st_size for log in logs):
        yield f"no log below {data} holds anything: it was not a run"
    fields = schema()
    for log in logs:
        yield from faults(log, secrets, fields)


def value_of(text):
    kind, separator, value = text.partition("=")
    if not separator or len(value) < SHORTEST:
        raise argparse.ArgumentTypeError(f"not KIND=TEXT with {SHORTEST} octets or more: {kind}")
    return kind, value.encode()


# Key material of the self-test: no key, only its form.
FORM = ("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n"
        "c2VsZi10ZXN0IG9mIHRoZSBzY3J1YmJlciwgbm8ga2V5\n-----END PRIVATE KEY-----\n")
PLANTS = {
    "a private key's line": "c2VsZi10ZXN0IG9mIHRoZSBzY3J1YmJlciwgbm8ga2V5",
    "a private key, whole": FORM.replace("\n", "\\n"),
    "a PIN": "PIN is 93d1c0ffee",
    "a PIN in hexadecimal": b"93d1c0ffee".hex(),
    "a passphrase": "correct-horse-battery",
    "a passphrase in base64": base64.b64encode(b"correct-horse-battery").decode(),
    "a database's password": "postgresql://masa:hunter2hunter2@db/masa",
    "the password alone": "login with hunter2hunter2",
    "a customer's name": "voucher for M\\u00fcller & Sons",
    "a bearer token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJlcmlrYSJ9.c2ln",
    "a header": "Authorization: Basic cmVnaXN0cmFyOnB3",
    "a mail address": "erika@customer.example",
    "a serial number": "device SN-4711-0815 asks",
}


def write_plain_run(data):
    (data / "secrets").mkdir(parents=True)
    (data / "secrets/voucher.key").write_text(FORM, encoding="ascii")
    (data / "secrets/hsm-pin").write_text("93d1c0ffee\n", encoding="ascii")
    (data / "secrets/key-passphrase").write_text("correct-horse-battery\n", encoding="ascii")
    (data / "secrets/service-url").write_text("postgresql://masa:hunter2hunter2@db/masa",
                                              encoding="ascii")
    log = data / "masad.log"
    log.write_text(json.dumps({"time": "T", "level": "info", "message": "serving"}) + "\n",
                   encoding="ascii")
    return log


def self_test():
    values = [("a customer's name", "Müller & Sons".encode()),
              ("a serial number", b"SN-4711-0815")]
    missed = []
    for what, planted in [*PLANTS.items(), ("nothing", "")]:
        with tempfile.TemporaryDirectory() as name:
            log = write_plain_run(pathlib.Path(name))
            with open(log, "a", encoding="utf-8") as file:
                file.write('{"message":"x","detail":"%s"}\n' % planted.replace('"', ""))
            if bool(list(scrub(pathlib.Path(name), [], values))) != (what != "nothing"):
                missed.append(what)
    for what, line in (("a field of its own", '{"message":"x","customer":"y"}\n'),
                       ("a line of another form", "printf debugging\n")):
        with tempfile.TemporaryDirectory() as name:
            log = write_plain_run(pathlib.Path(name))
            log.write_text(line, encoding="ascii")
            if not list(scrub(pathlib.Path(name), [], [])):
                missed.append(what)
    with tempfile.TemporaryDirectory() as name:
        write_plain_run(pathlib.Path(name)).write_text("", encoding="ascii")
        if not list(scrub(pathlib.Path(name), [], [])):
            missed.append("logs with nothing in them")
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--value", action="append", default=[], type=value_of)
    parser.add_argument("data", nargs="?", type=pathlib.Path)
    parser.add_argument("logs", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.self_test:
        missed = self_test()
        print("scrub: self-test " + ("ok" if not missed else f"missed {', '.join(missed)}"))
        sys.exit(1 if missed else 0)
    found = list(scrub(arguments.data, arguments.logs, arguments.value))
    print("\n".join(found) or "scrub: ok")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
