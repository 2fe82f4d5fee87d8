#!/usr/bin/env python3
"""Rules, alerts and dashboards, without and with a real Prometheus:

  monitoring_test.py             what promtool and the files say
  monitoring_test.py --live DIR [SCRIPT]
                                 a Prometheus reads a sandbox that works (its
                                 folder is DIR, its admin port in DIR/masad.yaml)
                                 and every query returns data; SCRIPT is run
                                 again and again, so that there is traffic

promtool makes a test of each alert: under one set of series it fires, under
another it does not.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

import alerts
import dashboards
import make

HERE = pathlib.Path(__file__).parent


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def expected(alert):
    rule = alert.rule()
    return {"exp_labels": {**rule["labels"], **alert.labels},
            "exp_annotations": rule["annotations"]}


def case(alert, series, fires):
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{alert.at}m", "alertname": alert.name,
                             "exp_alerts": [expected(alert)] if fires else []}],
    }


def promtool_tests(folder, cases):
    """What promtool says of the cases, for each of which it evaluates all rules."""
    (folder / "rules.yaml").write_text(make.text_of(make.groups()))
    (folder / "tests.yaml").write_text(make.text_of({
        "rule_files": ["rules.yaml"], "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in make.groups()["groups"]],
        "tests": cases}))
    return promtool("test", "rules", str(folder / "tests.yaml"))


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_are_good(self):
        path = self.folder / "rules.yaml"
        path.write_text(make.text_of(make.groups()))
        code, said = promtool("check", "rules", str(path))
        self.assertEqual(code, 0, said)

    def test_each_alert_fires_when_it_should(self):
        cases = [case(alert, alert.fires, True) for alert in alerts.ALERTS]
        code, said = promtool_tests(self.folder, cases)
        self.assertEqual(code, 0, said)

    def test_each_alert_is_quiet_when_it_should_be(self):
        cases = [case(alert, alert.quiet, False) for alert in alerts.ALERTS]
        code, said = promtool_tests(self.folder, cases)
        self.assertEqual(code, 0, said)

    def test_a_wrong_expectation_is_noticed(self):
        alert = alerts.ALERTS[0]
        code, _ = promtool_tests(self.folder, [case(alert, alert.fires, False)])
        self.assertNotEqual(code, 0)


class Files(unittest.TestCase):
    def test_are_those_that_make_py_makes(self):
        for path, text in make.files().items():
            self.assertEqual(path.read_text(), text, f"run make.py: {path}")

    def test_each_alert_has_a_page(self):
        headings = re.findall(r"^## (\w+)$", (HERE / "ALERTS.md").read_text(), re.M)
        self.assertEqual(sorted(headings), sorted(alert.name for alert in alerts.ALERTS))

    def test_alerts_name_dashboards_that_exist(self):
        for alert in alerts.ALERTS:
            name = alert.rule()["annotations"]["dashboard"].removeprefix("masa-")
            self.assertIn(name, dashboards.DASHBOARDS, alert.name)

    def test_dashboards_ask_the_data_source_that_is_chosen(self):
        for name in dashboards.DASHBOARDS:
            for panel in dashboards.dashboard_json(name)["panels"]:
                for target in panel["targets"]:
                    self.assertEqual(target["datasource"]["uid"], "${datasource}")


def main():
    if sys.argv[1:2] == ["--live"]:
        import live
        sys.exit(live.check(pathlib.Path(sys.argv[2]), sys.argv[3:4]))
    unittest.main()


if __name__ == "__main__":
    main()
