"""Rules for pods, and for what stands around them, that Kubernetes leaves to us."""

import re

from objects import (containers, is_loopback, name_of, of_kind, port_of, selects, sources,
                     strings, workloads)

DIGEST = re.compile(r"^[^@]+@sha256:[0-9a-f]{64}$")
# What masad's drain takes at most (services/masad/main.cc), and a margin.
DRAIN_SECONDS = 20
MARGIN_SECONDS = 10


def check_images(objects):
    images = [(work.kind, container["image"]) for work in workloads(objects)
              for container in containers(work.pod)]
    images += [(name_of(entry), entry["spec"].get("imageName", ""))
               for entry in of_kind(objects, "Cluster")]
    for where, image in images:
        if not DIGEST.match(image):
            yield "%s: an image without digest: %s" % (where, image)


def check_resources(objects):
    for work in workloads(objects):
        for container in containers(work.pod):
            resources = container.get("resources", {})
            for kind, name in (("requests", "cpu"), ("requests", "memory"),
                               ("limits", "memory")):
                if name not in resources.get(kind, {}):
                    yield "%s: %s has no %s of %s" % (
                        work.kind, container["name"], kind, name)
            if work.serves and "cpu" in resources.get("limits", {}) and \
                    container in work.pod["containers"]:
                yield "%s: %s has a CPU limit" % (work.kind, container["name"])


def check_security(objects):
    """The restricted profile, and a root file system that stays as it is."""
    for work in workloads(objects):
        pod = work.pod.get("securityContext", {})
        if (pod.get("runAsNonRoot") is not True or "fsGroup" not in pod
                or not pod.get("runAsUser")
                or pod.get("seccompProfile", {}).get("type")
                != "RuntimeDefault"):
            yield "%s: the pod's securityContext is not restricted" % work.kind
        if work.pod.get("automountServiceAccountToken") is not False:
            yield "%s: a service account's token is mounted" % work.kind
        for container in containers(work.pod):
            context = container.get("securityContext", {})
            if (context.get("allowPrivilegeEscalation") is not False
                    or context.get("readOnlyRootFilesystem") is not True
                    or context.get("capabilities") != {"drop": ["ALL"]}):
                yield "%s: securityContext of %s is not restricted" % (
                    work.kind, container["name"])


def check_accounts(objects):
    accounts = {entry["metadata"]["name"]: entry
                for entry in of_kind(objects, "ServiceAccount")}
    used = [work.pod.get("serviceAccountName") for work in workloads(objects)]
    for work in workloads(objects):
        account = accounts.get(work.pod.get("serviceAccountName"))
        if account is None:
            yield "%s: there is no such service account" % work.kind
        elif account.get("automountServiceAccountToken") is not False:
            yield "%s: its service account has a token" % work.kind
        if used.count(work.pod.get("serviceAccountName")) > 1:
            yield "%s: shares its service account" % work.kind


def _probe_port(container, probe):
    named = {port["name"]: port["containerPort"]
             for port in container.get("ports", [])}
    port = probe.get("httpGet", {}).get("port")
    return named.get(port, port)


def check_probes(objects):
    """Of masad on its admin port; readiness alone asks for what is behind."""
    paths = {"startupProbe": "/healthz", "livenessProbe": "/healthz",
             "readinessProbe": "/readyz"}
    for work in workloads(objects):
        if not work.serves:
            continue
        container = work.pod["containers"][0]
        for probe, path in paths.items():
            found = container.get(probe)
            if found is None:
                yield "%s: no %s" % (work.kind, probe)
            elif work.config is not None and (
                    found.get("httpGet", {}).get("path") != path
                    or _probe_port(container, found)
                    != port_of(work.config["admin"]["listen"])):
                yield "%s: %s is not %s on the admin port" % (work.kind, probe,
                                                              path)


def check_drain(objects):
    for work in workloads(objects):
        if not work.serves or work.config is None:
            continue
        hook = work.pod["containers"][0].get("lifecycle", {}).get("preStop", {})
        pause = hook.get("sleep", {}).get("seconds", 0)
        if pause < 5:
            yield "%s: no preStop sleep of 5 seconds or more" % work.kind
        if work.pod.get("terminationGracePeriodSeconds",
                        30) < pause + DRAIN_SECONDS + MARGIN_SECONDS:
            yield "%s: killed before its drain ends" % work.kind


def check_disruption(objects):
    for work in workloads(objects):
        if not work.serves or work.config is None:
            continue
        budgets = [entry["spec"] for entry
                   in of_kind(objects, "PodDisruptionBudget")
                   if selects(entry["spec"]["selector"], work.labels)]
        if [(spec.get("maxUnavailable"), spec.get("unhealthyPodEvictionPolicy"))
                for spec in budgets] != [(1, "AlwaysAllow")]:
            yield "%s: not one disruption budget of 1, AlwaysAllow" % work.kind
        if not any(spread["topologyKey"] == "kubernetes.io/hostname"
                   and selects(spread["labelSelector"], work.labels)
                   for spread in work.pod.get("topologySpreadConstraints", [])):
            yield "%s: its replicas are not spread over nodes" % work.kind
        if work.pod.get("priorityClassName") not in [
                entry["metadata"]["name"]
                for entry in of_kind(objects, "PriorityClass")]:
            yield "%s: no priority class" % work.kind


def _metric_faults(work, spec, recorded):
    """CPU, and of the others each one that a rule makes a series of."""
    kinds = [metric["type"] for metric in spec["metrics"]]
    if "Resource" not in kinds:
        yield "%s: scaled by no resource" % work.kind
    for metric in spec["metrics"]:
        name = metric.get("pods", {}).get("metric", {}).get("name")
        if name is not None and "pod:%s:sum" % name not in recorded:
            yield "%s: scaled by %s, which no rule records" % (work.kind, name)
    if recorded and "Pods" not in kinds:
        yield "%s: scaled by no metric of its own" % work.kind


def check_scaling(objects):
    recorded = {rule.get("record") for entry
                in of_kind(objects, "PrometheusRule")
                for group in entry["spec"]["groups"]
                for rule in group["rules"]}
    scaled = {}
    for entry in of_kind(objects, "HorizontalPodAutoscaler"):
        target = entry["spec"]["scaleTargetRef"]
        scaled["%s %s" % (target["kind"], target["name"])] = entry["spec"]
    for work in workloads(objects):
        spec = scaled.pop(work.kind, None)
        if spec is None:
            continue
        if work.component == "signer":
            yield "%s: scaled, though the HSM bounds it" % work.kind
        if "replicas" in work.spec:
            yield "%s: replicas and an autoscaler" % work.kind
        yield from _metric_faults(work, spec, recorded)
        down = spec.get("behavior", {}).get("scaleDown", {})
        if down.get("stabilizationWindowSeconds", 0) < 300:
            yield "%s: scales down in a hurry" % work.kind
    for target in scaled:
        yield "an autoscaler of nothing: %s" % target


def check_timers(objects):
    """A run that hangs ends, none runs beside another, and few are kept."""
    for entry in of_kind(objects, "CronJob"):
        spec, job = entry["spec"], entry["spec"]["jobTemplate"]["spec"]
        if spec.get("concurrencyPolicy") != "Forbid":
            yield "%s: two runs at a time" % name_of(entry)
        if "timeZone" not in spec or "startingDeadlineSeconds" not in spec:
            yield "%s: no time zone, or no deadline to start" % name_of(entry)
        if "successfulJobsHistoryLimit" not in spec or \
                "failedJobsHistoryLimit" not in spec:
            yield "%s: no limit of what is kept" % name_of(entry)
        if "activeDeadlineSeconds" not in job or "backoffLimit" not in job:
            yield "%s: a run without an end" % name_of(entry)


def check_services(objects):
    for service in of_kind(objects, "Service"):
        spec = service["spec"]
        behind = [work for work in workloads(objects)
                  if selects({"matchLabels": spec["selector"]}, work.labels)]
        if len(behind) != 1:
            yield "%s: %d workloads behind it" % (name_of(service), len(behind))
            continue
        ports = {port["name"] for container in behind[0].pod["containers"]
                 for port in container.get("ports", [])}
        for port in spec["ports"]:
            if port["targetPort"] not in ports:
                yield "%s: no port %s in its pods" % (name_of(service),
                                                      port["targetPort"])
            if port["name"].startswith("grpc") and (
                    spec.get("clusterIP") != "None"
                    or spec.get("publishNotReadyAddresses")):
                yield "%s: gRPC, and not headless over ready pods" % \
                    name_of(service)


def check_ports(objects):
    """What masad listens on is what the pod says, and the other way round."""
    for work in workloads(objects):
        if not work.serves or work.config is None:
            continue
        own = {key: work.config.get(key, {})
               for key in (work.component, "admin")}
        listened = {port_of(text) for path, text in strings(own)
                    if path.endswith((".listen", ".status_listen"))
                    and not is_loopback(text)}
        said = {port["containerPort"]
                for port in work.pod["containers"][0].get("ports", [])}
        if listened != said:
            yield "%s: listens on %s, and says %s" % (
                work.kind, sorted(listened), sorted(said))


def check_secrets(objects, readme):
    """Files, made by the operator as the README says; never in a manifest."""
    made = {(entry["kind"], entry["metadata"]["name"])
            for entry in of_kind(objects, "ConfigMap")}
    for entry in of_kind(objects, "Secret"):
        yield "%s: a secret in a manifest" % name_of(entry)
    for work in workloads(objects):
        for volume, kind, name in sources(work.pod):
            if kind == "Secret" and volume.get("projected", {}).get(
                    "defaultMode") != 0o440:
                yield "%s: %s is not projected with mode 0440" % (work.kind,
                                                                  name)
            if (kind, name) not in made and not re.search(
                    r"create (secret generic|configmap) %s\b(?!-)" % name,
                    readme):
                yield "%s: README.md does not say how to make %s %s" % (
                    work.kind, kind, name)
        for container in containers(work.pod):
            if container.get("envFrom") or any(
                    "valueFrom" in each for each in container.get("env", [])):
                yield "%s: a secret may be in the environment" % work.kind
    for cluster in of_kind(objects, "Cluster"):
        text = str(cluster["spec"])
        for name in set(re.findall(r"'name': '(masa-database-\w+)'", text)):
            if "secret generic %s " % name not in readme:
                yield "%s: README.md does not say how to make %s" % (
                    name_of(cluster), name)


def check_files(objects):
    """Every file that a serving masad reads lies in something it mounts."""
    for work in workloads(objects):
        if not work.serves or work.config is None:
            continue
        mounts = [mount["mountPath"]
                  for mount in work.pod["containers"][0]["volumeMounts"]]
        for path, text in strings(work.config):
            if path.split(".")[-1] in ("migration_url_file",
                                       "retention_url_file",
                                       "backup_url_file", "certificate_file"):
                continue
            if text.startswith("/") and not any(
                    text == mount or text.startswith(mount + "/")
                    for mount in mounts):
                yield "%s: %s is not mounted: %s" % (work.kind, path, text)


RULES = (check_images, check_resources, check_security, check_accounts,
         check_probes, check_drain, check_disruption, check_scaling, check_timers,
         check_services, check_ports, check_files)
