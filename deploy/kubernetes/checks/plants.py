"""Faults for the self-test: what a rule has to say, the overlay, and a function
that plants the fault into its rendered objects; one that returns a text replaces
the README by it."""

import yaml

from objects import of_kind, workloads

HELP = """Options:
  -h,--help  Print this help message and exit
  --role ENUM  edge
  --config TEXT  YAML file
  --check-config  report
Subcommands:
  migrate  bring the database to this version
  apply  write a catalog
  retention  forget
  verify-audit  hold the log
  verify-backup  hold a copy
"""


def _one(objects, kind, name):
    return next(entry for entry in of_kind(objects, kind)
                if entry["metadata"]["name"] == name)


def _pod(objects, component):
    return next(work.pod for work in workloads(objects)
                if work.component == component)


def _masad(objects, component):
    return _pod(objects, component)["containers"][0]


def _of_pod(component, change):
    return lambda objects, _: change(_pod(objects, component)) and None


def _of_masad(component, change):
    return lambda objects, _: change(_masad(objects, component)) and None


def _of(kind, name, change):
    return lambda objects, _: change(_one(objects, kind, name)) and None


def _put(*path):
    """A change that sets the place that `path` leads to, to its last element."""
    def change(entry):
        for key in path[:-2]:
            entry = entry[key]
        entry[path[-2]] = path[-1]
    return change


def _drop(*path):
    def change(entry):
        for key in path[:-1]:
            entry = entry[key]
        del entry[path[-1]]
    return change


def _config(component, change):
    """Changes the masad.yaml that a component mounts."""
    def plant(objects, _):
        for entry in of_kind(objects, "ConfigMap"):
            if entry["metadata"]["name"].startswith("masa-%s-" % component):
                config = yaml.safe_load(entry["data"]["masad.yaml"])
                change(config)
                entry["data"]["masad.yaml"] = yaml.safe_dump(config)
    return plant


def _without(kind, name):
    def plant(objects, _):
        objects.remove(_one(objects, kind, name))
    return plant


P = "production"
PLANTS = (
    ("image without digest", P, _of_masad("edge", _put("image", "masad:1"))),
    ("image without digest", "production-cloudnative-pg",
     _of("Cluster", "masa-database", _put("spec", "imageName", "pg:15"))),
    ("ingress of operators -> signer TCP/9448", P,
     _config("signer", _put("admin", "rpc", "listen", "0.0.0.0:9448"))),
    ("ingress of anyone -> edge TCP/9449", P,
     _config("edge", _drop("edge", "status_listen"))),
    ("no limits of memory", P,
     _of_masad("migrate", _drop("resources", "limits"))),
    ("no requests of cpu", P,
     _of_pod("signer", _drop("initContainers", 0, "resources", "requests",
                             "cpu"))),
    ("has a CPU limit", P,
     _of_masad("edge", _put("resources", "limits", "cpu", 2))),
    ("the pod's securityContext", "dev",
     _of_pod("database", _drop("securityContext", "runAsNonRoot"))),
    ("token is mounted", P,
     _of_pod("edge", _drop("automountServiceAccountToken"))),
    ("securityContext of masad", P,
     _of_masad("signer", _drop("securityContext", "readOnlyRootFilesystem"))),
    ("no such service account", P,
     _without("ServiceAccount", "masa-catalog")),
    ("service account has a token", P,
     _of("ServiceAccount", "masa-edge",
         _drop("automountServiceAccountToken"))),
    ("shares its service account", P,
     _of_pod("edge", _put("serviceAccountName", "masa-signer"))),
    ("no startupProbe", P, _of_masad("signer", _drop("startupProbe"))),
    ("livenessProbe is not /healthz", P,
     _of_masad("authority", _put("livenessProbe", "httpGet", "path",
                                 "/readyz"))),
    ("readinessProbe is not /readyz on the admin", P,
     _of_masad("edge", _put("readinessProbe", "httpGet", "port", "https"))),
    ("no preStop", P, _of_masad("edge", _drop("lifecycle"))),
    ("killed before its drain", P,
     _of_pod("authority", _put("terminationGracePeriodSeconds", 30))),
    ("disruption budget", P, _without("PodDisruptionBudget", "masa-signer")),
    ("disruption budget", P,
     _of("PodDisruptionBudget", "masa-edge",
         _drop("spec", "unhealthyPodEvictionPolicy"))),
    ("not spread over nodes", P,
     _of_pod("signer", _drop("topologySpreadConstraints"))),
    ("no priority class", P, _without("PriorityClass", "masa-service")),
    ("scaled, though", P,
     _of("HorizontalPodAutoscaler", "masa-edge",
         _put("spec", "scaleTargetRef",
              {"kind": "StatefulSet", "name": "masa-signer"}))),
    ("an autoscaler of nothing", P,
     _of("HorizontalPodAutoscaler", "masa-edge",
         _put("spec", "scaleTargetRef", "name", "masa-edges"))),
    ("replicas and an autoscaler", P,
     _of("Deployment", "masa-edge", _put("spec", "replicas", 3))),
    ("scales down in a hurry", P,
     _of("HorizontalPodAutoscaler", "masa-authority",
         _drop("spec", "behavior"))),
    ("0 workloads behind it", P,
     _of("Service", "masa-signer", _put("spec", "selector", {"a": "b"}))),
    ("no port grpc in its pods", P,
     _of("Service", "masa-signer",
         _put("spec", "ports", 0, "targetPort", "grpc"))),
    ("not headless", P,
     _of("Service", "masa-authority-internal", _drop("spec", "clusterIP"))),
    ("listens on [9443, 9445, 9449], and says [9443, 9445]", P,
     _of_masad("edge", _drop("ports", 1))),
    ("is not mounted: /etc/masa/secrets/tls", P,
     _of_masad("edge", _drop("volumeMounts", 2))),
    # Secrets.
    ("a secret in a manifest", P,
     lambda objects, _: objects.append(
         {"kind": "Secret", "metadata": {"name": "a"}})),
    ("not projected with mode 0440", P,
     _of_pod("edge", _put("volumes", 2, "projected", "defaultMode", 0o444))),
    ("how to make Secret masa-hsm", P,
     lambda _, text: text.replace("masa-hsm", "masa-other")),
    ("how to make ConfigMap masa-catalog", "dev",
     lambda _, text: text.replace("configmap masa-catalog", "")),
    ("how to make masa-database-app", "production-cloudnative-pg",
     lambda _, text: text.replace("masa-database-app", "")),
    ("may be in the environment", P,
     _of_masad("edge", _put("envFrom", [{"secretRef": {"name": "a"}}]))),
    # Arrows.
    ("ingress of edge -> authority TCP/9446", P,
     _of("NetworkPolicy", "masa-authority", _drop("spec", "ingress", 0))),
    ("egress of edge -> authority TCP/9446", P,
     _of("NetworkPolicy", "masa-edge", _drop("spec", "egress", 0))),
    ("no policy allows the egress of edge -> internet TCP/80", P,
     _of("NetworkPolicy", "masa-edge", _drop("spec", "egress", 1))),
    ("ingress of API clients -> authority TCP/9444, an arrow that no", P,
     _config("authority", _drop("authority", "api"))),
    ("allows the egress of edge -> internet TCP/80, an arrow", P,
     _config("edge", _put("edge", "fetch", {"off": True}))),
    ("no policy allows the egress of authority -> internet TCP/443", P,
     _config("authority", _put("authority", "oidc",
                               [{"jwks_url": "https://idp.example"}]))),
    ("egress of signer -> an address TCP/any", P,
     _without("NetworkPolicy", "masa-hsm")),
    ("egress of signer -> an address TCP/1792, an arrow", P,
     _config("signer", _drop("signer", "pkcs11"))),
    ("egress of migrate -> an address TCP/5432", P,
     _without("NetworkPolicy", "masa-external-database")),
    ("ingress of retention -> database TCP/5432", "dev",
     _without("NetworkPolicy", "masa-database")),
    ("ingress of CloudNativePG -> database TCP/8000",
     "production-cloudnative-pg",
     _of("NetworkPolicy", "masa-database", _drop("spec", "ingress", 2))),
    ("ingress of Prometheus -> signer TCP/9445", P,
     _without("NetworkPolicy", "masa-metrics")),
    ("egress of authority -> DNS UDP/53", P,
     _without("NetworkPolicy", "masa-dns")),
    ("egress of signer -> internet TCP/443, an arrow", P,
     _of("NetworkPolicy", "masa-signer",
         _put("spec", "egress",
              [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}],
                "ports": [{"protocol": "TCP", "port": 443}]}]))),
    ("ingress of anyone -> signer TCP/9447, an arrow", P,
     _of("NetworkPolicy", "masa-signer",
         _drop("spec", "ingress", 0, "from"))),
    ("egress of edge -> no service of", P,
     _config("edge", _put("edge", "authority", "target",
                          "dns:///masa-authorities:9446"))),
    ("denies what no other allows", P, _without("NetworkPolicy", "masa-deny")),
    ("egress of verify-audit -> an address TCP/5432", P,
     _without("NetworkPolicy", "masa-external-database")),
    ("egress of verify-backup -> an address TCP/5432",
     "production-cloudnative-pg",
     _without("NetworkPolicy", "masa-backup-database")),
    ("egress of escrow-export -> authority TCP/9444", P,
     _without("NetworkPolicy", "masa-escrow-export")),
    ("egress of escrow-export -> no service of", P,
     _of_pod("escrow-export", _put("containers", 0, "args",
                                   ["escrow", "--server=masa-api:9444"]))),
    ("which no rule records", P,
     _of("HorizontalPodAutoscaler", "masa-edge",
         _put("spec", "metrics", 1, "pods", "metric", "name", "masa_calls"))),
    ("scaled by no metric of its own", P,
     _of("HorizontalPodAutoscaler", "masa-authority",
         _drop("spec", "metrics", 1))),
    ("scaled by no resource", P,
     _of("HorizontalPodAutoscaler", "masa-authority",
         _drop("spec", "metrics", 0))),
    ("two runs at a time", P,
     _of("CronJob", "masa-verify-audit",
         _put("spec", "concurrencyPolicy", "Allow"))),
    ("no deadline to start", P,
     _of("CronJob", "masa-retention",
         _drop("spec", "startingDeadlineSeconds"))),
    ("no limit of what is kept", P,
     _of("CronJob", "masa-escrow-export",
         _drop("spec", "failedJobsHistoryLimit"))),
    ("a run without an end", P,
     _of("CronJob", "masa-verify-backup",
         _drop("spec", "jobTemplate", "spec", "activeDeadlineSeconds"))),
    # Flags.
    ("no flag --rolle=edge", P, _of_masad("edge", _put("args", 0,
                                                       "--rolle=edge"))),
    ("not the role signer", P, _of_masad("signer", _put("args", 0,
                                                        "--role=all"))),
    ("no command migrat", P, _of_masad("migrate", _put("args", 0, "migrat"))),
)
SCHEMA_PLANTS = (
    ("an unknown field", P,
     _of("PodDisruptionBudget", "masa-edge",
         _put("spec", "unhealthyPodEvictionPolicies", "AlwaysAllow"))),
    ("an unknown field deep inside", P,
     _of_masad("edge", _put("livenessProbe", "timeout", 3))),
    ("a value that is none of the allowed", P,
     _of("NetworkPolicy", "masa-deny",
         _put("spec", "policyTypes", ["Inwards"]))),
    ("a number where a text is needed", P,
     _of("Service", "masa-edge", _put("spec", "selector", {"a": 1}))),
    ("a missing field", P, _of("Deployment", "masa-edge",
                               _drop("spec", "selector"))),
    ("an unknown field of an operator", "production-cloudnative-pg",
     _of("Cluster", "masa-database", _put("spec", "replicas", 3))),
    ("an unknown kind", P,
     _of("PriorityClass", "masa-service", _put("kind", "PriorityClasses"))),
)
CLIENT_PLANTS = (
    ("masactl has no flag --keeps=4", P,
     _of_pod("escrow-export", _put("containers", 0, "args", 0, "--keeps=4"))),
    ("masactl has no command escrow exports", P,
     _of_pod("escrow-export", _put("containers", 0, "args", 1, "exports"))),
)
CONFIG_PLANTS = (
    ("edge.listens: there is no such field", P,
     _config("edge", _put("edge", "listens", "0.0.0.0:1"))),
    ("authority.signer.target: a target is needed", P,
     _config("authority", _drop("authority", "signer", "target"))),
    ("signer.limits[0].key: there is no key", "dev",
     _config("signer", _put("signer", "limits", 0, "key", "acme-vouchers"))),
    ("does not start", "dev",
     _config("authority", _put("authority", "api", "allow", 0, "service",
                               "masa.v1.NoService"))),
)
