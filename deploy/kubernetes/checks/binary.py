"""Holds rendered objects against masad itself: its flags, its reading of each
configuration, and its start with it.

Every file that a configuration names is made in a temporary folder, with one
throw-away key and certificate for all, and the paths are rewritten to it.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.request

import yaml

from objects import containers, strings, workloads

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


def help_of(binary):
    return subprocess.run([binary, "--help"], capture_output=True, text=True,
                          check=True).stdout


def check_flags(objects, help_text):
    """Each flag is one of masad's, and the first word one of its commands."""
    options, _, commands = help_text.partition("Subcommands:")
    flags = set(re.findall(r"^\s+(?:-\w,)?(--[\w-]+)", options, re.M))
    words = set(re.findall(r"^  ([\w-]+) ", commands, re.M))
    for work in workloads(objects):
        for container in containers(work.pod):
            if container["name"] != "masad":
                continue
            arguments = container["args"]
            for word in arguments:
                if word.startswith("-") and word.split("=")[0] not in flags:
                    yield "%s: masad has no flag %s" % (work.kind, word)
            if arguments[0][0] != "-" and arguments[0] not in words:
                yield "%s: masad has no command %s" % (work.kind, arguments[0])
            if work.serves and "--role=%s" % work.component not in arguments:
                yield "%s: not the role %s" % (work.kind, work.component)


def check_client(objects, binary):
    """The same of masactl, whose commands have their own flags."""
    for work in workloads(objects):
        for container in containers(work.pod):
            if container["name"] != "masactl":
                continue
            arguments = container["args"]
            command, flags = [], set()
            for word in [""] + [word for word in arguments if word[0] != "-"]:
                command += [word] if word else []
                text = subprocess.run([binary] + command + ["--help"],
                                      capture_output=True, text=True).stdout
                if word and not re.search(r"^  %s\b" % word, below, re.M):
                    yield "%s: masactl has no command %s" % (
                        work.kind, " ".join(command))
                below = text.partition("Subcommands:")[2]
                flags |= set(re.findall(r"(--[\w-]+)", text))
            for word in arguments:
                if word[0] == "-" and word.split("=")[0] not in flags:
                    yield "%s: masactl has no flag %s" % (work.kind, word)


def _openssl(*arguments):
    subprocess.run(("openssl",) + arguments, check=True, capture_output=True)


def make_keys(folder, host_names):
    """One P-256 and one Ed25519 key, each with a certificate of all names."""
    names = ",".join("DNS:" + name for name in host_names)
    for name, new_key in (("p256", ("-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:P-256")),
                          ("ed25519", ("-newkey", "ed25519"))):
        _openssl("req", "-x509", *new_key, "-nodes", "-days", "2", "-keyout",
                 "%s/%s.key" % (folder, name), "-out", "%s/%s.pem" %
                 (folder, name), "-subj", "/CN=masa.example", "-addext",
                 "subjectAltName=" + names)


def _content(path, keys):
    name = path.split("/")[-1]
    kind = "ed25519" if "audit" in name else "p256"
    if name.endswith((".key", ".pem", ".crt")):
        return (keys / ("%s.%s" % (kind, "key" if name.endswith(".key")
                                   else "pem"))).read_text()
    return ("postgresql://nobody@127.0.0.1:1/none" if name == "url"
            else "" if name == "stopped-keys" else "1234")


def place(config, folder, keys):
    """The configuration with its files made below `folder`; returns its path."""
    def moved(value, field=""):
        if isinstance(value, dict):
            return {key: moved(below, key) for key, below in value.items()}
        if isinstance(value, list):
            return [moved(below, field) for below in value]
        if field in ("listen", "status_listen"):
            return "127.0.0.1:0"
        if field == "module" and os.path.exists(SOFTHSM):
            return SOFTHSM
        if isinstance(value, str) and value.startswith("/"):
            return str(folder) + value
        return value

    for path, text in strings(config):
        if not text.startswith("/"):
            continue
        file = folder / text[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith("_folder"):
            file.mkdir(exist_ok=True)
        else:
            file.write_text(_content(text, keys))
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(
        "directories.tokendir = %s/tokens\n" % folder)
    (folder / "masad.yaml").write_text(yaml.safe_dump(moved(config)))
    return folder / "masad.yaml"


def check_config(work, command):
    done = subprocess.run(command + ["--check-config"], capture_output=True,
                          text=True)
    if done.returncode != 0:
        for line in done.stderr.splitlines():
            yield "%s: --check-config: %s" % (work.kind, line)


def check_start(work, command, folder):
    """It starts with nothing behind it, is alive, not ready, and ends when told
    to: what Kubernetes sees of a pod whose database is away."""
    log = folder / "masad.log"
    with open(log, "w") as file:
        process = subprocess.Popen(
            command, stderr=file,
            env={**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm.conf")})
    try:
        port = _admin_port(log, process)
        if port is None:
            yield "%s: does not start: %s" % (work.kind,
                                              log.read_text()[-500:])
            return
        with urllib.request.urlopen("http://127.0.0.1:%d/healthz" % port,
                                    timeout=10) as answer:
            if answer.status != 200:
                yield "%s: /healthz says %d" % (work.kind, answer.status)
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=25) != 0:
            yield "%s: ends with %d" % (work.kind, process.returncode)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _admin_port(log, process):
    """Where it serves /healthz, once it does; None when it ended before."""
    for _ in range(200):
        for line in log.read_text().splitlines():
            if '"serving"' in line:
                return int(json.loads(line)["admin_port"])
        try:
            process.wait(timeout=0.05)
            return None
        except subprocess.TimeoutExpired:
            pass
    return None


def check_binary(objects, binary):
    yield from check_flags(objects, help_of(binary))
    with tempfile.TemporaryDirectory() as keys:
        make_keys(keys, ["localhost"] + [
            name for work in workloads(objects) if work.config is not None
            for entry in work.config.get("edge", {}).get("certificates", [])
            for name in entry["host_names"]])
        for work in workloads(objects):
            if not work.serves or work.config is None:
                continue
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                config = place(work.config, folder, pathlib.Path(keys))
                command = [binary, "--role=%s" % work.component, "--config",
                           str(config)]
                faults = list(check_config(work, command))
                yield from faults
                has_hsm = "pkcs11" in work.config.get("signer", {})
                if not faults and (not has_hsm or os.path.exists(SOFTHSM)):
                    yield from check_start(work, command, folder)
