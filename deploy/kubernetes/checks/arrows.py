"""Holds network policies against the arrows that the configurations draw.

An arrow is (from, to, protocol/port). What a configuration names as a target,
listens on or reads from a database is an arrow that policies have to allow, on
both ends where both are pods here; and they may allow no other.
"""

import ipaddress

from objects import is_loopback, of_kind, port_of, selects, workloads

# Whom policies name outside the namespace.
OUTSIDE = {
    (("kubernetes.io/metadata.name", "kube-system"), ("k8s-app", "kube-dns")):
        "DNS",
    (("kubernetes.io/metadata.name", "monitoring"),): "Prometheus",
    (("kubernetes.io/metadata.name", "cnpg-system"),): "CloudNativePG",
    (("masa.example/api-client", "true"),): "API clients",
}
DATABASE = "TCP/5432"
URLS = ("database_url_file", "migration_url_file", "retention_url_file")
# Beside the service's database, wherever that is.
BACKUP = "backup_url_file"
ANY_PORT = "TCP/any"


def pods(objects):
    """The labels of each component's pods; an operator makes a Cluster's."""
    found = {work.component: work.labels for work in workloads(objects)}
    for cluster in of_kind(objects, "Cluster"):
        found["database"] = {"cnpg.io/cluster": cluster["metadata"]["name"]}
    return found


def _peer_names(peer, known):
    if "ipBlock" in peer:
        network = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        return ["internet" if network.prefixlen == 0 else "an address"]
    if "namespaceSelector" in peer:
        labels = [pair for key in ("namespaceSelector", "podSelector")
                  for pair in (peer.get(key, {}).get("matchLabels")
                               or {}).items()]
        own = [name for name, theirs in known.items()
               if peer["namespaceSelector"] == {}
               and selects(peer.get("podSelector", {}), theirs)]
        return own + [OUTSIDE.get(tuple(labels), "strangers %s" % labels)]
    return [name for name, labels in known.items()
            if selects(peer["podSelector"], labels)] or ["nobody"]


def _rule_arrows(rule, key, known):
    names = ([name for peer in rule[key] for name in _peer_names(peer, known)]
             if key in rule else ["anyone"])
    for name in names:
        for port in rule.get("ports", [{"port": "any"}]):
            yield name, "%s/%s" % (port.get("protocol", "TCP"), port["port"])


def allowed(objects):
    """(ingress, egress): the arrows that policies let in and out."""
    known = pods(objects)
    ingress, egress = set(), set()
    for policy in of_kind(objects, "NetworkPolicy"):
        spec = policy["spec"]
        for here, labels in known.items():
            if not selects(spec["podSelector"], labels):
                continue
            for rule in spec.get("ingress") or []:
                ingress.update((other, here, port) for other, port
                               in _rule_arrows(rule, "from", known))
            for rule in spec.get("egress") or []:
                egress.update((here, other, port) for other, port
                              in _rule_arrows(rule, "to", known))
    return ingress, egress


def _service_arrow(objects, target):
    """(component, protocol/port) behind dns:///SERVICE:PORT."""
    host, port = target.rsplit("/", 1)[-1].rsplit(":", 1)
    for service in of_kind(objects, "Service"):
        if service["metadata"]["name"] != host.split(".")[0]:
            continue
        for entry in service["spec"]["ports"]:
            for work in workloads(objects):
                named = {each["name"]: each["containerPort"]
                         for each in work.pod["containers"][0].get("ports", [])}
                if (entry["port"] == int(port)
                        and selects({"matchLabels": service["spec"]["selector"]},
                                    work.labels)
                        and entry["targetPort"] in named):
                    return (work.component,
                            "TCP/%d" % named[entry["targetPort"]])
    return "no service of %s" % target, "TCP/%s" % port


def _reads_url(work, path):
    return any(path.startswith(mount["mountPath"] + "/")
               for container in work.pod["containers"]
               for mount in container["volumeMounts"])


def _serving_arrows(work, role):
    config = work.config
    if role == "edge":
        yield "anyone", "edge", "TCP/%d" % port_of(config["edge"]["listen"])
        if "status_listen" in config["edge"]:
            yield "anyone", "edge", "TCP/%d" % port_of(config["edge"]["status_listen"])
        if not config["edge"].get("fetch", {}).get("off"):
            yield "edge", "internet", "TCP/80"
            yield "edge", "internet", "TCP/443"
    if role == "authority" and "api" in config["authority"]:
        yield ("API clients", role,
               "TCP/%d" % port_of(config["authority"]["api"]["listen"]))
        for issuer in config["authority"].get("oidc", []):
            if "jwks_url" in issuer:
                yield role, "internet", "TCP/443"
    if role == "signer" and "pkcs11" in config["signer"]:
        yield role, "an address", ANY_PORT
    yield "Prometheus", role, "TCP/%d" % port_of(config["admin"]["listen"])
    # On its own loopback it is an arrow from nobody.
    rpc = config["admin"].get("rpc")
    if rpc is not None and not is_loopback(rpc["listen"]):
        yield "operators", role, "TCP/%d" % port_of(rpc["listen"])


def _client_arrows(objects, work):
    """Of masactl, which is told whom to ask."""
    for container in work.pod["containers"]:
        for word in container.get("args", []):
            if word.startswith("--server="):
                yield (work.component,) + _service_arrow(
                    objects, word.partition("=")[2])
                yield work.component, "DNS", "UDP/53"
                yield work.component, "DNS", "TCP/53"


def _arrows_of(objects, work):
    role, config = work.component, work.config
    calls = []
    if work.serves:
        yield from _serving_arrows(work, role)
        calls = [peer for peer in (config.get(role, {}).get("authority"),
                                   config.get(role, {}).get("signer"))
                 if isinstance(peer, dict) and "target" in peer]
    for peer in calls:
        yield (role,) + _service_arrow(objects, peer["target"])
    storage = config.get("storage", {})
    reads = any(_reads_url(work, storage[key]) for key in URLS
                if key in storage)
    if reads:
        yield (role, "database" if "database" in pods(objects)
               else "an address", DATABASE)
    if BACKUP in storage and _reads_url(work, storage[BACKUP]):
        yield role, "an address", DATABASE
    if reads or calls:
        yield role, "DNS", "UDP/53"
        yield role, "DNS", "TCP/53"


def drawn(objects):
    """The arrows that configurations draw, and those of CloudNativePG."""
    found = set()
    for work in workloads(objects):
        if work.config is not None:
            found.update(_arrows_of(objects, work))
        found.update(_client_arrows(objects, work))
    for _ in of_kind(objects, "Cluster"):
        found.update(
            [("database", "database", port) for port in (DATABASE, "TCP/8000")]
            + [("CloudNativePG", "database", port)
               for port in (DATABASE, "TCP/8000")]
            + [("database", "DNS", "UDP/53"), ("database", "DNS", "TCP/53"),
               ("Prometheus", "database", "TCP/9187"),
               ("database", "internet", "TCP/443"),
               ("database", "internet", "TCP/6443")])
    return found


def _without_port(arrow, arrows):
    return arrow if arrow in arrows else arrow[:2] + (ANY_PORT,)


def _differences(wanted, found, what):
    # An HSM's port stands in its own configuration, not in ours.
    found = {_without_port(arrow, wanted)
             if arrow[:2] + (ANY_PORT,) in wanted else arrow
             for arrow in found}
    for arrow in sorted(wanted - found):
        yield "no policy allows the %s of %s -> %s %s" % ((what,) + arrow)
    for arrow in sorted(found - wanted):
        yield "a policy allows the %s of %s -> %s %s, an arrow that no " \
              "configuration draws" % ((what,) + arrow)


def check_arrows(objects):
    known = pods(objects)
    ingress, egress = allowed(objects)
    wanted = drawn(objects)
    yield from _differences({arrow for arrow in wanted if arrow[1] in known},
                            ingress, "ingress")
    yield from _differences({arrow for arrow in wanted if arrow[0] in known},
                            egress, "egress")
    if not any(policy["spec"]["podSelector"] == {}
               and set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
               and not policy["spec"].get("ingress")
               and not policy["spec"].get("egress")
               for policy in of_kind(objects, "NetworkPolicy")):
        yield "no policy denies what no other allows"
