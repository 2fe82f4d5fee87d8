"""Renders every overlay of deploy/kubernetes and holds it against our rules.

    deploy/kubernetes_test.py [--self-test] [MASAD]

Each object is held against the Kubernetes API's schemas (deploy/kubernetes/schema,
where npm is there), and against the rules of deploy/kubernetes/checks: limits,
probes, images, security, secrets; network policies that allow the arrows of the
configurations and no other; flags and configurations that masad itself takes
(where MASAD, or bazel-bin/services/masad/masad, is there). `--self-test` plants a
fault for each rule into rendered objects and fails when one is not found.
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "kubernetes"
MASAD = ROOT.parent / "bazel-bin/services/masad/masad"
MASACTL = ROOT.parent / "bazel-bin/services/masactl/masactl"
sys.path.insert(0, str(FOLDER / "checks"))

import arrows  # noqa: E402
import binary  # noqa: E402
import plants  # noqa: E402
import pods  # noqa: E402
from objects import name_of  # noqa: E402


def overlays():
    return sorted(path.parent.name for path
                  in FOLDER.glob("*/kustomization.yaml")
                  if path.parent.name != "base")


def render(name):
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER / name)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("kubernetes_test: %s: %s" % (name, done.stderr.strip()))
    return [entry for entry in yaml.safe_load_all(done.stdout) if entry]


def readme(name):
    """What says how to make what an overlay needs: its README.md, and those of
    the overlays that it is made of."""
    kustomization = yaml.safe_load((FOLDER / name / "kustomization.yaml")
                                   .read_text())
    own = FOLDER / name / "README.md"
    texts = [own.read_text() if own.exists() else ""]
    for below in kustomization.get("resources", []):
        if below.startswith("../") and below != "../base":
            texts.append(readme(below[3:]))
    return "\n".join(texts)


def rule_faults(objects, text):
    for rule in pods.RULES + (arrows.check_arrows,):
        yield from rule(objects)
    yield from pods.check_secrets(objects, text)


def install_schemas():
    """Whether the schemas are there; `npm ci` brings them once."""
    folder = FOLDER / "schema"
    done = folder / "node_modules/.package-lock.json"
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    if done.exists() and (done.stat().st_mtime
                          >= (folder / "package-lock.json").stat().st_mtime):
        return True
    # Where no registry answers, that is known at once.
    return subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit",
                           "--no-fund", "--fetch-retries=0",
                           "--fetch-timeout=10000"],
                          cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def schema_faults(named_objects):
    """Of (overlay, object), all in one run, since the schemas load slowly."""
    entries = [{"where": "%s: %s" % (name, name_of(entry)), "object": entry}
               for name, entry in named_objects]
    done = subprocess.run(["node", str(FOLDER / "schema/validate.js")],
                          input=json.dumps(entries), capture_output=True,
                          text=True)
    if done.returncode != 0:
        return ["the schemas cannot be read: %s" % done.stderr[-500:]]
    return done.stdout.splitlines()


def faults(masad):
    rendered = {name: render(name) for name in overlays()}
    found = ["%s: %s" % (name, fault) for name, objects in rendered.items()
             for fault in rule_faults(objects, readme(name))]
    if install_schemas():
        found += schema_faults((name, entry)
                               for name, objects in rendered.items()
                               for entry in objects)
    else:
        print("kubernetes_test: schemas skipped: no npm, or no registry",
              file=sys.stderr)
    if masad is not None:
        for name, objects in rendered.items():
            found += ["%s: %s" % (name, fault)
                      for fault in binary.check_binary(objects, masad)]
    else:
        print("kubernetes_test: flags and configurations skipped: no masad",
              file=sys.stderr)
    if MASACTL.exists():
        for name, objects in rendered.items():
            found += ["%s: %s" % (name, fault)
                      for fault in binary.check_client(objects, str(MASACTL))]
    else:
        print("kubernetes_test: flags of clients skipped: no masactl",
              file=sys.stderr)
    return found


def self_test(masad):
    """Returns the plants that were not found, and false alarms."""
    good = {name: (render(name), readme(name)) for name in overlays()}
    missed, planted = [], []
    help_text = binary.help_of(masad) if masad else plants.HELP
    for wanted, name, change in plants.PLANTS:
        objects, text = copy.deepcopy(good[name][0]), good[name][1]
        text = change(objects, text) or text
        found = list(rule_faults(objects, text))
        found += binary.check_flags(objects, help_text)
        if not any(wanted in fault for fault in found):
            missed.append("not found: %s" % wanted)
    for wanted, name, change in plants.SCHEMA_PLANTS:
        objects = copy.deepcopy(good[name][0])
        change(objects, "")
        planted += [(wanted, entry) for entry in objects
                    if entry not in good[name][0]]
    if install_schemas():
        found = schema_faults(planted)
        missed += ["not found by schema: %s" % wanted for wanted, _ in planted
                   if not any(fault.startswith(wanted) for fault in found)]
    if MASACTL.exists():
        for wanted, name, change in plants.CLIENT_PLANTS:
            objects = copy.deepcopy(good[name][0])
            change(objects, "")
            if not any(wanted in fault for fault
                       in binary.check_client(objects, str(MASACTL))):
                missed.append("not found by masactl: %s" % wanted)
    if masad is not None:
        for wanted, name, change in plants.CONFIG_PLANTS:
            objects = copy.deepcopy(good[name][0])
            change(objects, "")
            if not any(wanted in fault
                       for fault in binary.check_binary(objects, masad)):
                missed.append("not found by masad: %s" % wanted)
    return missed


def main():
    words = [word for word in sys.argv[1:] if word != "--self-test"]
    itself = "--self-test" in sys.argv
    masad = words[0] if words else str(MASAD) if MASAD.exists() else None
    if shutil.which("kubectl") is None:
        print("kubernetes_test: skipped: kubectl is not installed")
        return
    found = self_test(masad) if itself else faults(masad)
    for fault in found:
        print("kubernetes_test: %s" % fault, file=sys.stderr)
    print("kubernetes_test%s: %s" % (" --self-test" if itself else "",
                                     "failed" if found else "ok"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
