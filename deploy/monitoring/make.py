#!/usr/bin/env python3
"""Writes what Prometheus and Grafana read, from rules.py, alerts.py and
dashboards.py:

  make.py          deploy/kubernetes/components/monitoring: a PrometheusRule and
                   the dashboards
  make.py --plain  the rules as a file for a Prometheus without Kubernetes, to
                   standard output
"""

import json
import pathlib
import sys

import yaml

import alerts
import dashboards
import rules

COMPONENT = pathlib.Path(__file__).parents[1] / "kubernetes/components/monitoring"
MADE = "# Made by deploy/monitoring/make.py; change that.\n"


def groups():
    return {"groups": rules.groups() + alerts.groups()}


def text_of(value):
    return yaml.safe_dump(value, sort_keys=False, width=100)


def prometheus_rule():
    return {
        "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
        "metadata": {"name": "masa", "labels": {"release": "prometheus"}},
        "spec": groups(),
    }


def files():
    """By path, what is in it."""
    made = {COMPONENT / "rules.yaml": MADE + text_of(prometheus_rule())}
    for name in dashboards.DASHBOARDS:
        text = json.dumps(dashboards.dashboard_json(name), indent=1) + "\n"
        made[COMPONENT / "dashboards" / f"{name}.json"] = text
    return made


def main():
    if sys.argv[1:] == ["--plain"]:
        print(MADE + text_of(groups()), end="")
        return
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
