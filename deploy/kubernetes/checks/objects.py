"""Reads rendered objects: their pods, what those mount, their configuration."""

import collections
import functools

import yaml

# A pod template with what stands around it. `config` is the parsed masad.yaml
# that it mounts, or None; `serves` says whether it is meant to stay up.
Workload = collections.namedtuple(
    "Workload", "kind name component labels pod config serves spec")


def of_kind(objects, *kinds):
    return [entry for entry in objects if entry["kind"] in kinds]


def name_of(entry):
    return "%s %s" % (entry["kind"], entry["metadata"]["name"])


def _template(entry):
    spec = entry["spec"]
    if entry["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]


@functools.lru_cache(maxsize=None)
def _parsed(text):
    return yaml.safe_load(text)


def _config(objects, pod):
    mounted = [volume["configMap"]["name"] for volume in pod.get("volumes", [])
               if volume["name"] == "config" and "configMap" in volume]
    for entry in of_kind(objects, "ConfigMap"):
        if entry["metadata"]["name"] in mounted:
            return _parsed(entry["data"]["masad.yaml"])
    return None


def workloads(objects):
    found = []
    for entry in of_kind(objects, "Deployment", "StatefulSet", "Job",
                         "CronJob"):
        template = _template(entry)
        labels = template["metadata"]["labels"]
        found.append(Workload(
            name_of(entry), entry["metadata"]["name"],
            labels.get("app.kubernetes.io/component", ""), labels,
            template["spec"], _config(objects, template["spec"]),
            entry["kind"] in ("Deployment", "StatefulSet"), entry["spec"]))
    return found


def containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


def sources(pod):
    """(volume, kind, name) of each Secret and ConfigMap that a pod mounts."""
    for volume in pod.get("volumes", []):
        if "secret" in volume:
            yield volume, "Secret", volume["secret"]["secretName"]
        if "configMap" in volume:
            yield volume, "ConfigMap", volume["configMap"]["name"]
        for source in volume.get("projected", {}).get("sources", []):
            for key, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
                if key in source:
                    yield volume, kind, source[key]["name"]


def selects(selector, labels):
    """As Kubernetes matches labels; an empty selector matches all."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for term in selector.get("matchExpressions") or []:
        has, value = term["key"] in labels, labels.get(term["key"])
        if not {"In": value in term.get("values", []),
                "NotIn": value not in term.get("values", []),
                "Exists": has, "DoesNotExist": not has}[term["operator"]]:
            return False
    return True


def port_of(listen):
    return int(listen.rsplit(":", 1)[1])


def is_loopback(listen):
    """Reached from within the pod alone, as `kubectl port-forward` is."""
    return listen.startswith(("127.", "[::1]"))


def strings(value, path=""):
    """(path, text) of every text in a configuration."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from strings(below, "%s.%s" % (path, key) if path else key)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from strings(below, "%s[%d]" % (path, index))
    elif isinstance(value, str):
        yield path, value
