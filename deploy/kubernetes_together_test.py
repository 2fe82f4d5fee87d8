"""Starts the overlay `dev` on this machine: what its pods would run, with what they
would mount, as processes beside a private PostgreSQL. One device is onboarded, and
one is enrolled over EST.

    deploy/kubernetes_together_test.py [BIN]      (bazel-bin/services)

Volumes are filled as Kubernetes would: from rendered ConfigMaps, and from the
files that the commands in dev/README.md name. Only paths, ports and hosts differ.
The jobs run before and after, as their timers would have it.
"""

import base64
import glob
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "kubernetes"
sys.path.insert(0, str(FOLDER / "checks"))
sys.path.insert(0, str(ROOT))

from kubernetes_test import render  # noqa: E402
from objects import of_kind, sources, workloads  # noqa: E402


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def made_by(readme):
    """(kind, name) -> {key: (is_file, text)} of the README's `create` commands."""
    found = {}
    for kind, name, rest in re.findall(
            r"create (secret generic|configmap) (\S+)(.*)", readme):
        content = found.setdefault(
            ("ConfigMap" if kind == "configmap" else "Secret", name), {})
        for form, text in re.findall(r"--from-(file|literal)=(\S+)", rest):
            key, equals, value = text.partition("=")
            if not equals:
                key, value = os.path.basename(text), text
            content[key] = (form == "file", value)
    return found


class Place:
    """A folder that stands for the cluster."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries
        self.sandbox = folder / "sandbox"
        self.socket = folder / "socket"
        self.ports = {}
        self.objects = render("dev")
        self.made = made_by((FOLDER / "dev/README.md").read_text())

    def run(self, *words, **more):
        done = subprocess.run([str(word) for word in words], text=True,
                              capture_output=True, **more)
        if done.returncode != 0:
            sys.exit("kubernetes_together_test: %s: %s%s" %
                     (words[0], done.stdout[-800:], done.stderr[-800:]))
        return done.stdout

    def port(self, component, number):
        """Of a listener: one for all, but that each pod has its admin ports."""
        key = (component if number in (9445, 9448) else "", number)
        return self.ports.setdefault(key, free_port())

    def content(self, kind, name):
        for entry in of_kind(self.objects, kind):
            if entry["metadata"]["name"] == name:
                return {key: text.encode()
                        for key, text in entry["data"].items()}
        return {key: (self.folder / value).read_bytes() if is_file
                else value.encode()
                for key, (is_file, value) in self.made[(kind, name)].items()}

    def rewritten(self, work, text):
        text = re.sub(r"(?<![\w/])/(?=etc/masa|var/lib/masa)",
                      "%s/%s/" % (self.folder, work.component), text)
        text = re.sub(r"(?:0\.0\.0\.0|127\.0\.0\.1):(\d+)", lambda found: "127.0.0.1:%d" %
                      self.port(work.component, int(found[1])), text)
        return re.sub(r"dns:///[\w-]+:(\d+)", lambda found:
                      "dns:///localhost:%d" % self.port("", int(found[1])),
                      text)

    def mount(self, work):
        """Fills what the pod mounts; returns masad's command."""
        filled = {}
        claims = {volume["name"]: volume["persistentVolumeClaim"]["claimName"]
                  for volume in work.pod.get("volumes", [])
                  if "persistentVolumeClaim" in volume}
        for volume, kind, name in sources(work.pod):
            filled.setdefault(volume["name"], {}).update(
                self.content(kind, name))
        container = work.pod["containers"][0]
        for mount in container["volumeMounts"]:
            path = self.folder / work.component / mount["mountPath"][1:]
            if mount["name"] in claims:
                shared = self.folder / "volumes" / claims[mount["name"]]
                shared.mkdir(parents=True, exist_ok=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(shared)
            path.mkdir(parents=True, exist_ok=True)
            for key, data in filled.get(mount["name"], {}).items():
                if key == "masad.yaml":
                    data = self.rewritten(work, data.decode()).encode()
                (path / key).write_bytes(data)
        return [self.binaries / "masad/masad"] + [
            self.rewritten(work, word) for word in container["args"]]


def as_postgres(*words):
    return (["runuser", "-u", "postgres", "--"] if os.getuid() == 0
            else []) + [str(word) for word in words]


def start_postgres(place):
    """With the roles of the overlay's own script, by a socket alone."""
    tools = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    place.socket.mkdir()
    database = place.folder / "socket/data"
    if os.getuid() == 0:
        shutil.chown(place.socket, "postgres")
    place.run(*as_postgres(tools / "initdb", "-D", database, "-U", "postgres",
                           "--auth=trust"), cwd="/")
    subprocess.run(
        as_postgres(tools / "pg_ctl", "-D", database, "-w", "-s", "-l",
                    place.socket / "log", "-o",
                    "-c listen_addresses='' -c unix_socket_directories='%s'"
                    % place.socket, "start"), check=True, cwd="/")
    script = place.socket / "roles.sh"
    shutil.copy(FOLDER / "dev/roles.sh", script)
    for login in ("migrator", "app", "forgetter"):
        (place.socket / (login + "-password")).write_text("unused")
    place.run(*as_postgres("env", "PGHOST=%s" % place.socket, "SECRETS=%s" %
                           place.socket, "sh", script), cwd="/")
    return as_postgres(tools / "pg_ctl", "-D", database, "-m", "fast", "-s",
                       "stop")


def make_secrets(place):
    """The files that the README's commands name."""
    place.run(place.binaries / "testing/make_sandbox", place.sandbox,
              "--status-url", "http://127.0.0.1:%d" % place.port("edge", 9449))
    (place.sandbox / "database").mkdir()
    for login in ("superuser", "migrator", "app", "forgetter"):
        (place.sandbox / "database" / (login + "-password")).write_text("unused")
        (place.sandbox / "database" / (login + "-url")).write_text(
            "postgresql:///masa?host=%s&user=masa_%s" % (place.socket, login))


def wait_until_ready(place, component, process):
    url = "http://127.0.0.1:%d/readyz" % place.port(component, 9445)
    said = ""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except urllib.error.HTTPError as error:
            said = error.read().decode()
        except OSError as error:
            said = str(error)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    log = (place.folder / (component + ".log")).read_text()
    sys.exit("kubernetes_together_test: %s is not ready: %s%s" %
             (component, said, log[-800:]))


def onboard(place):
    devices = place.folder / "devices.csv"
    devices.write_text("serial_number,product\nDEMO-0001,default\n")
    folder = place.sandbox / "sandbox"
    place.run(place.binaries / "masactl/masactl", "device", "import", devices,
              "--server", "localhost:%d" % place.port("authority", 9444),
              "--ca", folder / "tls-root.pem", "--cert",
              folder / "operator.pem", "--key", folder / "operator.key")
    place.run(place.binaries / "testing/demo/demo", "--data", place.sandbox,
              "--port", place.port("edge", 9443), "--out", place.folder)


def enroll(place):
    """As the README of the sandbox has it; the certificate's OCSP answers."""
    folder = place.sandbox / "sandbox"
    key, request = place.folder / "new.key", place.folder / "new.req"
    place.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
              "-out", key)
    place.run("openssl", "req", "-new", "-key", key, "-subj",
              "/serialNumber=NEW-0001", "-outform", "DER", "-out", request)
    request.write_text(base64.b64encode(request.read_bytes()).decode())
    answer = place.run(
        "curl", "-sS", "--fail-with-body", "--cacert", folder / "tls-root.pem",
        "--cert", folder / "line.pem", "--key", folder / "line.key", "-H",
        "Content-Type: application/pkcs10", "--data-binary", "@%s" % request,
        "https://localhost:%d/.well-known/est/simpleenroll" %
        place.port("edge", 9443))
    (place.folder / "new.p7").write_bytes(base64.b64decode(answer))
    place.run("openssl", "pkcs7", "-inform", "DER", "-in",
              place.folder / "new.p7", "-print_certs", "-out",
              place.folder / "new.pem")
    url = place.run("openssl", "x509", "-in", place.folder / "new.pem", "-noout",
                    "-ocsp_uri").strip()
    said = place.run("openssl", "ocsp", "-issuer", folder / "idevid-ca.pem",
                     "-cert", place.folder / "new.pem", "-no_nonce", "-url", url,
                     "-CAfile", folder / "idevid-root.pem", "-verify_other",
                     folder / "idevid-ca.pem")
    if ": good" not in said:
        sys.exit("kubernetes_together_test: OCSP: %s" % said)


def serve(place, serving):
    """Starts the roles, onboards and enrols a device each, and has the roles end
    as pods do."""
    running = {}
    try:
        for work in serving:
            with open(place.folder / (work.component + ".log"), "w") as log:
                running[work.component] = subprocess.Popen(place.mount(work),
                                                           stderr=log)
        for component, process in running.items():
            wait_until_ready(place, component, process)
        onboard(place)
        enroll(place)
        for component, process in running.items():
            process.send_signal(signal.SIGTERM)
            if process.wait(timeout=35) != 0:
                sys.exit("kubernetes_together_test: %s ends with %d" %
                         (component, process.returncode))
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def main():
    binaries = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                            else ROOT.parent / "bazel-bin/services").resolve()
    # Short, since paths of sockets end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="masa-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        place = Place(pathlib.Path(name), binaries)
        stop = start_postgres(place)
        try:
            make_secrets(place)
            works = {work.component: work for work in workloads(place.objects)}
            for job in ("migrate", "catalog", "retention"):
                place.run(*place.mount(works[job]))
            serve(place, [works[role]
                          for role in ("signer", "authority", "edge")])
            said = place.run(*place.mount(works["verify-audit"]))
            if "and as the mirror has them" not in said:
                sys.exit("kubernetes_together_test: verify-audit: %s" % said)
        finally:
            subprocess.run(stop, cwd="/", check=False)
    print("kubernetes_together_test: ok")


if __name__ == "__main__":
    main()
