"""A real Prometheus reads a sandbox; every query of rules and dashboards
returns data, and every metric that one of them names is exported."""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import yaml

import alerts
import dashboards
import make

PATIENCE = 180  # seconds, for rules to have seen two scrapes and each other

# Metrics of parts that a sandbox does not have: an HSM, and roles that call each
# other. Tests of these parts name them.
ELSEWHERE = {"masa_hsm_token_open", "masa_signer_sessions", "masa_signer_queue_depth",
             "masa_signer_queue_wait_seconds_bucket", "grpc_client_started_total",
             "grpc_client_handled_total", "grpc_client_handling_seconds_count",
             "grpc_client_handling_seconds_bucket"}
# Metrics of masad; `up` Prometheus makes itself.
OURS = re.compile(r"\b(?:masa|grpc_server|grpc_client|process)_[a-z0-9_]+")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Prometheus:
    """One that scrapes `target` each second, with our rules."""

    def __init__(self, folder, target):
        self.port = free_port()
        (folder / "rules.yaml").write_text(make.text_of(make.groups()))
        (folder / "prometheus.yaml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": "masa", "static_configs": [{"targets": [target]}]}],
        }))
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yaml",
             f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}",
             "--log.level=warn"], stdout=subprocess.DEVNULL)

    def query(self, expression):
        """The samples that the expression has now."""
        return self.ask("query", query=expression)

    def query_range(self, expression, start, end, step):
        return self.ask("query_range", query=expression, start=start, end=end, step=step)

    def ask(self, what, **parameters):
        url = (f"http://127.0.0.1:{self.port}/api/v1/{what}?"
               + urllib.parse.urlencode(parameters))
        answer = json.loads(fetch(url))
        return answer["data"]["result"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


@contextlib.contextmanager
def prometheus_on(target):
    with tempfile.TemporaryDirectory(prefix="masa-prometheus.") as folder:
        prometheus = Prometheus(pathlib.Path(folder), target)
        try:
            yield prometheus
        finally:
            prometheus.stop()


def admin_of(sandbox):
    return yaml.safe_load((sandbox / "masad.yaml").read_text())["admin"]["listen"]


def queries():
    """By where it stands, each expression that must return data."""
    found = {}
    for group in make.groups()["groups"]:
        for rule in group["rules"]:
            if "record" in rule:
                face = rule.get("labels", {}).get("face", "")
                found[f"record {rule['record']} {face}"] = rule["expr"]
    for name, (_, panels) in dashboards.DASHBOARDS.items():
        for panel in panels:
            for legend, expression in panel.queries.items():
                found[f"{name}: {panel.title}: {legend}"] = expression
    return found


def named_metrics():
    expressions = list(queries().values()) + [alert.expr for alert in alerts.ALERTS]
    names = {name for expression in expressions for name in OURS.findall(expression)}
    recorded = {rule["record"].split(":")[1] for group in make.groups()["groups"]
                for rule in group["rules"] if "record" in rule}
    return names - recorded - {"masa_errors", "masa_requests"}


def exported(target):
    """Without calls of no service of ours, which a process alone has a series of."""
    text = fetch(f"http://{target}/metrics")
    return set(re.findall(r'^([a-z0-9_]+)(?!.*grpc_service="other")[{ ]', text, re.M))


def queries_here(target):
    """Those that ask for more than a sandbox like this does not have."""
    absent = ELSEWHERE - exported(target)
    return {where: expression for where, expression in queries().items()
            if not set(OURS.findall(expression)) <= absent}


def missing_metrics(target):
    return sorted(named_metrics() - exported(target) - ELSEWHERE)


def silent(prometheus, left):
    """Those that returned nothing, of the expressions in `left`."""
    return {where: expression for where, expression in left.items()
            if not prometheus.query(expression)}


def wait_until_ready(prometheus):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fetch(f"http://127.0.0.1:{prometheus.port}/-/ready")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def check(sandbox, script=()):
    target = admin_of(sandbox)
    fetch(f"http://{target}/readyz")  # what a kubelet does
    faults = [f"not exported: {name}" for name in missing_metrics(target)]
    with prometheus_on(target) as prometheus:
        wait_until_ready(prometheus)
        asked = queries_here(target)
        left, end = asked, time.monotonic() + PATIENCE
        while left and time.monotonic() < end:
            if script:
                subprocess.run(["bash", *script], stdout=subprocess.DEVNULL, check=True)
            time.sleep(1)
            left = silent(prometheus, left)
    faults += [f"no data: {where}: {expression}" for where, expression in left.items()]
    for fault in faults:
        print(fault)
    print(f"{len(asked)} queries of {len(queries())}, {len(named_metrics())} metrics, "
          f"{len(faults)} faults")
    return 1 if faults else 0
